// SPDX-License-Identifier: Apache-2.0
// Which steps name which tensor: the tensors of a network numbered, with their uses and ends.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <vector>

#include "clients/nn/graph/steps.hpp"

namespace memsched {

struct Tensor {
  nn::graph::TensorId id;
  int64_t bytes = 0;
  bool recomputable = false;  // its layer can be replayed
  std::vector<int> uses;      // steps that read or write it, ascending
  // After this step it is dead. Of a recomputable tensor its own last use; what is not lives on for the replays that
  // may start from it.
  int end = 0;
};

class Lives {
 public:
  static constexpr int kNever = std::numeric_limits<int>::max();
  // `recomputable`: of a layer's output. Network and costs must stay.
  Lives(const nn::graph::Network& network, const nn::graph::Costs& costs,
        const std::function<bool(int layer)>& recomputable);

  struct Named {
    std::vector<int> reads, writes;
  };
  int size() const { return static_cast<int>(tensors_.size()); }
  const Tensor& operator[](int tensor) const { return tensors_[static_cast<size_t>(tensor)]; }
  const Named& named(int step) const { return named_[static_cast<size_t>(step)]; }
  const std::vector<int>& ending_after(int step) const {
    return ending_[static_cast<size_t>(step)];
  }
  int output(int layer) const { return output_[static_cast<size_t>(layer)]; }
  // -1 where a layer saves nothing.
  int saved(int layer) const { return saved_[static_cast<size_t>(layer)]; }
  // The first use behind `step`, or kNever.
  int next_use(int tensor, int step) const;

 private:
  int number(const nn::graph::TensorId& id, int64_t bytes, bool recomputable);

  std::vector<Tensor> tensors_;
  std::vector<Named> named_;
  std::vector<std::vector<int>> ending_;
  std::vector<int> output_, saved_;
  std::map<nn::graph::TensorId, int> numbers_;
};

// max over steps of all bytes a step names, with the workspace of its first (or, `smallest`, its least) algorithm.
int64_t l_peak(const nn::graph::Network& network, const nn::graph::Costs& costs,
               bool smallest_workspace = false);

}  // namespace memsched
