// SPDX-License-Identifier: Apache-2.0
// Random machines, graphs and interleavings of completions, failures and losses, checked against the model machine.
// BLASX_TEST_SEED=n runs one case; BLASX_TEST_SECONDS=n runs for so long.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

#include "blasx/schedule/scheduler.hpp"
#include "tests/blasx/schedule/model_machine.hpp"
#include "tests/blasx/schedule/replay.hpp"

namespace blasx::schedule {
namespace {

class Case {
 public:
  explicit Case(uint64_t seed) : random_(seed) {}

  // Runs to the end; throws what went wrong. Returns the number of events.
  int64_t run() {
    const tile::TaskGraph graph = random_graph();
    const std::vector<DeviceSpec> specs = random_devices();
    const std::vector<double> rates = random_links(specs);
    ModelMachine machine(graph, specs);
    Scheduler scheduler(graph, specs, {static_cast<int32_t>(specs.size()), rates.data()});
    const double failure = pick({0.0, 0.0, 0.01, 0.1});
    const double loss = pick({0.0, 0.0, 0.003, 0.03});
    const bool check = roll(8) == 0 || std::getenv("BLASX_TEST_SEED") != nullptr;

    scheduler.start();
    std::vector<Command> commands;
    int64_t count = 0;
    while (true) {
      scheduler.take_commands(commands);
      machine.issue(commands);
      if (check) scheduler.check_invariants();
      if (scheduler.finished() || scheduler.exhausted()) break;
      if (machine.outstanding() == 0) throw std::runtime_error("nothing under way, nothing done");
      const Event event = next_event(machine, specs, failure, loss);
      events_ += event_text(event) + "\n";
      scheduler.on(event);
      ++count;
    }
    if (scheduler.exhausted()) {
      for (size_t d = 0; d < specs.size(); ++d) {
        const bool too_small = specs[d].memory == Memory::Arena && specs[d].blocks < 3;
        // A device whose operations fail again and again is given up too.
        if (!machine.is_lost(DeviceId{static_cast<int32_t>(d)}) && !too_small && failure == 0) {
          throw std::runtime_error("gave up with a usable device");
        }
      }
      if (machine.outstanding() != 0) throw std::runtime_error("gave up with operations left");
    } else {
      machine.check_complete();
    }
    scheduler.check_invariants();
    return count;
  }

  const std::string& events() const { return events_; }

 private:
  int64_t roll(int64_t n) { return std::uniform_int_distribution<int64_t>(0, n - 1)(random_); }
  bool chance(double p) { return std::uniform_real_distribution<double>(0, 1)(random_) < p; }
  double pick(std::initializer_list<double> values) {
    return *(values.begin() + roll(static_cast<int64_t>(values.size())));
  }

  tile::TaskGraph random_graph() {
    BlasCall call;
    call.routine = static_cast<Routine>(roll(kRoutineCount));
    call.side = static_cast<Side>(roll(2));
    call.uplo = static_cast<Uplo>(roll(2));
    call.trans_a = static_cast<Op>(roll(3));
    call.trans_b = static_cast<Op>(roll(3));
    call.m = 1 + roll(24);
    const bool square = call.routine == Routine::Gemmt || call.routine == Routine::Syrk ||
                        call.routine == Routine::Herk || call.routine == Routine::Syr2k ||
                        call.routine == Routine::Her2k;
    call.n = square ? call.m : 1 + roll(24);
    call.k = 1 + roll(24);
    call.alpha = roll(16) == 0 ? 0.0 : 1.0;
    call.beta = static_cast<double>(roll(2));
    // Addresses that are never used, far enough apart.
    call.a = reinterpret_cast<void*>(uintptr_t{1} << 20);
    call.b = roll(4) == 0 ? call.a : reinterpret_cast<void*>(uintptr_t{1} << 21);
    call.c = reinterpret_cast<void*>(uintptr_t{1} << 22);
    call.lda = call.ldb = call.ldc = 24;
    return {call, {1 + roll(6) + 2, 1 + roll(6) + 2, 1 + roll(6) + 2}};
  }

