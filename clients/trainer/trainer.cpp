// SPDX-License-Identifier: Apache-2.0
#include "clients/trainer/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>

#include "clients/isgd/method/subproblem.hpp"
#include "clients/nn/error.hpp"
#include "clients/nn/layers/random.hpp"

namespace trainer {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string one_line(std::string lines) {
  std::replace(lines.begin(), lines.end(), '\n', ' ');
  return lines;
}

}  // namespace

Trainer::Trainer(const Options& options, const Ranks& ranks, const nn::data::DataSet& data,
                 const nn::Compiled& compiled, nn::graph::MemoryGovernor& governor)
    : options_(options),
      ranks_(ranks),
      data_(data),
      executor_(compiled, governor),
      sgd_(executor_.parameters(), options.sgd),
      exchange_(ranks, executor_.parameters(), options.exchange, options.overlap),
      batches_(data.train.count(), options.batch, options.seed, options.fixed_batches),
      schedule_(options.schedule),
      chart_(std::max<int64_t>(1, batches_.per_epoch())),
      share_(compiled.network.input().n),
      pixels_(static_cast<size_t>(compiled.network.input().elems())),
      labels_(static_cast<size_t>(share_)) {
  executor_.parameters().initialise(options.seed);
}

int64_t Trainer::steps_total() const {
  const int64_t all = options_.epochs * batches_.per_epoch();
  return options_.steps > 0 ? std::min(options_.steps, all) : all;
}

bool Trainer::done() const { return position_.step >= steps_total(); }

