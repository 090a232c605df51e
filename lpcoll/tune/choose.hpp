// SPDX-License-Identifier: Apache-2.0
// Which way a call takes. Pure, and of nothing but what is equal on all ranks.
#pragma once

#include <vector>

#include "lpcoll/tune/model.hpp"
#include "lpcoll/tune/settings.hpp"

namespace lpcoll::tune {

enum class Collective : uint8_t { Bcast, Reduce, Allreduce };

// Bytes of each collective; 0: not known.
struct Crossovers {
  int64_t bcast = 0;
  int64_t reduce = 0;
  int64_t allreduce = 0;

  int64_t& of(Collective collective) {
    return collective == Collective::Bcast    ? bcast
           : collective == Collective::Reduce ? reduce
                                              : allreduce;
  }
  int64_t of(Collective collective) const { return Crossovers(*this).of(collective); }
};

// What a communicator knows; all zeros: nothing yet.
struct Measured {
  Crossovers crossovers;  // from which calls are worth taking
  Crossovers direct;      // from which one copy on a host is better than two
  Link link;
};

// How bytes get from rank to rank on a host: through shared slots, in two copies; so too, the second past the caches; straight into
// the other's memory; or by the MPI underneath.
enum class NodeWay : uint8_t { Slots, Streamed, Direct, Mpi };

// Where nothing was measured.
Crossovers assumed_crossovers(int ranks, int hosts);

struct Facts {
  Collective collective = Collective::Bcast;
  int64_t bytes = 0;
  int ranks = 1;
  int hosts = 1;
  bool node_ready = false;  // the shared-memory transport is open on all ranks
  Measured measured;
  bool node_reaches = false;  // and ranks may read and write each other's memory
};

struct Choice {
  Transport transport = Transport::None;  // Shm, Mpi, or None: the MPI underneath
  int chains = 1;
  bool trees = false;            // two, instead of chains
  NodeWay way = NodeWay::Slots;  // on a host
  int64_t segment = 0;           // bytes
  int64_t crossover = 0;         // bytes from which calls are taken, 0 where none are
  const char* reason = "";
};

// Whether a choice for these bytes would depend on measured crossovers that are not there.
bool wants_measuring(const Facts& facts, const Settings& settings);

Choice choose(const Facts& facts, const Settings& settings);

// The ways on a host among which it may depend on the machine and the program which is fastest.
std::vector<NodeWay> ways_to_try(const Facts& facts, const Settings& settings);

// Bytes from which they are tried, also on calls that a measured crossover leaves to the MPI underneath: what it was measured in may have
// been a bad spell. 0 where nothing but our own is allowed, or nothing of it possible.
int64_t tried_from(const Facts& facts, const Settings& settings);

// One way between hosts whatever choose() says, with the segment that suits it.
Choice forced(const Facts& facts, const Settings& settings, int chains, bool trees);

// What is set, else measured, else assumed.
Link link_of(const Link& measured, const Settings& settings);

// What the model says of a choice for messages between hosts; 0 of others.
double predicted_seconds(const Facts& facts, const Choice& choice, const Settings& settings);

}  // namespace lpcoll::tune
