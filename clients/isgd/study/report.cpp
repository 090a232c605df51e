// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/study/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace isgd {
namespace {

using Take = std::function<double(const Curve&)>;

std::vector<double> each(const std::vector<Curve>& curves, const Take& take) {
  std::vector<double> values;
  values.reserve(curves.size());
  for (const Curve& curve : curves) values.push_back(take(curve));
  return values;
}

std::string row(const char* what, const Study& study, const Take& take, int digits) {
  const std::vector<double> sgd = each(study.sgd, take), isgd = each(study.isgd, take);
  int better = 0;
  for (size_t i = 0; i < sgd.size(); ++i) better += isgd[i] > sgd[i] ? 1 : 0;
  return fmt::format("{:<38} {:>28} {:>28} {:>9}\n", what, text(spread(sgd), digits),
                     text(spread(isgd), digits), fmt::format("{} of {}", better, sgd.size()));
}

std::string cost_row(const char* what, const Study& study, Along along, double target, int digits) {
  const auto take = [&](const Curve& curve) { return reached(curve, along, target).value_or(-1); };
  const std::vector<double> sgd = each(study.sgd, take), isgd = each(study.isgd, take);
  std::vector<double> saved;
  int better = 0;
  for (size_t i = 0; i < sgd.size(); ++i) {
    if (sgd[i] <= 0 || isgd[i] < 0) continue;
    saved.push_back(100 * (1 - isgd[i] / sgd[i]));
    better += isgd[i] < sgd[i] ? 1 : 0;
  }
  return fmt::format("{:<38} {:>28} {:>28} {:>9}\n{:<38} {:>28} {:>28}\n", what,
                     text(spread(sgd), digits), text(spread(isgd), digits),
                     fmt::format("{} of {}", better, sgd.size()), "  saved by ISGD, per cent", "",
                     text(spread(saved), 1));
}

}  // namespace

double target_of(const Study& study) {
  if (study.target > 0) return study.target;
  double lowest = 1;
  for (const auto* curves : {&study.sgd, &study.isgd}) {
    for (const Curve& curve : *curves) {
      double best = 0;
      for (const Moment& moment : curve) best = std::max(best, moment.accuracy);
      lowest = std::min(lowest, best);
    }
  }
  return lowest;
}

std::string table(const Study& study) {
  double gradients = 0, seconds = 0;
  for (const auto* curves : {&study.sgd, &study.isgd}) {
    for (const Curve& curve : *curves) {
      const auto all = static_cast<double>(curve.back().gradients);
      gradients = gradients == 0 ? all : std::min(gradients, all);
      seconds = seconds == 0 ? curve.back().seconds : std::min(seconds, curve.back().seconds);
    }
  }
  const double target = target_of(study);
  const auto accuracy = [](Along along, double place) {
    return [=](const Curve& curve) { return moment_at(curve, along, place).accuracy; };
  };
  const auto loss = [](Along along, double place) {
    return [=](const Curve& curve) { return -moment_at(curve, along, place).loss; };
  };
  std::string text =
      fmt::format("{:<38} {:>28} {:>28} {:>9}\n", "median (quartiles)", "SGD", "ISGD", "better");
  text += row(fmt::format("accuracy after {:.0f} gradients", gradients).c_str(), study,
              accuracy(Along::Gradients, gradients), 4);
  text += row("  -loss there", study, loss(Along::Gradients, gradients), 4);
  text += row(fmt::format("accuracy after {:.1f} s", seconds).c_str(), study,
              accuracy(Along::Seconds, seconds), 4);
  text += row("  -loss there", study, loss(Along::Seconds, seconds), 4);
  text += cost_row(fmt::format("gradients to accuracy {:.4f}", target).c_str(), study,
                   Along::Gradients, target, 0);
  text += cost_row(fmt::format("seconds to accuracy {:.4f}", target).c_str(), study, Along::Seconds,
                   target, 2);
  const auto numbers = [](const std::vector<int64_t>& all) {
    return std::vector<double>(all.begin(), all.end());
  };
  text += fmt::format("{:<38} {:>28} {:>28}\n", "batches worked on more", "",
                      isgd::text(spread(numbers(study.triggered)), 0));
  text += fmt::format("{:<38} {:>28} {:>28}\n", "gradients spent on them", "",
                      isgd::text(spread(numbers(study.extra_gradients)), 0));
  return text + "The paper: 21.05 per cent less time to 56 % top-1 with AlexNet on ImageNet.\n";
}

std::string advice(const Machine& machine, double loss) {
  std::string text = fmt::format(
      "this machine: C1 = {:.0f} images/s, C2 = {:.4f} s an iteration; to a loss of {} the model's "
      "best batch is {}\n",
      machine.images_per_s, machine.synchronisation_s, loss, best_batch(machine, loss));
  text += fmt::format("{:>8} {:>14} {:>12}\n", "batch", "iterations", "seconds");
  for (int64_t batch = 1; batch <= 1024; batch *= 4)
    text +=
        fmt::format("{:>8} {:>14.1f} {:>12.3f}\n", batch,
                    iterations(static_cast<double>(batch), loss), seconds(machine, batch, loss));
  return text;
}

}  // namespace isgd
