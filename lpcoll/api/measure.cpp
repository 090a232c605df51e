// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/measure.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "common/mutex.hpp"
#include "lpcoll/api/progress.hpp"
#include "lpcoll/api/start.hpp"
#include "lpcoll/tune/crossings.hpp"

namespace lpcoll::api {
namespace {

constexpr int kRounds = 5;
constexpr int64_t kMostBytes = int64_t{4} << 20;
constexpr double kMostSeconds = 30e-3;  // of each collective, then the rest is guessed
constexpr double kLongRound = 1e-3;     // seconds; of so many of these noise is small enough
constexpr int kLongRounds = 3;

// MPI's clock: under a simulated MPI the only one that says anything.
double seconds_since(double start) { return PMPI_Wtime() - start; }

struct Known {
  blasx::Mutex mutex;
  std::map<std::pair<int, int>, tune::Measured> at BLASX_GUARDED_BY(mutex);
};
Known& known() {
  static auto& k = *new Known;
  return k;
}

// One collective of one size.
struct Trial {
  Kind kind;
  std::vector<float> in, out;

  Trial(Kind of, int64_t bytes)
      : kind(of), in(static_cast<size_t>(bytes) / sizeof(float), 1.0F), out(in) {}

  Call call() {
    Call ours;
    ours.kind = kind;
    ours.send = reinterpret_cast<const std::byte*>(in.data());
    ours.recv = reinterpret_cast<std::byte*>(out.data());
    ours.count = static_cast<int64_t>(in.size());
    ours.extent = sizeof(float);
    ours.type = MPI_FLOAT;
    ours.op = MPI_SUM;
    if (kind == Kind::Bcast) {
      ours.send = ours.recv;
      ours.count *= ours.extent;
      ours.extent = 1;
      ours.type = MPI_BYTE;
    }
    return ours;
  }

