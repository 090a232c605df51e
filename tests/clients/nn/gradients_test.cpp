// SPDX-License-Identifier: Apache-2.0
// Gradients: the reference layers' against central differences, the fast layers' against the reference layers'.
#include <gtest/gtest.h>

#include <cmath>

#include "clients/nn/layers/cpu/layer_set.hpp"
#include "tests/clients/nn/networks.hpp"
#include "tests/clients/nn/reference_layers.hpp"

namespace nn::test {
namespace {

using Values = std::vector<double>;

// Deep networks have so many relus that a step, or rounding, takes some number across 0. Batch norms that shift by 6 standard
// deviations keep them away from it.
constexpr float kAwayFromCorners = 6;

// d loss / d t of parameters + t direction, by a step either way.
double slope(Trial<double>& run, const Values& direction, double step) {
  const Values before(run.values(), run.values() + direction.size());
  const auto loss_at = [&](double t) {
    for (size_t i = 0; i < direction.size(); ++i) run.values()[i] = before[i] + t * direction[i];
    return run.train();
  };
  const double difference = loss_at(step) - loss_at(-step);
  std::copy(before.begin(), before.end(), run.values());
  return difference / (2 * step);
}

double dot(const Values& left, const Values& right) {
  double sum = 0;
  for (size_t i = 0; i < left.size(); ++i) sum += left[i] * right[i];
  return sum;
}

Values gradient_of(Trial<double>& run) {
  run.train();
  return {run.gradients(), run.gradients() + run.executor.parameters().trained_elems()};
}

class Layers : public testing::TestWithParam<std::string> {};
class Networks : public testing::TestWithParam<std::string> {};

TEST_P(Layers, AgreesWithCentralDifferencesInEachParameter) {
  Trial<double> run(named(GetParam()), ReferenceLayers());
  const Values gradient = gradient_of(run);
  double largest = 0;
  for (const double g : gradient) largest = std::max(largest, std::abs(g));
  for (const Parameter& parameter : run.executor.parameters().all()) {
    if (!parameter.spec.trained) continue;
    const int64_t stride = std::max<int64_t>(1, parameter.spec.elems / 7);
    for (int64_t i = 0; i < parameter.spec.elems; i += stride) {
      Values direction(gradient.size(), 0);
      const auto place = static_cast<size_t>(parameter.offset_elems + i);
      direction[place] = 1;
      EXPECT_NEAR(gradient[place], slope(run, direction, 1e-6), 1e-7 * largest)
          << parameter.spec.name << "[" << i << "]";
    }
  }
}

// All parameters at once, along the gradient and a little aside.
TEST_P(Networks, AgreesWithCentralDifferences) {
  Trial<double> run(named(GetParam()), ReferenceLayers(), kAwayFromCorners);
  const Values gradient = gradient_of(run);
  const double length = std::sqrt(dot(gradient, gradient));
  Values direction(gradient.size());
  for (size_t i = 0; i < direction.size(); ++i)
    direction[i] = normal(3, i) * 1e-3 + gradient[i] / length;
  const double expected = dot(gradient, direction);
  EXPECT_NEAR(slope(run, direction, 1e-7), expected, 1e-4 * std::abs(expected));
}

double distance(const Values& reference, const float* ours, double& length) {
  double squares = 0;
  length = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    squares += std::pow(reference[i] - static_cast<double>(ours[i]), 2);
    length += reference[i] * reference[i];
  }
  length = std::sqrt(length);
  return std::sqrt(squares);
}

void expect_same(const std::string& name, const std::string& convolution, float shift,
                 double tolerance) {
  const graph::Network network = named(name);
  Trial<double> reference(network, ReferenceLayers(), shift);
  Trial<float> ours(network, cpu::CpuLayers(convolution), shift);
  for (int64_t i = 0; i < ours.executor.parameters().elems(); ++i)
    reference.values()[i] = static_cast<double>(ours.values()[i]);
  const double loss = reference.train();
  EXPECT_NEAR(ours.train(), loss, 0.4 * tolerance * std::max(1.0, loss));
  const Values all = {reference.gradients(),
                      reference.gradients() + reference.executor.parameters().trained_elems()};
  const double whole = std::sqrt(dot(all, all));
  for (const Parameter& parameter : reference.executor.parameters().all()) {
    const auto elems = static_cast<size_t>(parameter.spec.elems);
    double length = 0;
    if (parameter.spec.trained) {
      const double* begin = reference.gradients() + parameter.offset_elems;
      const double away =
          distance(Values(begin, begin + elems), ours.gradients() + parameter.offset_elems, length);
      // A tensor whose gradient cancels to little is compared with the others.
      EXPECT_LE(away, tolerance * (length + whole / 10)) << parameter.spec.name;
    } else {  // the running statistics have moved alike
      const double* begin = reference.values() + parameter.offset_elems;
      const double away =
          distance(Values(begin, begin + elems), ours.values() + parameter.offset_elems, length);
      EXPECT_LE(away, 1e-5 * length + 1e-6) << parameter.spec.name;
    }
  }
  EXPECT_EQ(ours.executor.high_water_bytes(), ours.governor->arena_bytes());
}

TEST_P(Layers, ProcessorsLayersAgreeWithReference) {
  for (const char* convolution : {"direct", "winograd", "gemm"}) {
    SCOPED_TRACE(convolution);
    expect_same(GetParam(), convolution, 0, 5e-6);
  }
}

TEST_P(Networks, ProcessorsLayersAgreeWithReference) {
  for (const char* convolution : {"direct", "gemm"}) {
    SCOPED_TRACE(convolution);
    // Rounding adds up along the layers: Inception-v4 has more than two hundred.
    expect_same(GetParam(), convolution, kAwayFromCorners,
                GetParam() == "inception-v4" ? 4e-4 : 1e-4);
  }
}

// After training steps have moved the running statistics, the network as it is used.
TEST_P(Layers, EvaluationAgreesWithReference) {
  const graph::Network network = named(GetParam());
  Trial<double> reference(network, ReferenceLayers());
  Trial<float> ours(network, cpu::CpuLayers());
  const auto classes = static_cast<size_t>(network.layers.back().out.elems());
  Values expected(classes);
  std::vector<float> got(classes);
  reference.train();
  ours.train();
  const Outcome right =
      reference.executor.evaluate(reference.images.data(), reference.iteration, expected.data());
  const Outcome outcome = ours.executor.evaluate(ours.images.data(), ours.iteration, got.data());
  EXPECT_EQ(outcome.correct, right.correct);
  EXPECT_NEAR(outcome.loss_sum, right.loss_sum, 1e-5);
  for (size_t i = 0; i < classes; ++i) EXPECT_NEAR(got[i], expected[i], 1e-5);
}

const auto kNameOf = [](const auto& info) {
  std::string name = info.param;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
};
INSTANTIATE_TEST_SUITE_P(Kinds, Layers, testing::ValuesIn(layer_kinds()), kNameOf);
INSTANTIATE_TEST_SUITE_P(Zoo, Networks, testing::ValuesIn(zoo()), kNameOf);
INSTANTIATE_TEST_SUITE_P(Deep, Networks, testing::ValuesIn(deep_zoo()), kNameOf);

}  // namespace
}  // namespace nn::test
