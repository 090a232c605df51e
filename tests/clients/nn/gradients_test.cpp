// SPDX-License-Identifier: Apache-2.0
// Gradients: the reference layers' against central differences, the fast layers' against the reference layers'.
#include <gtest/gtest.h>

#include <cmath>

#include "clients/nn/layers/cpu/layer_set.hpp"
#include "tests/clients/nn/agreement.hpp"

namespace nn::test {
namespace {

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

TEST_P(Layers, ProcessorsLayersAgreeWithReference) {
  Expected expected(GetParam(), 0);
  for (const char* convolution : {"direct", "winograd", "gemm"}) {
    SCOPED_TRACE(convolution);
    expect_same(expected, GetParam(), cpu::CpuLayers(convolution), 0, 5e-6);
  }
}

TEST_P(Networks, ProcessorsLayersAgreeWithReference) {
  Expected expected(GetParam(), kAwayFromCorners);
  for (const char* convolution : {"direct", "gemm"}) {
    SCOPED_TRACE(convolution);
    expect_same(expected, GetParam(), cpu::CpuLayers(convolution), kAwayFromCorners, 1e-4);
  }
}

TEST_P(Layers, EvaluationAgreesWithReference) {
  expect_same_evaluation<double>(named(GetParam()), ReferenceLayers(), cpu::CpuLayers());
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
