// SPDX-License-Identifier: Apache-2.0
// One training run, by SGD or by ISGD, until it has evaluated so many gradients.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "clients/isgd/method/batch_size.hpp"
#include "clients/isgd/method/chart.hpp"
#include "clients/isgd/study/statistics.hpp"
#include "clients/nn/data/batches.hpp"
#include "clients/nn/graph/governor.hpp"
#include "clients/nn/run/executor.hpp"
#include "clients/nn/run/sgd.hpp"

namespace isgd {

enum class Clock : uint8_t {
  Wall,
  Processor,  // of the whole process: other programs make it wait, but add nothing
};

struct Plan {
  int64_t gradients = 0;  // to evaluate
  int64_t moments = 40;   // of the curve
  double rate = 0.01;
  uint64_t seed = 1;
  bool inconsistent = false;  // ISGD
  double epsilon = 0.1;
  int most_steps = 5;
  Clock clock = Clock::Wall;
};

class Learner {
 public:
  // Both must outlive it.
  Learner(const nn::Compiled& compiled, const nn::data::DataSet& data, const Plan& plan);

  using Heard = std::function<void(int64_t gradients, double loss)>;
  // To the curve's next moment; false once all gradients are evaluated. Throws nn::Error when a loss is no number.
  bool advance(const Heard& heard);
  // All that is left.
  const Curve& run(const Heard& heard);
  const Curve& curve() const { return curve_; }
  int64_t triggered() const { return triggered_; }    // batches worked on more
  int64_t extra_gradients() const { return extra_; }  // evaluated for them

 private:
  double gradients(bool statistics);
  void step(const Heard& heard);
  void work_more();
  double now() const;
  Moment held_out();

  const nn::data::DataSet& data_;
  Plan plan_;
  std::unique_ptr<nn::graph::MemoryGovernor> governor_;
  nn::Executor executor_;
  nn::Sgd sgd_;
  nn::data::Batches batches_;
  Chart chart_;
  std::vector<float> pixels_;
  std::vector<int32_t> labels_;
  int64_t batch_;
  int64_t step_ = 0;
  int64_t evaluated_ = 0;
  int64_t triggered_ = 0;
  int64_t extra_ = 0;
  Curve curve_;
  double seconds_ = 0;
};

// Images a second, and seconds that an iteration takes whatever its batch: from timings with two batch sizes.
Machine time_machine(const std::function<nn::Compiled(int64_t batch)>& compile,
                     const nn::data::DataSet& data, int64_t small, int64_t large);

}  // namespace isgd
