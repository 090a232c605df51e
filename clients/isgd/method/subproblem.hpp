// SPDX-License-Identifier: Apache-2.0
// More work on an under-trained batch: bring its loss down to the chart's limit without going far,
//   minimise over w   1/2 (loss(w) - limit)^2 + epsilon / (2 n_w) ||w - w_before||^2,   n_w = number of weights,
// by gradient steps (arXiv 1603.05544, section 3; patented: US 10,572,800).
#pragma once

#include <cstdint>
#include <functional>

namespace isgd {

struct Subproblem {
  double limit = 0;
  double epsilon = 0.1;
  double rate = 0;      // the current learning rate
  int64_t weights = 1;  // n_w, of all parameters together
  int most_steps = 5;
};

// One step for all parameters: w -= rate [ (loss - limit) gradient + (epsilon / n_w) (w - before) ]. `combine(a, x, b, y)` is how
// their vectors are summed where they are: x = a x + b y. Spoils the gradient.
template <typename T, typename Combine>
void subproblem_step(const Subproblem& problem, double loss, T* w, const T* before, T* gradient,
                     const Combine& combine) {
  const auto along = static_cast<T>(problem.rate * (loss - problem.limit));
  const auto back =
      static_cast<T>(problem.rate * problem.epsilon / static_cast<double>(problem.weights));
  combine(along, gradient, back, static_cast<const T*>(w));
  combine(T{1}, gradient, -back, before);
  combine(T{1}, w, T{-1}, static_cast<const T*>(gradient));
}

// What is minimised; `distance`: ||w - w_before||^2 over all parameters.
double objective(const Subproblem& problem, double loss, double distance);

// `evaluate`: loss and gradients of the batch at the present weights; `step`: subproblem_step for every parameter. Ends
// when the loss is at the limit or below, or is no number, or after most_steps. Gives the steps made.
int work_on(const Subproblem& problem, const std::function<double()>& evaluate,
            const std::function<void(double loss)>& step);

}  // namespace isgd
