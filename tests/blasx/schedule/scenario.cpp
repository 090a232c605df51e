// SPDX-License-Identifier: Apache-2.0
#include "tests/blasx/schedule/scenario.hpp"

#include <algorithm>
#include <sstream>

namespace blasx::schedule {
namespace {

constexpr double kHomeRate = 2;

void* address(int number) { return reinterpret_cast<void*>(uintptr_t{1} << (20 + number)); }

bool square(Routine r) {
  return r == Routine::Gemmt || r == Routine::Syrk || r == Routine::Herk || r == Routine::Syr2k ||
         r == Routine::Her2k;
}

class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_(random) {}
  int64_t roll(int64_t n) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(n)); }
  double pick(std::initializer_list<double> values) {
    return *(values.begin() + roll(static_cast<int64_t>(values.size())));
  }

 private:
  std::mt19937_64& random_;
};

}  // namespace

DeviceSpec arena(int32_t blocks, int32_t streams) {
  DeviceSpec spec;
  spec.streams = streams;
  spec.blocks = blocks;
  return spec;
}

DeviceSpec processor(int32_t streams) {
  DeviceSpec spec;
  spec.memory = Memory::Home;
  spec.streams = streams;
  return spec;
}

Scenario scenario_of(Routine routine, int64_t mt, int64_t nt, int64_t kt) {
  Scenario s;
  s.call.routine = routine;
  s.call.m = mt;
  s.call.n = nt;
  s.call.k = kt;
  s.call.lda = s.call.ldb = s.call.ldc = std::max({mt, nt, kt});
  s.call.a = address(0);
  s.call.b = address(1);
  s.call.c = address(2);
  s.call.uplo = Uplo::Lower;
  s.shape = {1, 1, 1};
  s.rates = {0};
  return s;
}

void add_device(Scenario& s, const DeviceSpec& device, double peer_rate) {
  s.devices.push_back(device);
  const size_t side = s.devices.size() + 1;
  s.rates.assign(side * side, 0);
  for (size_t i = 0; i < side; ++i) {
    for (size_t j = 0; j < side; ++j) {
      const bool possible = i != j && (i == 0 || s.devices[i - 1].memory == Memory::Arena) &&
                            (j == 0 || s.devices[j - 1].memory == Memory::Arena);
      if (possible) s.rates[i * side + j] = i == 0 || j == 0 ? kHomeRate : peer_rate;
    }
  }
}

Scenario random_scenario(std::mt19937_64& random) {
  Dice dice(random);
  Scenario s = scenario_of(static_cast<Routine>(dice.roll(kRoutineCount)), 1 + dice.roll(24),
                           1 + dice.roll(24), 1 + dice.roll(24));
  s.call.side = static_cast<Side>(dice.roll(2));
  s.call.uplo = static_cast<Uplo>(dice.roll(2));
  s.call.trans_a = static_cast<Op>(dice.roll(3));
  s.call.trans_b = static_cast<Op>(dice.roll(3));
  if (square(s.call.routine)) s.call.n = s.call.m;
  s.call.lda = s.call.ldb = s.call.ldc = 24;
  s.call.alpha = dice.roll(16) == 0 ? 0.0 : 1.0;
  s.call.beta = static_cast<double>(dice.roll(2));
  if (dice.roll(4) == 0) s.call.b = s.call.a;
  s.shape = {3 + dice.roll(6), 3 + dice.roll(6), 3 + dice.roll(6)};
  if (dice.roll(3) == 0) {
    s.shape.fine_from = dice.roll(24);
    s.shape.fine = 1 + dice.roll(3);
  }
  s.shape.near_first = dice.roll(2) == 0;

  const int64_t arenas = 1 + dice.roll(dice.roll(3) == 0 ? 8 : 3);
  for (int64_t i = 0; i < arenas; ++i) {
    DeviceSpec d = arena(0, static_cast<int32_t>(1 + dice.roll(4)));
    d.blocks = static_cast<int32_t>(dice.roll(20) == 0 ? dice.roll(3)
                                                       : 3 + dice.roll(dice.roll(2) == 0 ? 4 : 38));
    d.units = static_cast<int32_t>(dice.roll(3));
    if (dice.roll(2) == 0) d.tasks = static_cast<int32_t>(1 + dice.roll(30));
    s.devices.push_back(d);
  }
  if (dice.roll(3) == 0) {
    s.devices.push_back(processor(static_cast<int32_t>(1 + dice.roll(3))));
    s.devices.back().spare = dice.roll(2) == 0;
  }
  const bool rates_known = dice.roll(2) == 0;
  for (DeviceSpec& d : s.devices) {
    if (rates_known) d.operations_per_second = dice.pick({1, 1, 10, 100});
  }
  const size_t side = s.devices.size() + 1;
  s.rates.assign(side * side, 0);
  for (size_t i = 0; i < side; ++i) {
    for (size_t j = 0; j < side; ++j) {
      const bool possible = i != j && (i == 0 || s.devices[i - 1].memory == Memory::Arena) &&
                            (j == 0 || s.devices[j - 1].memory == Memory::Arena);
      if (!possible) continue;
      s.rates[i * side + j] = i == 0 || j == 0 ? kHomeRate : dice.pick({0, 1, 2, 3, 4});
    }
  }
  return s;
}

