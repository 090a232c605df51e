// SPDX-License-Identifier: Apache-2.0
// Layer sets in single precision beside the reference layers in double precision: one training pass of the same parameters and images.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "tests/clients/nn/networks.hpp"
#include "tests/clients/nn/reference_layers.hpp"

namespace nn::test {

using Values = std::vector<double>;

// Deep networks have so many relus that a step, or rounding, takes some number across 0. Batch norms that shift by 6 standard
// deviations keep them away from it.
inline constexpr float kAwayFromCorners = 6;

inline double dot(const Values& left, const Values& right) {
  double sum = 0;
  for (size_t i = 0; i < left.size(); ++i) sum += left[i] * right[i];
  return sum;
}

// || one - other || and || one ||
template <class Real>
std::pair<double, double> distance(const double* one, const Real* other, int64_t elems) {
  double apart = 0, length = 0;
  for (int64_t i = 0; i < elems; ++i) {
    apart += std::pow(one[i] - static_cast<double>(other[i]), 2);
    length += one[i] * one[i];
  }
  return {std::sqrt(apart), std::sqrt(length)};
}

// A network in double precision after one training pass, from parameters in single precision.
class Expected {
 public:
  Expected(const std::string& name, float shift) : run(named(name), ReferenceLayers(), shift) {
    Parameters& parameters = run.executor.parameters();
    for (int64_t i = 0; i < parameters.elems(); ++i)
      run.values()[i] = static_cast<double>(static_cast<float>(run.values()[i]));
    loss = run.train();
    const Values all(run.gradients(), run.gradients() + parameters.trained_elems());
    length = std::sqrt(dot(all, all));
  }
  Trial<double> run;
  double loss = 0;
  double length = 0;  // of all gradients as one vector
};

inline void expect_same(Expected& expected, const std::string& name, const LayerSet& set,
                        float shift, double tolerance) {
  Trial<float> ours(named(name), set, shift);
  EXPECT_NEAR(ours.train(), expected.loss, 0.4 * tolerance * std::max(1.0, expected.loss));
  const std::vector<float> values = ours.values_on_host(), gradients = ours.gradients_on_host();
  for (const Parameter& parameter : expected.run.executor.parameters().all()) {
    const int64_t elems = parameter.spec.elems, at = parameter.offset_elems;
    if (parameter.spec.trained) {
      const auto [apart, length] =
          distance(expected.run.gradients() + at, gradients.data() + at, elems);
      // A tensor whose gradient cancels to little is compared with the others.
      EXPECT_LE(apart, tolerance * (length + expected.length / 10)) << parameter.spec.name;
    } else {  // the running statistics have moved alike
      const auto [apart, length] = distance(expected.run.values() + at, values.data() + at, elems);
      EXPECT_LE(apart, 1e-5 * length + 1e-6) << parameter.spec.name;
    }
  }
  EXPECT_EQ(ours.executor.high_water_bytes(), ours.governor->arena_bytes());
}

// After a training step has moved the running statistics, the network as it is used.
template <class Real>
void expect_same_evaluation(const graph::Network& network, const LayerSet& right_set,
                            const LayerSet& set) {
  Trial<Real> theirs(network, right_set);
  Trial<float> ours(network, set);
  const auto classes = static_cast<size_t>(network.layers.back().out.elems());
  std::vector<Real> expected(classes);
  std::vector<float> got(classes);
  theirs.train();
  ours.train();
  const Outcome right =
      theirs.executor.evaluate(theirs.images.data(), theirs.iteration, expected.data());
  const Outcome outcome = ours.executor.evaluate(ours.images.data(), ours.iteration, got.data());
  EXPECT_EQ(outcome.correct, right.correct);
  EXPECT_NEAR(outcome.loss_sum, right.loss_sum, 1e-5);
  for (size_t i = 0; i < classes; ++i) EXPECT_NEAR(got[i], expected[i], 1e-5);
}

}  // namespace nn::test
