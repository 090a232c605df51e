// SPDX-License-Identifier: Apache-2.0
// lpcoll_simulated: what collectives take on a network that is simulated (SimGrid's SMPI), one line of CSV a case. Started by run.py:
//   smpirun ... lpcoll_simulated broadcast,allreduce 1M,64M lp,chain,chains:4,ring,trees,mpi [check]
// "lp" calls LP_* as programs do; the others but "mpi" are that way forced. With "check" every value is looked at; without, all
// buffers are the same memory.
#include <fmt/format.h>
#include <lpcoll/lpcoll.h>
#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <smpi/smpi.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "common/parse.hpp"
#include "lpcoll/api/communicator.hpp"
#include "lpcoll/api/measure.hpp"
#include "lpcoll/api/progress.hpp"
#include "lpcoll/api/start.hpp"

namespace {

using lpcoll::tune::Choice;
using lpcoll::tune::Collective;
using lpcoll::tune::Facts;
using lpcoll::tune::Transport;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

struct Case {
  bool bcast = true;
  int count = 0;  // floats
  std::string way;
};

class Simulation {
 public:
  // The library's state is needed for its own ways alone.
  Simulation(lpcoll::api::Communicator* state, bool checked) : state_(state), checked_(checked) {
    PMPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    PMPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  // On all ranks; false: this rank has seen a wrong value.
  bool run(const Case& what) {
    const auto bytes = static_cast<size_t>(what.count) * sizeof(float);
    const Choice choice = choice_of(what);
    // The same messages take the same time.
    if (!checked_ && is_what_lp_did(what, choice)) {
      if (rank_ == 0) print(what, choice, of_lp_.seconds);
      return true;
    }
    float* in = memory(bytes);
    float* out = memory(bytes);
    if (checked_) {
      for (int i = 0; i < what.count; ++i)
        (what.bcast ? out : in)[i] = static_cast<float>(rank_ + i % 256);
    }
    const double start = start_together();
    const int code = call(what, choice, in, out);
    const double seconds = simgrid_get_clock() - start;
    double slowest = 0;
    PMPI_Allreduce(&seconds, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    const bool right = code == MPI_SUCCESS && (!checked_ || is_right(what, out));
    give_back(in);
    give_back(out);
    if (what.way == "lp") of_lp_ = {what, choice, slowest};
    if (rank_ == 0) print(what, choice, slowest);
    return right;
  }

 private:
  float* memory(size_t bytes) const {
    return static_cast<float*>(checked_ ? std::malloc(bytes) : SMPI_SHARED_MALLOC(bytes));
  }
  void give_back(float* memory) const {
    if (checked_)
      std::free(memory);
    else
      SMPI_SHARED_FREE(memory);
  }

  Facts facts_of(const Case& what) const {
    return {what.bcast ? Collective::Bcast : Collective::Allreduce,
            int64_t{what.count} * int64_t{sizeof(float)},
            state_->size,
            state_->hosts,
            state_->node != nullptr,
            state_->measured};
  }

  // Programs get what this way is.
  bool is_what_lp_did(const Case& what, const Choice& choice) const {
    if (what.way == "lp" || what.bcast != of_lp_.what.bcast || what.count != of_lp_.what.count)
      return false;
    const Choice& lps = of_lp_.choice;
    if (what.way == "mpi") return lps.transport == Transport::None;
    return lps.transport == choice.transport && lps.trees == choice.trees &&
           lps.chains == choice.chains && lps.segment == choice.segment;
  }

  // What the library does, or the way that is forced with the segment that suits it.
  Choice choice_of(const Case& what) const {
    if (what.way == "mpi") return {};
    if (what.way == "lp") {
      const Facts facts = facts_of(what);
      if (lpcoll::tune::wants_measuring(facts, state_->settings))
        lpcoll::api::measure(*state_, facts.collective);
      return lpcoll::tune::choose(facts_of(what), state_->settings);
    }
    int chains = 1;
    if (what.way == "ring") chains = size_;
    if (what.way.starts_with("chains:")) chains = std::atoi(what.way.c_str() + 7);
    return lpcoll::tune::forced(facts_of(what), state_->settings, chains, what.way == "trees");
  }

  // Seconds at which all ranks begin: a barrier would let them go one after another.
  static double start_together() {
    const double now = simgrid_get_clock();
    double latest = 0;
    PMPI_Allreduce(&now, &latest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    sg_actor_sleep_until(latest + 1);
    return simgrid_get_clock();
  }

  int call(const Case& what, const Choice& choice, float* in, float* out) {
    if (what.way == "mpi")
      return what.bcast ? PMPI_Bcast(out, what.count, MPI_FLOAT, 0, MPI_COMM_WORLD)
                        : PMPI_Allreduce(in, out, what.count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    if (what.way == "lp")
      return what.bcast ? LP_Bcast(out, what.count, MPI_FLOAT, 0, MPI_COMM_WORLD)
                        : LP_Allreduce(in, out, what.count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    lpcoll::Call call;
    call.kind = what.bcast ? lpcoll::Kind::Bcast : lpcoll::Kind::Allreduce;
    call.recv = reinterpret_cast<std::byte*>(out);
    call.send = what.bcast ? call.recv : reinterpret_cast<std::byte*>(in);
    call.count = what.count;
    call.extent = sizeof(float);
    call.type = MPI_FLOAT;
    call.op = MPI_SUM;
    if (what.bcast) {
      call.count *= call.extent;
      call.extent = 1;
      call.type = MPI_BYTE;
    }
    return lpcoll::api::carry_out(*lpcoll::api::begin(*state_, choice, call));
  }

  bool is_right(const Case& what, const float* out) const {
    const auto n = static_cast<float>(what.bcast ? 1 : size_);
    const float base = what.bcast ? 0 : n * (n - 1) / 2;
    for (int i = 0; i < what.count; ++i) {
      if (out[i] == base + n * static_cast<float>(i % 256)) continue;
      std::fprintf(stderr, "rank %d: %s by %s is wrong at %d\n", rank_,
                   what.bcast ? "broadcast" : "allreduce", what.way.c_str(), i);
      return false;
    }
    return true;
  }

  void print(const Case& what, const Choice& choice, double seconds) const {
    const std::string taken = choice.transport == Transport::None ? "mpi"
                              : choice.trees                      ? "trees"
                              : choice.chains == 1                ? "chain"
                              : choice.chains == size_            ? "ring"
                                                       : fmt::format("{} chains", choice.chains);
    const double predicted = what.way == "mpi" ? 0
                                               : lpcoll::tune::predicted_seconds(
                                                     facts_of(what), choice, state_->settings);
    std::puts(fmt::format("{},{},{},{},{:.9f},{},{},{:.9f}", size_,
                          what.bcast ? "broadcast" : "allreduce", int64_t{what.count} * 4, what.way,
                          seconds, what.way == "mpi" ? "mpi" : taken,
                          what.way == "mpi" ? 0 : choice.segment, predicted)
                  .c_str());
    std::fflush(stdout);
  }

  struct Done {
    Case what;
    Choice choice;
    double seconds = 0;
  };

  lpcoll::api::Communicator* state_;
  bool checked_;
  int rank_ = 0, size_ = 1;
  Done of_lp_;
};

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) {
    std::fprintf(stderr, "usage: lpcoll_simulated COLLECTIVE,... BYTES,... WAY,... [check]\n");
    return 2;
  }
  lpcoll::api::Communicator* state = nullptr;
  if (arguments[2] != "mpi") {
    state = lpcoll::api::communicator_of(MPI_COMM_WORLD);
    if (state == nullptr) return 1;
    lpcoll::api::measure_link(*state);
    const lpcoll::tune::Link& link = state->measured.link;
    if (state->rank == 0)
      std::puts(fmt::format("# {} ranks, measured: alpha {:.3g} s, beta {:.4g} s, latency {:.3g} s",
                            state->size, link.alpha, link.beta, link.latency)
                    .c_str());
  }
  Simulation simulation(state, arguments.size() > 3);
  int faults = 0, all = 0;
  for (const std::string& collective : split(arguments[0])) {
    for (const std::string& size : split(arguments[1])) {
      const auto bytes = blasx::parse::bytes(size);
      for (const std::string& way : split(arguments[2])) {
        const bool rotates = way == "ring" || way.starts_with("chains:");
        if (rotates && collective == "broadcast") continue;
        if (!simulation.run(
                {collective == "broadcast", static_cast<int>(bytes.value_or(0) / 4), way}))
          ++faults;
      }
    }
  }
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  return all == 0 ? 0 : 1;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  const int status = run({argv + 1, argv + argc});
  MPI_Finalize();
  return status;
}