  std::vector<DeviceSpec> random_devices() {
    std::vector<DeviceSpec> specs(static_cast<size_t>(1 + roll(roll(3) == 0 ? 8 : 3)));
    for (DeviceSpec& s : specs) {
      s.streams = static_cast<int32_t>(1 + roll(4));
      s.blocks = static_cast<int32_t>(roll(20) == 0 ? roll(3) : 3 + roll(roll(2) == 0 ? 4 : 38));
      s.operations_per_second = pick({0, 1, 1, 10});
    }
    if (roll(3) == 0) {
      DeviceSpec processor;
      processor.memory = Memory::Home;
      processor.streams = static_cast<int32_t>(1 + roll(3));
      processor.spare = roll(2) == 0;
      processor.operations_per_second = pick({0, 1, 1, 10});
      specs.push_back(processor);
    }
    return specs;
  }

  std::vector<double> random_links(const std::vector<DeviceSpec>& specs) {
    const size_t side = specs.size() + 1;
    std::vector<double> rates(side * side, 0);
    for (size_t i = 0; i < side; ++i) {
      for (size_t j = 0; j < side; ++j) {
        const bool arenas = (i == 0 || specs[i - 1].memory == Memory::Arena) &&
                            (j == 0 || specs[j - 1].memory == Memory::Arena);
        if (i != j && arenas) rates[i * side + j] = i == 0 || j == 0 ? 2 : pick({0, 1, 2, 3, 4});
      }
    }
    return rates;
  }

  Event next_event(ModelMachine& machine, const std::vector<DeviceSpec>& specs, double failure,
                   double loss) {
    if (chance(loss)) {
      const auto d = static_cast<size_t>(roll(static_cast<int64_t>(specs.size())));
      // The processor is not lost: it would take the program with it.
      if (specs[d].memory == Memory::Arena) {
        machine.lose(DeviceId{static_cast<int32_t>(d)});
        if (roll(2) == 0) return DeviceLost{DeviceId{static_cast<int32_t>(d)}};
      }
    }
    const std::vector<OpId> ops = machine.answerable();
    const OpId op = ops[static_cast<size_t>(roll(static_cast<int64_t>(ops.size())))];
    // A lost device may still tell of what it had done before.
    const bool in_the_way = machine.obstacle(op) != DeviceId::Home;
    if (in_the_way ? roll(4) != 0 : chance(failure)) return machine.fail(op);
    return machine.finish(op);
  }

  std::mt19937_64 random_;
  std::string events_;
};

int64_t environment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoll(text) : otherwise;
}

void run_case(uint64_t seed, int64_t& events) {
  Case c(seed);
  try {
    events += c.run();
  } catch (const std::exception& e) {
    FAIL() << e.what() << "\nreproduce: BLASX_TEST_SEED=" << seed << "\nevents so far:\n"
           << c.events();
  }
}

TEST(SchedulerProperties, EveryInterleavingEndsWithEveryTileWrittenOnce) {
  int64_t events = 0, cases = 0;
  const int64_t one = environment("BLASX_TEST_SEED", -1);
  if (one >= 0) {
    run_case(static_cast<uint64_t>(one), events);
    return;
  }
  // By number, so that every run is the same; by the clock only when asked for.
  const int64_t seconds = environment("BLASX_TEST_SECONDS", 0);
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t seed = 0;; ++seed) {
    if (seconds == 0 ? cases >= 120000
                     : std::chrono::steady_clock::now() - start > std::chrono::seconds(seconds)) {
      break;
    }
    run_case(seed, events);
    ++cases;
    if (HasFatalFailure()) return;
  }
  std::cout << cases << " cases, " << events << " events\n";
}

TEST(Replay, TextAndEventsAgree) {
  const std::string text = "done 5\nfailed 6 lost 1\nfailed 7\nlost 0\n";
  std::string again;
  for (const Event& e : parse_events(text)) again += event_text(e) + "\n";
  EXPECT_EQ(again, text);
}

}  // namespace
}  // namespace blasx::schedule
