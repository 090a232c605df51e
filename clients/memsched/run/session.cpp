// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/run/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "clients/memsched/run/measure.hpp"
#include "clients/nn/data/batches.hpp"
#include "clients/nn/data/images.hpp"
#include "clients/nn/error.hpp"
#include "clients/nn/layers/random.hpp"
#include "clients/nn/program/progress.hpp"
#include "clients/nn/run/executor.hpp"
#include "clients/nn/run/sgd.hpp"
#include "clients/nn/sets/layer_sets.hpp"

namespace memsched {
namespace {

using Clock = std::chrono::steady_clock;

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class Learner {
 public:
  Learner(const nn::Compiled& compiled, std::unique_ptr<nn::graph::MemoryGovernor> governor,
          const Training& training)
      : governor_(std::move(governor)),
        executor_(compiled, *governor_),
        sgd_(executor_.parameters(), {}),
        rate_(training.rate) {
    executor_.parameters().initialise(training.seed);
  }

  double step(const std::vector<float>& images, const nn::Iteration& iteration) {
    const auto start = Clock::now();
    const double loss =
        executor_.train(images.data(), iteration).loss_sum * iteration.gradient_scale;
    sgd_.step({0, executor_.parameters().trained_elems()}, rate_);
    executor_.parameters().device().finish();
    seconds_.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    return loss;
  }

  // Without the first, which touches memory for the first time.
  std::vector<double> seconds() const {
    return {seconds_.begin() + (seconds_.size() > 1 ? 1 : 0), seconds_.end()};
  }
  const nn::Executor& executor() const { return executor_; }

 private:
  std::unique_ptr<nn::graph::MemoryGovernor> governor_;
  nn::Executor executor_;
  nn::Sgd sgd_;
  double rate_;
  std::vector<double> seconds_;
};

nn::data::DataSet images_for(const nn::graph::Network& network, const Training& training) {
  const nn::graph::Shape& input = network.input();
  const int64_t most = std::max<int64_t>(2, (int64_t{16} << 20) / input.elems());
  // A fifth is held out.
  const int64_t count = input.n * std::min(most, training.steps + 1) * 5 / 4 + 5;
  return nn::data::generate(count, input.c, input.h, input.w, network.layers.back().out.c,
                            training.seed);
}

}  // namespace

nn::Compiled compile_for(const nn::graph::Network& network, const std::string& device,
                         const std::string& convolution) {
  const bool all = convolution == "auto";
  if (!all && convolution != "gemm" && convolution != "direct" && convolution != "winograd")
    throw nn::Error(
        fmt::format("convolution {}: accepted are gemm, direct, winograd and auto", convolution));
  nn::Compiled compiled = nn::compile(
      network, *nn::layers_on(device, {.convolution = all ? "" : convolution, .norms = {}}));
  for (auto& layer : compiled.costs.layers) {
    if (all) break;
    layer.forward.resize(1);
    layer.backward.resize(1);
  }
  measure(compiled);
  return compiled;
}

Report train(const nn::Compiled& compiled, const Schedule& schedule, const Training& training) {
  const nn::graph::Network& network = compiled.network;
  const int64_t batch = network.input().n;
  const nn::data::DataSet data = images_for(network, training);
  nn::data::Batches batches(data.train.count(), batch, training.seed, false);
  std::vector<float> pixels(static_cast<size_t>(network.input().elems()));
  std::vector<int32_t> labels(static_cast<size_t>(batch));

  Learner ours(compiled, governor(schedule), training);
  std::unique_ptr<Learner> twin;
  if (training.compare)
    twin = std::make_unique<Learner>(compiled, nn::graph::keep_everything(network, compiled.costs),
                                     training);
  Report report;
  nn::Progress progress(0, training.steps);
  for (int64_t step = 0; step < training.steps; ++step) {
    nn::data::gather(
        data.train,
        batches.samples(step / batches.per_epoch(), step % batches.per_epoch(), 0, batch), pixels,
        labels);
    nn::Iteration iteration;
    iteration.seed = nn::mix(training.seed ^ nn::mix(static_cast<uint64_t>(step)));
    iteration.labels = labels.data();
    iteration.gradient_scale = 1 / static_cast<double>(batch);
    const double loss = ours.step(pixels, iteration);
    if (!std::isfinite(loss))
      throw nn::Error(
          fmt::format("the loss of step {} is {}; a smaller --rate may help", step, loss));
    report.losses.push_back(loss);
    if (twin && twin->step(pixels, iteration) != loss && !report.differs_at)
      report.differs_at = step;
    progress.step(step + 1, fmt::format("loss {:.4f}", loss));
  }
  progress.clear();
  const std::vector<double> seconds = ours.seconds();
  report.seconds = median(seconds);
  if (twin) {
    std::vector<double> ratios = seconds;
    const std::vector<double> other = twin->seconds();
    for (size_t i = 0; i < ratios.size(); ++i) ratios[i] /= other[i];
    report.twin_seconds = median(other);
    report.ratio = median(ratios);
  }
  report.high_water_bytes = ours.executor().high_water_bytes();
  report.peak_bytes = ours.executor().peak_bytes();
  return report;
}

}  // namespace memsched
