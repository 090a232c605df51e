// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/method/subproblem.hpp"

#include <cmath>

namespace isgd {

template <typename T>
void subproblem_step(const Subproblem& problem, double loss, std::span<T> w,
                     std::span<const T> before, std::span<const T> gradient) {
  const auto along = static_cast<T>(problem.rate * (loss - problem.limit));
  const auto back =
      static_cast<T>(problem.rate * problem.epsilon / static_cast<double>(problem.weights));
  for (size_t i = 0; i < w.size(); ++i) w[i] -= along * gradient[i] + back * (w[i] - before[i]);
}

template void subproblem_step(const Subproblem&, double, std::span<float>, std::span<const float>,
                              std::span<const float>);
template void subproblem_step(const Subproblem&, double, std::span<double>, std::span<const double>,
                              std::span<const double>);

double objective(const Subproblem& problem, double loss, double distance) {
  const double above = loss - problem.limit;
  return above * above / 2 +
         problem.epsilon / (2 * static_cast<double>(problem.weights)) * distance;
}

int work_on(const Subproblem& problem, const std::function<double()>& evaluate,
            const std::function<void(double loss)>& step) {
  for (int made = 0; made < problem.most_steps; ++made) {
    const double loss = evaluate();
    if (!(loss > problem.limit) || !std::isfinite(loss)) return made;
    step(loss);
  }
  return problem.most_steps;
}

}  // namespace isgd
