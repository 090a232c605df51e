// SPDX-License-Identifier: Apache-2.0
// Which way a call takes. Pure, and of nothing but what is equal on all ranks.
#pragma once

#include "lpcoll/tune/settings.hpp"

namespace lpcoll::tune {

enum class Collective : uint8_t { Bcast, Reduce, Allreduce };

// Bytes from which calls are worth taking; 0: not known.
struct Crossovers {
  int64_t bcast = 0;
  int64_t reduction = 0;
};

// Where nothing was measured.
Crossovers assumed_crossovers(int ranks, int hosts);

struct Facts {
  Collective collective = Collective::Bcast;
  int64_t bytes = 0;
  int ranks = 1;
  int hosts = 1;
  bool node_ready = false;  // the shared-memory transport is open on all ranks
  Crossovers measured;
};

struct Choice {
  Transport transport = Transport::None;  // Shm, Mpi, or None: the MPI underneath
  int chains = 1;
  int64_t segment = 0;    // bytes
  int64_t crossover = 0;  // bytes from which calls are taken, 0 where none are
  const char* reason = "";
};

// Whether a choice for these bytes would depend on measured crossovers that are not there.
bool wants_measuring(const Facts& facts, const Settings& settings);

Choice choose(const Facts& facts, const Settings& settings);

// The segment that makes a chain's time least: sqrt(n alpha / ((P-2) beta)), from T = (P-2 + n/b)(alpha + b beta). alpha in seconds a
// message, beta in seconds a byte.
double best_segment(double bytes, int ranks, double alpha, double beta);

}  // namespace lpcoll::tune
