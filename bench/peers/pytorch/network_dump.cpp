// SPDX-License-Identifier: Apache-2.0
// network_dump NET BATCH FOLDER STEPS CONVOLUTION SHIFT: one training pass of a network on drawn numbers, written for compare.py to repeat; prints
// images/s of STEPS further passes. Evaluation, after the
// first pass, is written too. SHIFT: batch norm's.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "clients/nn/graph/governor.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/layers/cpu/layer_set.hpp"
#include "clients/nn/layers/random.hpp"
#include "clients/nn/run/executor.hpp"

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

void dump(const std::string& net, int64_t batch, const std::string& folder, int steps,
          const std::string& convolution, float shift) {
  const nn::graph::Network network = nn::graph::make(net, nn::graph::usual_input(net, batch), 10);
  const nn::Compiled compiled = nn::compile(network, nn::cpu::CpuLayers(convolution));
  const auto governor = nn::graph::keep_everything(compiled.network, compiled.costs);
  nn::Executor executor(compiled, *governor);
  nn::Parameters& parameters = executor.parameters();
  parameters.initialise(3);
  for (const nn::Parameter& p : parameters.all())
    if (p.spec.name.ends_with(".shift"))
      std::fill_n(parameters.values() + p.offset_elems, p.spec.elems, shift);
  std::vector<float> images;
  for (int64_t i = 0; i < network.input().elems(); ++i)
    images.push_back(static_cast<float>(nn::normal(1, static_cast<uint64_t>(i))));
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < batch; ++i) labels.push_back(static_cast<int32_t>(i % 10));
  nn::Iteration iteration;
  iteration.labels = labels.data();
  iteration.gradient_scale = 1 / static_cast<double>(batch);
  describe(network, parameters, folder);
  const auto elems = static_cast<size_t>(parameters.elems());
  write(folder + "/parameters", parameters.values(), elems * sizeof(float));
  write(folder + "/images", images.data(), images.size() * sizeof(float));
  write(folder + "/labels", labels.data(), labels.size() * sizeof(int32_t));
  const nn::Outcome outcome = executor.train(images.data(), iteration);
  write(folder + "/gradients", parameters.gradients(),
        static_cast<size_t>(parameters.trained_elems()) * sizeof(float));
  const double loss = outcome.loss_sum / static_cast<double>(batch);
  write(folder + "/loss", &loss, sizeof loss);
  std::vector<float> probabilities(static_cast<size_t>(network.layers.back().out.elems()));
  write(folder + "/moved", parameters.values(),
        elems * sizeof(float));  // with the statistics of that pass
  executor.evaluate(images.data(), iteration, probabilities.data());
  write(folder + "/probabilities", probabilities.data(), probabilities.size() * sizeof(float));
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
    dump(argv[1], std::atoll(argv[2]), argv[3], std::atoi(argv[4]), argv[5],
         std::strtof(argv[6], nullptr));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "network_dump: %s\n", error.what());
    return 1;
  }
}
