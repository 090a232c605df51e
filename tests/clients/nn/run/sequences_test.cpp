// SPDX-License-Identifier: Apache-2.0
// The generated sequences: an LSTM learns them, a linear model of all their numbers does not.
#include <gtest/gtest.h>

#include <numeric>

#include "clients/nn/data/batches.hpp"
#include "clients/nn/graph/governor.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/layers/cpu/layer_set.hpp"
#include "clients/nn/run/executor.hpp"
#include "clients/nn/run/sgd.hpp"

namespace nn {
namespace {

constexpr int64_t kBatch = 32;

// Accuracy on the held-out sequences after training.
double learned(const char* net, double rate, const data::DataSet& set) {
  const Compiled compiled =
      compile(graph::make(net, graph::usual_input("lstm", kBatch), set.classes), cpu::CpuLayers());
  const auto governor = graph::keep_everything(compiled.network, compiled.costs);
  Executor executor(compiled, *governor);
  executor.parameters().initialise(1);
  Sgd sgd(executor.parameters(), {});
  data::Batches batches(set.train.count(), kBatch, 1, false);
  std::vector<float> pixels(static_cast<size_t>(compiled.network.input().elems()));
  std::vector<int32_t> labels(kBatch);
  Iteration iteration;
  iteration.labels = labels.data();
  iteration.gradient_scale = 1.0 / kBatch;
  for (int64_t epoch = 0; epoch < 12; ++epoch)
    for (int64_t batch = 0; batch < batches.per_epoch(); ++batch) {
      data::gather(set.train, batches.samples(epoch, batch, 0, kBatch), pixels, labels);
      executor.train(pixels.data(), iteration);
      sgd.step({0, executor.parameters().trained_elems()}, rate);
    }
  int64_t correct = 0;
  for (int64_t first = 0; first < set.held_out.count(); first += kBatch) {
    std::vector<int64_t> samples(kBatch);
    std::iota(samples.begin(), samples.end(), first);
    data::gather(set.held_out, samples, pixels, labels);
    correct += executor.evaluate(pixels.data(), iteration).correct;
  }
  return static_cast<double>(correct) / static_cast<double>(set.held_out.count());
}

TEST(Sequences, AnLstmLearnsThemALinearModelDoesNot) {
  const data::DataSet set = data::generate_sequences(2560, 28, 2, 10, 1);
  EXPECT_GT(learned("lstm:32", 0.05, set), 0.9);
  EXPECT_LT(learned("mlp:", 0.002, set), 0.4);
}

}  // namespace
}  // namespace nn
