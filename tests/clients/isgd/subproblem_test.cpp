// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/method/subproblem.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace {

using isgd::Subproblem;
using Vector = std::vector<double>;

// A loss of three weights that is no parabola.
double loss_of(const Vector& w) {
  return std::log1p(std::exp(w[0] - 2 * w[1])) + w[2] * w[2] * w[0] + std::cosh(w[1]);
}

Vector gradient_of(const Vector& w) {
  const double s = 1 / (1 + std::exp(2 * w[1] - w[0]));
  return {s + w[2] * w[2], -2 * s + std::sinh(w[1]), 2 * w[2] * w[0]};
}

double distance(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

void step(const Subproblem& problem, Vector& w, const Vector& before) {
  Vector gradient = gradient_of(w);
  isgd::subproblem_step(problem, loss_of(w), w.data(), before.data(), gradient.data(),
                        [&](double a, double* x, double b, const double* y) {
                          for (size_t i = 0; i < w.size(); ++i) x[i] = a * x[i] + b * y[i];
                        });
}

TEST(Subproblem, StepIsAgainstTheGradientOfTheObjective) {
  const Subproblem problem{0.4, 0.7, 1, 3};  // a rate of 1 leaves the gradient bare
  const Vector before{0.3, -0.2, 0.5}, at{0.5, 0.1, -0.6};
  Vector w = at;
  step(problem, w, before);
  for (size_t i = 0; i < w.size(); ++i) {
    constexpr double kH = 1e-5;
    Vector up = at, down = at;
    up[i] += kH;
    down[i] -= kH;
    const double central = (objective(problem, loss_of(up), distance(up, before)) -
                            objective(problem, loss_of(down), distance(down, before))) /
                           (2 * kH);
    EXPECT_NEAR(at[i] - w[i], central, 1e-8) << i;
  }
}

TEST(Subproblem, WithoutEpsilonOneStepIsSgd) {
  const Subproblem problem{0.4, 0, 0.05, 3};
  const Vector before{0.3, -0.2, 0.5};
  Vector w = before;
  step(problem, w, before);
  const double rate = 0.05 * (loss_of(before) - 0.4);
  const Vector gradient = gradient_of(before);
  for (size_t i = 0; i < w.size(); ++i) EXPECT_DOUBLE_EQ(w[i], before[i] - rate * gradient[i]) << i;
}

TEST(Subproblem, WorksUntilTheLimitIsReached) {
  const Vector before{1.5, 0.9, 0.8};
  Vector w = before;
  const Subproblem problem{loss_of(before) - 0.3, 0.1, 0.9, 3};
  const int steps = isgd::work_on(
      problem, [&] { return loss_of(w); }, [&](double) { step(problem, w, before); });
  EXPECT_GE(steps, 1);
  EXPECT_LE(loss_of(w), problem.limit);
}

TEST(Subproblem, EveryStepSeesANewLoss) {
  Subproblem problem;
  problem.limit = 2.5;
  Vector losses{5, 4, 3, 2, 1}, seen;
  size_t next = 0;
  EXPECT_EQ(
      isgd::work_on(
          problem, [&] { return losses[next++]; }, [&](double loss) { seen.push_back(loss); }),
      3);
  EXPECT_EQ(seen, (Vector{5, 4, 3}));
}

TEST(Subproblem, EndsAfterTheMostSteps) {
  Subproblem problem;
  int steps = 0;
  EXPECT_EQ(isgd::work_on(
                problem, [] { return 1.0; }, [&](double) { ++steps; }),
            5);
  EXPECT_EQ(steps, 5);
}

TEST(Subproblem, StopsAtANumberThatIsNone) {
  const Subproblem problem;
  for (const double loss :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    EXPECT_EQ(isgd::work_on(
                  problem, [&] { return loss; }, [](double) { FAIL(); }),
              0);
}

}  // namespace
