// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/run/learner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>

#include "clients/isgd/method/subproblem.hpp"
#include "clients/nn/error.hpp"
#include "clients/nn/layers/random.hpp"

namespace isgd {
Learner::Learner(const nn::Compiled& compiled, const nn::data::DataSet& data, const Plan& plan)
    : data_(data),
      plan_(plan),
      governor_(nn::graph::keep_everything(compiled.network, compiled.costs)),
      executor_(compiled, *governor_),
      sgd_(executor_.parameters(), {}),
      // Batches keep their identity; SGD has the same ones in the same order.
      batches_(data.train.count(), compiled.network.input().n, plan.seed, true),
      chart_(batches_.per_epoch()),
      pixels_(static_cast<size_t>(compiled.network.input().elems())),
      labels_(static_cast<size_t>(compiled.network.input().n)),
      batch_(compiled.network.input().n) {
  executor_.parameters().initialise(plan.seed);
  curve_ = {held_out()};
}

double Learner::now() const {
  timespec time{};
  clock_gettime(plan_.clock == Clock::Wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double Learner::gradients(bool statistics) {
  nn::Iteration iteration;
  iteration.seed = nn::mix(plan_.seed ^ nn::mix(static_cast<uint64_t>(step_)));
  iteration.labels = labels_.data();
  iteration.gradient_scale = 1 / static_cast<double>(batch_);
  iteration.update_statistics = statistics;
  ++evaluated_;
  return executor_.train(pixels_.data(), iteration).loss_sum / static_cast<double>(batch_);
}

void Learner::work_more() {
  nn::Parameters& parameters = executor_.parameters();
  nn::Device& device = parameters.device();
  const int64_t elems = parameters.trained_elems();
  const int64_t bytes = elems * static_cast<int64_t>(sizeof(float));
  const nn::Memory before = device.take(bytes);
  device.copy(before.get(), parameters.values(), bytes);
  Subproblem problem;
  problem.limit = chart_.limit();
  problem.epsilon = plan_.epsilon;
  problem.rate = plan_.rate;
  problem.weights = elems;
  problem.most_steps = plan_.most_steps;
  const int64_t begun = evaluated_;
  // The same images once more say nothing new about the others: batch norm's statistics stay.
  work_on(
      problem, [&] { return gradients(false); },
      [&](double loss) {
        subproblem_step(
            problem, loss, parameters.values(), reinterpret_cast<const float*>(before.get()),
            parameters.gradients(),
            [&](float a, float* x, float b, const float* y) { device.combine(a, x, b, y, elems); });
      });
  ++triggered_;
  extra_ += evaluated_ - begun;
}

void Learner::step(const Heard& heard) {
  const double start = now();
  nn::data::gather(
      data_.train,
      batches_.samples(step_ / batches_.per_epoch(), step_ % batches_.per_epoch(), 0, batch_),
      pixels_, labels_);
  const double loss = gradients(true);
  if (!std::isfinite(loss))
    throw nn::Error(
        fmt::format("the loss of step {} is {}; a smaller --rate may help", step_, loss));
  sgd_.step({0, executor_.parameters().trained_elems()}, plan_.rate);
  if (plan_.inconsistent && chart_.push(loss)) work_more();
  ++step_;
  executor_.parameters().device().finish();
  seconds_ += now() - start;
  heard(evaluated_, loss);
}

bool Learner::advance(const Heard& heard) {
  if (evaluated_ >= plan_.gradients) return false;
  const int64_t each = std::max<int64_t>(1, plan_.gradients / plan_.moments);
  const int64_t next = std::min(plan_.gradients, (evaluated_ / each + 1) * each);
  while (evaluated_ < next) step(heard);
  Moment moment = held_out();
  moment.seconds = seconds_;
  curve_.push_back(moment);
  return true;
}

const Curve& Learner::run(const Heard& heard) {
  while (advance(heard)) {
  }
  return curve_;
}

Moment Learner::held_out() {
  const nn::data::Images& images = data_.held_out;
  nn::Iteration iteration;
  iteration.labels = labels_.data();
  double loss = 0, correct = 0;
  for (int64_t first = 0; first < images.count(); first += batch_) {
    std::vector<int64_t> samples(static_cast<size_t>(std::min(batch_, images.count() - first)));
    std::iota(samples.begin(), samples.end(), first);
    nn::data::gather(images, samples, pixels_, labels_);
    const nn::Outcome outcome = executor_.evaluate(pixels_.data(), iteration);
    loss += outcome.loss_sum;
    correct += static_cast<double>(outcome.correct);
  }
  const auto count = static_cast<double>(images.count());
  return {evaluated_, 0, loss / count, correct / count};
}

Machine time_machine(const std::function<nn::Compiled(int64_t batch)>& compile,
                     const nn::data::DataSet& data, int64_t small, int64_t large) {
  const auto seconds = [&](int64_t batch) {
    const nn::Compiled compiled = compile(batch);
    constexpr int64_t kSteps = 8;
    double least = 0;
    // The shortest of several: what disturbs a machine only makes it slower.
    for (int run = 0; run < 3; ++run) {
      Plan plan;
      plan.gradients = kSteps;
      plan.moments = 1;
      const Curve curve = Learner(compiled, data, plan).run([](int64_t, double) {});
      const double each = curve.back().seconds / static_cast<double>(kSteps);
      least = run == 0 ? each : std::min(least, each);
    }
    return least;
  };
  return machine_of(static_cast<double>(small), seconds(small), static_cast<double>(large),
                    seconds(large));
}

}  // namespace isgd