double Trainer::seconds_per_step() const {
  if (step_seconds_.empty()) return 0;
  std::vector<double> sorted = step_seconds_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

double Trainer::rate() const {
  const auto per_epoch = static_cast<double>(batches_.per_epoch());
  return options_.rate * schedule_.factor(static_cast<double>(position_.step) / per_epoch,
                                          static_cast<double>(options_.epochs));
}

void Trainer::run() {
  ranks_.together([&] {
    if (options_.resume && std::filesystem::exists(options_.checkpoint)) resume();
    if (ranks_.rank() == 0 && !options_.log.empty())
      log_ = nn::JsonLines(options_.log, position_.log_bytes);
  });
  Report report(ranks_.rank() == 0, position_.step, steps_total());
  while (!done()) train_epoch(report);
}

void Trainer::train_epoch(Report& report) {
  const int64_t begun = position_.batch;
  const double start = seconds_;
  for (; position_.batch < batches_.per_epoch() && !done();) {
    const double loss = step();
    ++position_.batch;
    ++position_.step;
    position_.loss_sum += sums_.loss_sum;
    position_.correct += static_cast<double>(sums_.correct);
    const double accuracy =
        static_cast<double>(sums_.correct) / static_cast<double>(options_.batch);
    log_.write(fmt::format(
        R"({{"step":{},"epoch":{},"loss":{},"accuracy":{},"rate":{},"seconds":{:.4f}}})",
        position_.step, position_.epoch, loss, accuracy, rate(), seconds_));
    report.step(position_.step, options_.batch, loss, accuracy);
    if (options_.checkpoint_steps > 0 && position_.step % options_.checkpoint_steps == 0) save();
  }
  const auto images = static_cast<double>(position_.batch * options_.batch);
  Epoch epoch{.loss = position_.loss_sum / images, .accuracy = position_.correct / images};
  epoch.images_per_s =
      static_cast<double>((position_.batch - begun) * options_.batch) / (seconds_ - start);
  held_out(epoch);
  report.epoch(position_.epoch + 1, epoch);
  log_.write(fmt::format(
      R"({{"epoch":{},"train_loss":{},"train_accuracy":{},"held_out_loss":{},"held_out_accuracy":{}}})",
      position_.epoch, epoch.loss, epoch.accuracy, epoch.held_out_loss, epoch.held_out_accuracy));
  if (position_.batch < batches_.per_epoch()) return;  // ended by --steps
  position_.batch = 0;
  ++position_.epoch;
  position_.loss_sum = 0;
  position_.correct = 0;
  if (options_.checkpoint_steps == 0) save();
}

double Trainer::step() {
  const double start = seconds_now();
  nn::data::gather(
      data_.train,
      batches_.samples(position_.epoch, position_.batch, ranks_.rank() * share_, share_), pixels_,
      labels_);
  nn::Iteration iteration;
  iteration.seed = nn::mix(options_.seed ^ nn::mix(static_cast<uint64_t>(position_.step)));
  iteration.first_sample = ranks_.rank() * share_;
  iteration.labels = labels_.data();
  iteration.gradient_scale = 1 / static_cast<double>(options_.batch);
  const double loss = gradients(iteration, [&](int layer) { exchange_.ready(layer); });
  if (numbers_[2] > 0) {
    exchange_.abandon();
    ranks_.end(fmt::format("the loss of batch {} is {}: training ends before its step{}",
                           position_.step, loss,
                           options_.checkpoint.empty() ? "" : "; the checkpoint stays as it was"));
  }
  const double now = rate();
  exchange_.finish([&](nn::Range range) { sgd_.step(range, now); });
  if (options_.optimizer == "isgd" && chart_.push(loss)) more_work(iteration, now);
  step_seconds_.push_back(seconds_now() - start);
  seconds_ += step_seconds_.back();
  if (options_.check_ranks) {
    const std::string bits = values();
    ranks_.same_bits(bits.data(), bits.size(),
                     fmt::format("after batch {} the ranks' parameters differ", position_.step));
  }
  return loss;
}

double Trainer::gradients(const nn::Iteration& iteration, const std::function<void(int)>& ready) {
  // Summed before gradients are on their way: behind them such a message would wait in each port for those before it. That
  // a rank's loss is no number is summed with it, so that all know without asking one another again.
  LP_Request summed = LP_REQUEST_NULL;
  executor_.train(pixels_.data(), iteration, ready, [&](const nn::Outcome& ours) {
    numbers_ = {ours.loss_sum, static_cast<double>(ours.correct),
                std::isfinite(ours.loss_sum) ? 0.0 : 1.0};
    summed = ranks_.begin_sum(numbers_.data(), static_cast<int>(numbers_.size()));
  });
  LP_Wait(&summed, MPI_STATUS_IGNORE);
  sums_ = {.loss_sum = numbers_[0], .correct = static_cast<int64_t>(numbers_[1])};
  return sums_.loss_sum / static_cast<double>(options_.batch);
}

void Trainer::more_work(const nn::Iteration& iteration, double rate) {
  nn::Parameters& parameters = executor_.parameters();
  nn::Device& device = parameters.device();
  const int64_t elems = parameters.trained_elems();
  const int64_t bytes = elems * static_cast<int64_t>(sizeof(float));
  const nn::Memory before = device.take(bytes);
  device.copy(before.get(), parameters.values(), bytes);
  int64_t weights = 0;
  for (const nn::Parameter& parameter : parameters.all())
    if (parameter.spec.trained) weights += parameter.spec.elems;
  const nn::Outcome first = sums_;  // what is reported is the batch before its step
  const isgd::Subproblem problem{.limit = chart_.limit(), .rate = rate, .weights = weights};
  nn::Iteration again = iteration;
  again.update_statistics = false;  // the same images once more say nothing new about the others
  exchange_.sum_only(true);
  isgd::work_on(
      problem,
      [&] {
        const double loss = gradients(again, [&](int layer) { exchange_.ready(layer); });
        exchange_.finish_sum();
        return loss;
      },
      [&](double loss) {
        isgd::subproblem_step(
            problem, loss, parameters.values(), reinterpret_cast<const float*>(before.get()),
            parameters.gradients(),
            [&](float a, float* x, float b, const float* y) { device.combine(a, x, b, y, elems); });
      });
  exchange_.sum_only(false);
  sums_ = first;
}

void Trainer::held_out(Epoch& epoch) {
  const nn::data::Images& images = data_.held_out;
  std::array<double, 2> numbers{};
  nn::Iteration iteration;
  iteration.labels = labels_.data();
  for (int64_t first = ranks_.rank() * share_; first < images.count();
       first += ranks_.size() * share_) {
    std::vector<int64_t> samples(static_cast<size_t>(std::min(share_, images.count() - first)));
    std::iota(samples.begin(), samples.end(), first);
    nn::data::gather(images, samples, pixels_, labels_);
    const nn::Outcome outcome = executor_.evaluate(pixels_.data(), iteration);
    numbers[0] += outcome.loss_sum;
    numbers[1] += static_cast<double>(outcome.correct);
  }
  ranks_.sum(numbers.data(), 2);
  epoch.held_out_loss = numbers[0] / static_cast<double>(images.count());
  epoch.held_out_accuracy = numbers[1] / static_cast<double>(images.count());
}

std::string Trainer::on_host(const void* data, int64_t bytes) {
  std::string copy(static_cast<size_t>(bytes), '\0');
  executor_.parameters().device().download(copy.data(), data, bytes);
  return copy;
}

std::string Trainer::values() {
  nn::Parameters& parameters = executor_.parameters();
  return on_host(parameters.values(), parameters.elems() * static_cast<int64_t>(sizeof(float)));
}

void Trainer::save() {
  if (options_.checkpoint.empty()) return;
  ranks_.together([&] {
    if (ranks_.rank() != 0) return;
    position_.log_bytes = log_.bytes();
    const std::vector<double> losses = chart_.losses();
    nn::write_checkpoint(options_.checkpoint,
                         {{"arguments", same_when_resumed(options_)},
                          {"position", nn::pack(&position_, sizeof position_)},
                          {"values", values()},
                          {"velocity", on_host(sgd_.velocity(), sgd_.velocity_bytes())},
                          {"losses", nn::pack(losses.data(), losses.size() * sizeof(double))}});
  });
}

void Trainer::resume() {
  const nn::Sections sections = nn::read_checkpoint(options_.checkpoint);
  if (sections.count("arguments") == 0 || sections.at("arguments") != same_when_resumed(options_))
    throw nn::Error(fmt::format(
        "{}: from a run with other arguments; its own: {}", options_.checkpoint,
        sections.count("arguments") == 0 ? "none" : one_line(sections.at("arguments"))));
  nn::Parameters& parameters = executor_.parameters();
  nn::unpack(sections, "position", &position_, sizeof position_);
  std::string restored = values();
  nn::unpack(sections, "values", restored.data(), restored.size());
  parameters.device().upload(parameters.values(), restored.data(),
                             static_cast<int64_t>(restored.size()));
  restored.resize(static_cast<size_t>(sgd_.velocity_bytes()));
  nn::unpack(sections, "velocity", restored.data(), restored.size());
  parameters.device().upload(sgd_.velocity(), restored.data(), sgd_.velocity_bytes());
  std::vector<double> losses(sections.at("losses").size() / sizeof(double));
  nn::unpack(sections, "losses", losses.data(), losses.size() * sizeof(double));
  for (const double loss : losses) chart_.push(loss);
}

}  // namespace trainer