  void mpis(MPI_Comm comm) {
    const auto count = static_cast<int>(in.size());
    if (kind == Kind::Bcast)
      PMPI_Bcast(out.data(), count, MPI_FLOAT, 0, comm);
    else if (kind == Kind::Reduce)
      PMPI_Reduce(in.data(), out.data(), count, MPI_FLOAT, MPI_SUM, 0, comm);
    else
      PMPI_Allreduce(in.data(), out.data(), count, MPI_FLOAT, MPI_SUM, comm);
  }
};

// Seconds of this rank.
template <typename Way>
double time_once(Communicator& state, Trial& trial, Way&& way) {
  // What was sent before may lie in others' caches; programs send what they have just written.
  std::fill(trial.in.begin(), trial.in.end(), 1.0F);
  if (trial.kind == Kind::Bcast && state.rank == 0)
    std::fill(trial.out.begin(), trial.out.end(), 1.0F);
  PMPI_Barrier(state.comm);
  const double start = PMPI_Wtime();
  way();
  return seconds_since(start);
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// All ways in turns; of each the median of what the slowest rank took. Not the least: a way on which ranks wait for each other more
// often has more luck in it.
tune::Timed time_all(Communicator& state, Kind kind, int64_t bytes, const tune::Choice& choice) {
  Trial trial(kind, bytes);
  tune::Choice slots = choice, direct = choice;
  slots.way = tune::NodeWay::Slots;
  direct.way = tune::NodeWay::Direct;
  const bool has_direct = choice.transport == tune::Transport::Shm && state.node->reaches_all();
  const auto by = [&](const tune::Choice& way) {
    return time_once(state, trial, [&] { carry_out(*begin(state, way, trial.call())); });
  };
  std::vector<double> of_slots, of_direct, of_mpi;
  for (int round = 0; round < kRounds; ++round) {
    const double mine[] = {by(slots),
                           has_direct ? by(direct) : std::numeric_limits<double>::infinity(),
                           time_once(state, trial, [&] { trial.mpis(state.comm); })};
    // Also known to all: a broadcast's root may be done before the others have begun.
    double slowest[3] = {};
    PMPI_Allreduce(mine, slowest, 3, MPI_DOUBLE, MPI_MAX, state.comm);
    of_slots.push_back(slowest[0]);
    of_direct.push_back(slowest[1]);
    of_mpi.push_back(slowest[2]);
    if (round + 1 >= kLongRounds && slowest[0] + slowest[2] > kLongRound) break;
  }
  return {bytes, median(of_slots), median(of_direct), median(of_mpi)};
}

bool out_of_time(Communicator& state, double begun) {
  const double spent = seconds_since(begun);
  double longest = 0;
  PMPI_Allreduce(&spent, &longest, 1, MPI_DOUBLE, MPI_MAX, state.comm);
  return longest > kMostSeconds;
}

// From the assumed crossover upwards for as long as there is time. Empty where no size is taken whatever the times.
std::vector<tune::Timed> time_sizes(Communicator& state, tune::Collective collective,
                                    int64_t from) {
  const double begun = PMPI_Wtime();
  std::vector<tune::Timed> times;
  for (int64_t bytes = from; bytes <= kMostBytes; bytes *= 2) {
    const tune::Facts facts{collective,
                            bytes,
                            state.size,
                            state.hosts,
                            state.node != nullptr,
                            {{}, {}, state.measured.link}};
    const tune::Choice choice = tune::choose(facts, state.settings);
    if (choice.transport == tune::Transport::None) return {};
    times.push_back(time_all(state, static_cast<Kind>(collective), bytes, choice));
    if (out_of_time(state, begun)) break;
  }
  return times;
}

// What wins at the end is taken to win beyond; where ours has not won by then, it is tried again well above. A size at which ours loses
// is measured again before it is left to MPI for good: the ranks may have been in each other's way for a while.
void measure_crossings(Communicator& state, tune::Collective collective) {
  const int64_t assumed = tune::assumed_crossovers(state.size, state.hosts).of(collective);
  int64_t& taken = state.measured.crossovers.of(collective);
  taken = assumed;
  std::vector<tune::Timed> times = time_sizes(state, collective, assumed);
  if (times.empty()) return;
  tune::Crossings found = tune::crossings_of(times);
  if (found.taken > assumed) {
    tune::keep_best(times, time_sizes(state, collective, assumed));
    found = tune::crossings_of(times);
  }
  const int64_t last = times.back().bytes;
  taken = found.taken != tune::kNever ? found.taken : last < kMostBytes ? last * 4 : last * 2;
  state.measured.direct.of(collective) = found.direct;
}

struct Neighbours {
  int next, before;
};
Neighbours neighbours(const Communicator& state) {
  const auto place = static_cast<size_t>(
      std::find(state.circle.begin(), state.circle.end(), state.rank) - state.circle.begin());
  const size_t ranks = state.circle.size();
  return {state.circle[(place + 1) % ranks], state.circle[(place + ranks - 1) % ranks]};
}

// Seconds until a small message is there: each rank sends one on when one has come, all round the circle at once.
double hop(Communicator& state) {
  constexpr int kTimes = 16;
  const auto [next, before] = neighbours(state);
  const int tag = state.next_tag();
  char out = 0, in = 0;
  const double start = PMPI_Wtime();
  for (int i = 0; i < kTimes; ++i)
    PMPI_Sendrecv(&out, 1, MPI_BYTE, next, tag, &in, 1, MPI_BYTE, before, tag, state.comm,
                  MPI_STATUS_IGNORE);
  return seconds_since(start) / kTimes;
}

// Seconds to send `messages` of `bytes` to the next rank on the circle while as many come from the one before: all ports are busy, as
// in a pipeline.
double stream(Communicator& state, int messages, int bytes, std::vector<std::byte>& memory) {
  const auto [next, before] = neighbours(state);
  std::vector<MPI_Request> requests(static_cast<size_t>(messages) * 2);
  const int tag = state.next_tag();
  const double start = PMPI_Wtime();
  for (int i = 0; i < messages; ++i) {
    const auto at = static_cast<size_t>(i);
    PMPI_Irecv(memory.data() + at * static_cast<size_t>(bytes), bytes, MPI_BYTE, before, tag,
               state.comm, &requests[at * 2]);
    PMPI_Isend(memory.data() + memory.size() / 2, bytes, MPI_BYTE, next, tag, state.comm,
               &requests[at * 2 + 1]);
  }
  // One by one: an MPI that looks at all that are left each time takes the square of their number.
  for (MPI_Request& request : requests) PMPI_Wait(&request, MPI_STATUS_IGNORE);
  return seconds_since(start);
}

tune::Link link_of(Communicator& state) {
  constexpr int kFew = 8, kMany = 32;
  constexpr int kSmall = 64, kLarge = 32 << 10;
  // Received into the first half, sent from the second.
  std::vector<std::byte> memory(size_t{2} * kFew * kLarge);
  PMPI_Barrier(state.comm);
  double crossing = hop(state);
  for (int round = 1; round < kRounds; ++round) crossing = std::min(crossing, hop(state));
  stream(state, kFew, kSmall, memory);
  double alpha = stream(state, kMany, kSmall, memory);
  for (int round = 1; round < kRounds; ++round)
    alpha = std::min(alpha, stream(state, kMany, kSmall, memory));
  alpha /= kMany;
  const double large = stream(state, kFew, kLarge, memory) / kFew;
  std::vector<float> sum(size_t{1} << 16, 1.0F), more(sum);
  double gamma = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    const double start = PMPI_Wtime();
    PMPI_Reduce_local(more.data(), sum.data(), static_cast<int>(sum.size()), MPI_FLOAT, MPI_SUM);
    gamma =
        std::min(gamma, seconds_since(start) / (static_cast<double>(sum.size()) * sizeof(float)));
  }
  const double mine[] = {alpha, std::max(large - alpha, 0.1 * large) / kLarge, gamma,
                         std::max(0.0, crossing - alpha)};
  double worst[4] = {};
  PMPI_Allreduce(mine, worst, 4, MPI_DOUBLE, MPI_MAX, state.comm);
  return {worst[0], worst[1], worst[2], worst[3]};
}

}  // namespace

void measure_link(Communicator& state) {
  if (state.hosts > 1 && state.measured.link.beta == 0) state.measured.link = link_of(state);
}

void measure(Communicator& state, tune::Collective collective) {
  progress().before_waiting(state);
  measure_link(state);
  measure_crossings(state, collective);
  Known& k = known();
  const blasx::MutexLock lock(k.mutex);
  k.at[{state.size, state.hosts}] = state.measured;
}

tune::Measured what_is_known(int ranks, int hosts) {
  Known& k = known();
  const blasx::MutexLock lock(k.mutex);
  const auto found = k.at.find({ranks, hosts});
  return found == k.at.end() ? tune::Measured{} : found->second;
}

}  // namespace lpcoll::api
