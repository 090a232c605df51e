// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/method/subproblem.hpp"

#include <cmath>

namespace isgd {

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
