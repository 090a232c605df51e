// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <random>

#include "ooc_gemm/ann/checkpoint.hpp"

namespace ooc_gemm::ann {

namespace {

auto refuse(const std::string& text) { return Status(StatusCode::InvalidArgument, text); }

}  // namespace

int64_t training_samples_of(int64_t samples, double held_out) {
  const auto out = static_cast<int64_t>(std::llround(static_cast<double>(samples) * held_out));
  return std::clamp<int64_t>(samples - out, std::min<int64_t>(samples, 1),
                             held_out > 0 ? std::max<int64_t>(samples - 1, 1) : samples);
}

Trainer::Trainer(const Settings& settings, const Source& source)
    : settings_(settings), source_(source) {}

Result<std::unique_ptr<Trainer>> Trainer::make(const Settings& settings, const Source& source) {
  std::unique_ptr<Trainer> trainer(new Trainer(settings, source));
  if (Status ready = trainer->prepare(); !ready) return blasx::failure(ready);
  return trainer;
}

Status Trainer::prepare() {
  const Network& network = settings_.network;
  if (source_.width != network.in(1)) {
    return refuse(fmt::format("samples have {} numbers, the network {} takes {}", source_.width,
                              network.text(), network.in(1)));
  }
  if (source_.samples > std::numeric_limits<int32_t>::max())
    return refuse(fmt::format("{} samples are more than can be numbered", source_.samples));
  training_ = training_samples_of(source_.samples, settings_.held_out);
  if (settings_.batch > training_) {
    return refuse(fmt::format("a batch of {} is more than the {} samples there are to learn",
                              settings_.batch, training_));
  }
  steps_per_epoch_ = training_ / settings_.batch;
  steps_ = steps_per_epoch_ * settings_.epochs;
  if (settings_.steps > 0) steps_ = std::min(steps_, settings_.steps);
  const auto budget = make_budget({network, settings_.batch, source_.samples, source_.row_bytes()},
                                  settings_.memory_bytes);
  if (!budget) return budget.error();
  budget_ = *budget;
  identity_ =
      fmt::format("layers={} batch={} rate={:a} seed={} samples={} learnt={}", network.text(),
                  settings_.batch, settings_.rate, settings_.seed, source_.samples, training_);

  auto labels = read_labels(source_, network.out(network.layers()));
  if (!labels) return labels.error();
  labels_ = std::move(*labels);
  auto data = DataSet::load(source_, budget_.data_in_memory, settings_.work_folder);
  if (!data) return data.error();
  data_ = std::move(*data);
  auto weights = Weights::make(network, budget_, settings_.work_folder, pool_);
  if (!weights) return weights.error();
  weights_.emplace(std::move(*weights));
  if (Status filled = weights_->fill(settings_.seed); !filled) return filled;
  if (!settings_.checkpoint.empty() && std::filesystem::exists(settings_.checkpoint)) {
    const auto step = load_checkpoint(settings_.checkpoint, identity_, *weights_);
    if (!step) return step.error();
    step_ = *step;
  }
  model_.emplace(*weights_, settings_.batch);
  for (Batch& batch : batches_)
    batch.x.resize(static_cast<size_t>(settings_.batch * network.in(1)));
  return {};
}

void Trainer::shuffle(int64_t epoch) {
  if (order_epoch_ == epoch) return;
  order_epoch_ = epoch;
  order_.resize(static_cast<size_t>(training_));
  std::iota(order_.begin(), order_.end(), 0);
  // std::shuffle differs between libraries. What the remainder favours is less than a part in 10^12.
  std::mt19937_64 random(settings_.seed * 0x9E3779B97F4A7C15 + static_cast<uint64_t>(epoch));
  for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random() % i]);
}

void Trainer::fetch(int64_t step) {
  shuffle(step / steps_per_epoch_);
  Batch& batch = batches_[static_cast<size_t>(step % 2)];
  const auto first = order_.begin() + step % steps_per_epoch_ * settings_.batch;
  batch.rows.assign(first, first + settings_.batch);
  batch.labels.clear();
  for (const int32_t row : batch.rows) batch.labels.push_back(labels_[static_cast<size_t>(row)]);
  pool_.submit(batch.ticket, [this, &batch] {
    return data_->gather(batch.rows.data(), settings_.batch, batch.x.data());
  });
}

Result<Score> Trainer::test_held_out(float* x) {
  Score sum;
  std::vector<int32_t> rows(static_cast<size_t>(settings_.batch));
  for (int64_t first = training_; first < source_.samples; first += settings_.batch) {
    const int64_t count = std::min(settings_.batch, source_.samples - first);
    std::iota(rows.begin(), rows.end(), static_cast<int32_t>(first));
    if (Status read = data_->gather(rows.data(), count, x); !read) return blasx::failure(read);
    auto part = model_->test(x, labels_.data() + first, count);
    if (!part) return part;
    sum.add(*part);
  }
  return sum;
}

Status Trainer::save() {
  if (settings_.checkpoint.empty()) return {};
  return save_checkpoint(settings_.checkpoint, identity_, step_, *weights_);
}

Status Trainer::run(const Callback& callback) {
  const auto begin = std::chrono::steady_clock::now();
  Progress progress;
  progress.steps = steps_;
  progress.epochs = (steps_ + steps_per_epoch_ - 1) / steps_per_epoch_;
  if (step_ < steps_) fetch(step_);
  while (step_ < steps_) {
    Batch& batch = batches_[static_cast<size_t>(step_ % 2)];
    if (Status there = batch.ticket.wait(); !there) return there;
    if (step_ + 1 < steps_) fetch(step_ + 1);
    const auto score =
        model_->train(batch.x.data(), batch.labels.data(), settings_.batch, settings_.rate);
    if (!score) return score.error();
    progress.epoch = step_ / steps_per_epoch_ + 1;
    ++step_;
    const bool ends = step_ % steps_per_epoch_ == 0 || step_ == steps_;
    progress.held_out.reset();
    if (ends) {
      // This batch is done with: its memory is free.
      const auto held_out = test_held_out(batch.x.data());
      if (!held_out) return held_out.error();
      progress.held_out = *held_out;
    }
    progress.step = step_;
    progress.samples += settings_.batch;
    progress.batch = *score;
    progress.epoch_so_far.add(*score);
    progress.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const bool goes_on = callback(progress);
    if (ends) progress.epoch_so_far = {};
    if (ends || !goes_on) {
      if (Status saved = save(); !saved) return saved;
    }
    if (!goes_on) break;
  }
  for (Batch& batch : batches_) (void)batch.ticket.wait();
  return {};
}

}  // namespace ooc_gemm::ann