Scenario tight_scenario(std::mt19937_64& random) {
  Scenario s = random_scenario(random);
  Dice dice(random);
  s.call.m = 6 + dice.roll(10);
  s.call.n = square(s.call.routine) ? s.call.m : 6 + dice.roll(10);
  s.call.k = 1 + dice.roll(16);
  s.call.alpha = 1.0;
  s.shape = {1 + dice.roll(2), 1 + dice.roll(2), 1 + dice.roll(2)};
  s.shape.near_first = dice.roll(8) != 0;
  const tile::Form form = s.graph().grid().form;
  if (!tile::is_chain(form) && s.call.routine != Routine::Symm && s.call.routine != Routine::Hemm &&
      dice.roll(3) == 0) {
    s.shape = {4, 4, 1};
    s.call.m *= 3;
    s.call.n *= 3;
    s.shape.thin = true;
  }
  s.call.lda = s.call.ldb = s.call.ldc = 48;
  s.devices.clear();
  s.rates = {0};
  const int64_t arenas = 1 + dice.roll(2);
  for (int64_t i = 0; i < arenas; ++i) {
    DeviceSpec d =
        arena(static_cast<int32_t>(12 + dice.roll(40)), static_cast<int32_t>(1 + dice.roll(3)));
    d.tasks = static_cast<int32_t>(8 + dice.roll(40));
    if (s.shape.thin) {
      d.outputs = static_cast<int32_t>(1 + dice.roll(20));
      d.blocks = d.outputs + static_cast<int32_t>(2 + dice.roll(30));
    }
    add_device(s, d);
  }
  if (dice.roll(4) == 0) add_device(s, processor());
  return s;
}

std::string scenario_text(const Scenario& s) {
  std::ostringstream out;
  const BlasCall& c = s.call;
  out << "call " << static_cast<int>(c.routine) << ' ' << static_cast<int>(c.side) << ' '
      << static_cast<int>(c.uplo) << ' ' << static_cast<int>(c.trans_a) << ' '
      << static_cast<int>(c.trans_b) << ' ' << c.m << ' ' << c.n << ' ' << c.k << ' '
      << c.alpha.real() << ' ' << c.beta.real() << ' ' << (c.a == c.b ? 1 : 0) << ' ' << c.ldc
      << "\ntile " << s.shape.m << ' ' << s.shape.n << ' ' << s.shape.k << ' ' << s.shape.fine_from
      << ' ' << s.shape.fine << ' ' << s.shape.near_first << ' ' << s.shape.thin << '\n';
  for (const DeviceSpec& d : s.devices) {
    out << "device " << (d.memory == Memory::Arena ? "arena " : "home ") << d.streams << ' '
        << d.blocks << ' ' << (d.spare ? 1 : 0) << ' ' << d.operations_per_second << ' ' << d.units
        << ' ' << d.tasks << ' ' << d.outputs << '\n';
  }
  out << "rates";
  for (const double r : s.rates) out << ' ' << r;
  out << '\n';
  return out.str();
}

Scenario parse_scenario(const std::string& text) {
  Scenario s = scenario_of(Routine::Gemm, 1, 1, 1);
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string what;
    words >> what;
    if (what == "call") {
      int routine = 0, side = 0, uplo = 0, trans_a = 0, trans_b = 0, same = 0;
      double alpha = 0, beta = 0;
      words >> routine >> side >> uplo >> trans_a >> trans_b >> s.call.m >> s.call.n >> s.call.k >>
          alpha >> beta >> same >> s.call.ldc;
      s.call.routine = static_cast<Routine>(routine);
      s.call.side = static_cast<Side>(side);
      s.call.uplo = static_cast<Uplo>(uplo);
      s.call.trans_a = static_cast<Op>(trans_a);
      s.call.trans_b = static_cast<Op>(trans_b);
      s.call.alpha = alpha;
      s.call.beta = beta;
      if (same != 0) s.call.b = s.call.a;
      s.call.lda = s.call.ldb = s.call.ldc;
    } else if (what == "tile") {
      words >> s.shape.m >> s.shape.n >> s.shape.k >> s.shape.fine_from >> s.shape.fine >>
          s.shape.near_first >> s.shape.thin;
    } else if (what == "device") {
      DeviceSpec d;
      std::string memory;
      words >> memory >> d.streams >> d.blocks >> d.spare >> d.operations_per_second >> d.units >>
          d.tasks >> d.outputs;
      d.memory = memory == "home" ? Memory::Home : Memory::Arena;
      s.devices.push_back(d);
    } else if (what == "rates") {
      s.rates.clear();
      for (double r = 0; words >> r;) s.rates.push_back(r);
    }
  }
  return s;
}

}  // namespace blasx::schedule
