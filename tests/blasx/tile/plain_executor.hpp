// SPDX-License-Identifier: Apache-2.0
// Runs a task graph in memory, by the definition of each kernel, in a random order among those the graph allows: tasks begin,
// step and commit in turns, each on a private copy of its output. Owns the copies; the matrices are the caller's.
#pragma once

#include <complex>
#include <cstdint>
#include <random>
#include <vector>

#include "blasx/tile/graph.hpp"

namespace blasx::tile {

class PlainExecutor {
 public:
  using Element = std::complex<double>;

  // The graph's call has type Z.
  PlainExecutor(const TaskGraph& graph, uint64_t seed);

  // Every task once; `fused` lets steps that adjoin run as one. False if nothing may go on before all are committed.
  bool run(bool fused);

  // How often each element of C was stored, columns call().m apart.
  const std::vector<int>& stores() const { return stores_; }

 private:
  struct Progress {
    bool begun = false, committed = false;
    int32_t steps_done = 0;
    std::vector<Element> c;
  };

  bool may_advance(TaskId id) const;
  void advance(TaskId id, bool fused);
  void begin(TaskId id);
  void compute(TaskId id, const Step& step);
  void commit(TaskId id);
  const Progress& of(TaskId id) const { return progress_[static_cast<size_t>(index(id))]; }

  const TaskGraph& graph_;
  std::mt19937_64 random_;
  std::vector<Progress> progress_;
  std::vector<int> stores_;
};

// Whether element (i, j) of a tile belongs to its region.
bool in_region(Region region, int64_t i, int64_t j);

}  // namespace blasx::tile
