// SPDX-License-Identifier: Apache-2.0
// network_dump NET BATCH FOLDER STEPS CONVOLUTION SHIFT: one training pass of a network on drawn numbers, written for compare.py to repeat; prints
// images/s of STEPS further passes. Evaluation, after the first pass, is written too. SHIFT: batch norm's. CONVOLUTION: direct, winograd or
// gemm, or double: the executor and graph with the tests' layers, in double precision from the same weights and images.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <span>

#include "clients/nn/graph/governor.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/layers/cpu/layer_set.hpp"
#include "clients/nn/layers/random.hpp"
#include "clients/nn/run/executor.hpp"
#include "tests/clients/nn/reference_layers.hpp"

namespace {

void write(const std::string& file, const void* data, size_t bytes) {
  std::ofstream(file, std::ios::binary)
      .write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
}

void describe(const nn::graph::Network& network, const nn::Parameters& parameters,
              const std::string& folder) {
  std::ofstream out(folder + "/graph.json");
  out << "{\"layers\": [\n";
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const nn::graph::Layer& l = network.layers[i];
    out << fmt::format(
        R"({}{{"kind": "{}", "name": "{}", "inputs": [{}], "shape": [{}, {}, {}, {}], "kernel": [{}, {}], "stride": {}, )"
        R"("pad": [{}, {}], "bias": {}, "size": {}, "alpha": {}, "beta": {}, "k": {}, "ratio": {}, "eps": {}, "momentum": {}}})",
        i == 0 ? "" : ",\n", nn::graph::kind_name(l.kind), l.name, fmt::join(l.inputs, ", "),
        l.out.n, l.out.c, l.out.h, l.out.w, l.kernel_h, l.kernel_w, l.stride, l.pad_h, l.pad_w,
        l.bias, l.local_size, l.alpha, l.beta, l.k, l.ratio, l.eps, l.momentum);
  }
  out << "],\n\"parameters\": [\n";
  bool first = true;
  for (const nn::Parameter& p : parameters.all()) {
    out << fmt::format(
        R"({}{{"name": "{}", "layer": {}, "offset": {}, "elems": {}, "trained": {}}})",
        first ? "" : ",\n", p.spec.name, p.layer, p.offset_elems, p.spec.elems, p.spec.trained);
    first = false;
  }
  out << "]}\n";
}

template <class Real>
void dump(const std::string& net, int64_t batch, const std::string& folder, int steps,
          const nn::LayerSet& set, float shift) {
  const nn::graph::Network network = nn::graph::make(net, nn::graph::usual_input(net, batch), 10);
  const nn::Compiled compiled = nn::compile(network, set);
  const auto governor = nn::graph::keep_everything(compiled.network, compiled.costs);
  nn::Executor executor(compiled, *governor);
  nn::Parameters& parameters = executor.parameters();
  parameters.initialise(3);
  const std::span<Real> values(static_cast<Real*>(parameters.value(0)),
                               static_cast<size_t>(parameters.elems()));
  for (const nn::Parameter& p : parameters.all())
    if (p.spec.name.ends_with(".shift"))
      std::fill_n(values.begin() + p.offset_elems, p.spec.elems, Real{shift});
  // Drawn numbers are those of single precision in both.
  for (Real& value : values) value = static_cast<Real>(static_cast<float>(value));
  std::vector<Real> images;
  for (int64_t i = 0; i < network.input().elems(); ++i)
    images.push_back(
        static_cast<Real>(static_cast<float>(nn::normal(1, static_cast<uint64_t>(i)))));
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < batch; ++i) labels.push_back(static_cast<int32_t>(i % 10));
  nn::Iteration iteration;
  iteration.labels = labels.data();
  iteration.gradient_scale = 1 / static_cast<double>(batch);
  describe(network, parameters, folder);
  write(folder + "/parameters", values.data(), values.size_bytes());
  write(folder + "/images", images.data(), images.size() * sizeof(Real));
  write(folder + "/labels", labels.data(), labels.size() * sizeof(int32_t));
  const nn::Outcome outcome = executor.train(images.data(), iteration);
  write(folder + "/gradients", parameters.gradient(0),
        static_cast<size_t>(parameters.trained_elems()) * sizeof(Real));
  const double loss = outcome.loss_sum / static_cast<double>(batch);
  write(folder + "/loss", &loss, sizeof loss);
  std::vector<Real> probabilities(static_cast<size_t>(network.layers.back().out.elems()));
  write(folder + "/moved", values.data(), values.size_bytes());  // with that pass's statistics
  executor.evaluate(images.data(), iteration, probabilities.data());
  write(folder + "/probabilities", probabilities.data(), probabilities.size() * sizeof(Real));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i) executor.train(images.data(), iteration);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{}\n", static_cast<double>(steps * batch) / took.count());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fputs("network_dump NET BATCH FOLDER STEPS CONVOLUTION SHIFT\n", stderr);
    return 2;
  }
  try {
    const std::string convolution = argv[5];
    const auto with = [&](const nn::LayerSet& set, auto real) {
      dump<decltype(real)>(argv[1], std::atoll(argv[2]), argv[3], std::atoi(argv[4]), set,
                           std::strtof(argv[6], nullptr));
    };
    if (convolution == "double")
      with(nn::test::ReferenceLayers(), double());
    else
      with(nn::cpu::CpuLayers(convolution), float());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "network_dump: %s\n", error.what());
    return 1;
  }
}
