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

namespace lpcoll::api {
namespace {

constexpr int kRounds = 5;
// The MPI underneath has to be this much faster for what is assumed to be given up: noise is not to decide.
constexpr double kMargin = 1.05;
constexpr int64_t kMostBytes = int64_t{4} << 20;
constexpr double kMostSeconds = 20e-3;  // of each collective, then the rest is guessed
constexpr double kLongRound = 1e-3;     // of two of these noise is small enough

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

struct Times {
  double ours = 0, mpis = 0;
  double spent = 0;  // on measuring so far
};

// Both ways in turns; the fastest of each, of the slowest rank.
Times time_both(Communicator& state, Kind kind, std::vector<float>& in, std::vector<float>& out,
                const tune::Choice& choice, double begun) {
  const auto count = static_cast<int>(in.size());
  Call ours;
  ours.kind = kind;
  ours.send = reinterpret_cast<const std::byte*>(in.data());
  ours.recv = reinterpret_cast<std::byte*>(out.data());
  ours.count = count;
  ours.extent = sizeof(float);
  ours.type = MPI_FLOAT;
  ours.op = MPI_SUM;
  if (kind == Kind::Bcast) {
    ours.send = ours.recv;
    ours.count = count * ours.extent;
    ours.extent = 1;
    ours.type = MPI_BYTE;
  }
  Times best{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(), 0};
  for (int round = 0; round < kRounds; ++round) {
    PMPI_Barrier(state.comm);
    double start = PMPI_Wtime();
    carry_out(*begin(state, choice, ours));
    best.ours = std::min(best.ours, seconds_since(start));
    PMPI_Barrier(state.comm);
    start = PMPI_Wtime();
    if (kind == Kind::Bcast)
      PMPI_Bcast(out.data(), count, MPI_FLOAT, 0, state.comm);
    else
      PMPI_Allreduce(in.data(), out.data(), count, MPI_FLOAT, MPI_SUM, state.comm);
    best.mpis = std::min(best.mpis, seconds_since(start));
    // Known to all: a broadcast's root may be done before the others have begun.
    double round_seconds = best.ours + best.mpis;
    PMPI_Bcast(&round_seconds, 1, MPI_DOUBLE, state.size - 1, state.comm);
    if (round > 0 && round_seconds > kLongRound) break;
  }
  best.spent = seconds_since(begun);
  Times worst;
  PMPI_Allreduce(&best, &worst, 3, MPI_DOUBLE, MPI_MAX, state.comm);
  return worst;
}

// The size from which ours was never the slower one, from the assumed crossover upwards for as long as there is time. Not the first
// one that it wins: MPIs change their way with the size.
int64_t crossover_of(Communicator& state, tune::Collective collective, int64_t assumed) {
  const double begun = PMPI_Wtime();
  const Kind kind = collective == tune::Collective::Bcast ? Kind::Bcast : Kind::Allreduce;
  int64_t from = 0;
  for (int64_t bytes = assumed; bytes <= kMostBytes; bytes *= 2) {
    const tune::Facts facts{collective,
                            bytes,
                            state.size,
                            state.hosts,
                            state.node != nullptr,
                            {{}, state.measured.link}};
    const tune::Choice choice = tune::choose(facts, state.settings);
    if (choice.transport == tune::Transport::None) return assumed;
    std::vector<float> in(static_cast<size_t>(bytes) / sizeof(float), 1.0F), out(in);
    const Times times = time_both(state, kind, in, out, choice, begun);
    const bool wins = times.ours <= times.mpis * kMargin;
    if (!wins || from == 0) from = wins ? bytes : 0;
    if (times.spent > kMostSeconds) return from != 0 ? from : bytes * 4;
  }
  return from != 0 ? from : kMostBytes * 2;
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
  PMPI_Barrier(state.comm);
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
  PMPI_Barrier(state.comm);
  const double start = PMPI_Wtime();
  for (int i = 0; i < messages; ++i) {
    const auto at = static_cast<size_t>(i);
    PMPI_Irecv(memory.data() + at * static_cast<size_t>(bytes), bytes, MPI_BYTE, before, tag,
               state.comm, &requests[at * 2]);
    PMPI_Isend(memory.data() + memory.size() / 2, bytes, MPI_BYTE, next, tag, state.comm,
               &requests[at * 2 + 1]);
  }
  PMPI_Waitall(messages * 2, requests.data(), MPI_STATUSES_IGNORE);
  return seconds_since(start);
}

tune::Link link_of(Communicator& state) {
  constexpr int kFew = 8, kMany = 32;
  constexpr int kSmall = 64, kLarge = 32 << 10;
  // Received into the first half, sent from the second.
  std::vector<std::byte> memory(size_t{2} * kFew * kLarge);
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
  double crossing = hop(state);
  for (int round = 1; round < kRounds; ++round) crossing = std::min(crossing, hop(state));
  const double mine[] = {alpha, std::max(large - alpha, 0.1 * large) / kLarge, gamma,
                         std::max(0.0, crossing - alpha)};
  double worst[4] = {};
  PMPI_Allreduce(mine, worst, 4, MPI_DOUBLE, MPI_MAX, state.comm);
  return {worst[0], worst[1], worst[2], worst[3]};
}

}  // namespace

void measure(Communicator& state) {
  if (state.hosts > 1) state.measured.link = link_of(state);
  const tune::Crossovers assumed = tune::assumed_crossovers(state.size, state.hosts);
  state.measured.crossovers = {crossover_of(state, tune::Collective::Bcast, assumed.bcast),
                               crossover_of(state, tune::Collective::Allreduce, assumed.reduction)};
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
