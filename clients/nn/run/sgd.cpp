// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/run/sgd.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <numbers>

#include "clients/nn/error.hpp"

namespace nn {

Sgd::Sgd(Parameters& parameters, const SgdOptions& options)
    : parameters_(parameters),
      options_(options),
      velocity_(parameters.device().take(velocity_bytes())) {}

void Sgd::step(Range range, double rate) {
  auto* velocity = reinterpret_cast<float*>(velocity_.get());
  for (const Parameter& parameter : parameters_.all()) {
    const int64_t begin = parameter.offset_elems;
    if (!parameter.spec.trained || begin < range.begin || begin >= range.end) continue;
    const Descent by{.rate = static_cast<float>(rate),
                     .momentum = static_cast<float>(options_.momentum),
                     .decay = parameter.spec.decays ? static_cast<float>(options_.weight_decay) : 0,
                     .nesterov = options_.nesterov};
    parameters_.device().descend(by, parameters_.values() + begin, velocity + begin,
                                 parameters_.gradients() + begin, parameter.spec.elems);
  }
}

Schedule::Schedule(const std::string& text) : kind_(text.substr(0, text.find(':'))) {
  const auto refuse = [&] {
    return Error(fmt::format(
        "schedule {}: constant, step:EPOCHS:FACTOR, poly:POWER and cosine are accepted", text));
  };
  const std::string rest = text.size() > kind_.size() ? text.substr(kind_.size() + 1) : "";
  int end = 0;
  const char* form = kind_ == "step" ? "%lf:%lf%n" : "%lf%n";
  const int wanted = kind_ == "step" ? 2 : kind_ == "poly" ? 1 : 0;
  if (wanted == 0 && kind_ != "constant" && kind_ != "cosine") throw refuse();
  if (wanted == 0 && text != kind_) throw refuse();
  // NOLINTNEXTLINE(cert-err34-c): what was converted is counted, and the rest must be empty
  const int got = wanted == 2   ? std::sscanf(rest.c_str(), form, &first_, &second_, &end)
                  : wanted == 1 ? std::sscanf(rest.c_str(), form, &first_, &end)
                                : 0;
  if (got != wanted || static_cast<size_t>(end) != rest.size() || (wanted > 0 && first_ <= 0))
    throw refuse();
}

double Schedule::factor(double epoch, double epochs) const {
  const double done = epochs > 0 ? std::min(1.0, epoch / epochs) : 0;
  if (kind_ == "step") return std::pow(second_, std::floor(epoch / first_));
  if (kind_ == "poly") return std::pow(1 - done, first_);
  if (kind_ == "cosine") return (1 + std::cos(std::numbers::pi * done)) / 2;
  return 1;
}

}  // namespace nn
