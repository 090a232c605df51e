// SPDX-License-Identifier: Apache-2.0
// isgd-study: SGD beside ISGD. The method is patented: US 10,572,800.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>

#include "clients/isgd/run/learner.hpp"
#include "clients/isgd/study/report.hpp"
#include "clients/nn/error.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/layers/cpu/layer_set.hpp"
#include "clients/nn/program/progress.hpp"

namespace {

struct Arguments {
  std::string net = "lenet", data, convolution = "direct", curves;
  int64_t images = 2000, batch = 50, gradients = 600;
  int seeds = 5;
  uint64_t first_seed = 1;
  double rate = 0.01, epsilon = 0.1, target = 0, loss = 0.1, synchronisation = 0;
  int most_steps = 5;
  bool advice_only = false;
};

void define(CLI::App& app, Arguments& a) {
  app.add_option("--net", a.net, "lenet, cifar-quick, resnet18 ...")->capture_default_str();
  app.add_option("--data", a.data, "Folder of images; without it they are generated")
      ->type_name("DIR");
  app.add_option("--images", a.images, "Of those generated")->capture_default_str();
  app.add_option("--batch", a.batch, "Images in a batch")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  app.add_option("--gradients", a.gradients, "Evaluations each run may make")
      ->check(CLI::Range(1, 1 << 30))
      ->capture_default_str();
  app.add_option("--seeds", a.seeds, "Runs of each method")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--first-seed", a.first_seed, "Of weights, images and batches")
      ->capture_default_str();
  app.add_option("--rate", a.rate, "Learning rate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--epsilon", a.epsilon, "How near an accelerated batch stays to where it began")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--most-steps", a.most_steps, "Of more work on one batch")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--target", a.target,
                 "Held-out accuracy to reach; without it the highest that all runs reach")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--conv", a.convolution, "direct, winograd or gemm")
      ->check(CLI::IsMember({"direct", "winograd", "gemm"}))
      ->capture_default_str();
  app.add_option("--loss", a.loss, "The loss that the batch-size model is to reach")
      ->check(CLI::Range(1e-4, 10.0))
      ->capture_default_str();
  app.add_option("--synchronisation", a.synchronisation,
                 "Seconds an iteration spends between ranks, added to what is measured here")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--curves", a.curves, "Write every curve, JSON lines")->type_name("FILE");
  app.add_flag("--advice-only", a.advice_only, "Only the batch-size model, no training");
  app.set_version_flag("--version", "isgd-study " BLASX_VERSION);
  app.footer(
      "Example: isgd-study --net lenet --seeds 5 --gradients 600\n"
      "The method is patented: US 10,572,800. man isgd-study.");
}

nn::data::DataSet data_of(const Arguments& a, uint64_t seed) {
  const nn::graph::Shape shape = nn::graph::usual_input(a.net, 1);
  nn::graph::make(a.net, shape, 10);  // a wrong name is said before the data are read
  if (!a.data.empty()) return nn::data::load(a.data);
  return nn::data::generate(a.images, shape.c, shape.h, shape.w, 10, seed);
}

nn::Compiled compiled_for(const Arguments& a, const nn::data::DataSet& data, int64_t batch) {
  if (data.train.count() < batch)
    throw nn::Error(fmt::format("{} images to train on are fewer than a batch of {}",
                                data.train.count(), batch));
  const auto& images = data.train;
  return nn::compile(
      nn::graph::make(a.net, {batch, images.channels, images.height, images.width}, data.classes),
      nn::cpu::CpuLayers(a.convolution));
}

isgd::Study study(const Arguments& a) {
  isgd::Study study;
  study.target = a.target;
  const int64_t runs = int64_t{2} * a.seeds;
  nn::Progress progress(0, runs * a.gradients);
  int64_t done = 0;
  for (int i = 0; i < a.seeds; ++i) {
    const uint64_t seed = a.first_seed + static_cast<uint64_t>(i);
    const nn::data::DataSet data = data_of(a, seed);
    const nn::Compiled compiled = compiled_for(a, data, a.batch);
    for (const bool inconsistent : {false, true}) {
      isgd::Plan plan;
      plan.gradients = a.gradients;
      plan.rate = a.rate;
      plan.seed = seed;
      plan.inconsistent = inconsistent;
      plan.epsilon = a.epsilon;
      plan.most_steps = a.most_steps;
      isgd::Learner learner(compiled, data, plan);
      (inconsistent ? study.isgd : study.sgd)
          .push_back(learner.run([&](int64_t gradients, double loss) {
            progress.step(done + gradients, fmt::format("{}, seed {}, loss {:.4f}",
                                                        inconsistent ? "ISGD" : "SGD", seed, loss));
          }));
      done += a.gradients;
      if (!inconsistent) continue;
      study.triggered.push_back(learner.triggered());
      study.extra_gradients.push_back(learner.extra_gradients());
    }
  }
  return study;
}

void print_advice(const Arguments& a) {
  const nn::data::DataSet data = data_of(a, a.first_seed);
  const int64_t large = std::min<int64_t>(128, data.train.count());
  isgd::Machine machine =
      isgd::time_machine([&](int64_t batch) { return compiled_for(a, data, batch); }, data,
                         std::max<int64_t>(1, large / 8), large);
  machine.synchronisation_s += a.synchronisation;
  fmt::print("{}", isgd::advice(machine, a.loss));
}

int run(int argc, char** argv) {
  CLI::App app{
      "Trains by SGD and by ISGD, which works more on batches whose loss stands out, and "
      "compares."};
  Arguments a;
  define(app, a);
  CLI11_PARSE(app, argc, argv);
  if (!a.advice_only) {
    const isgd::Study result = study(a);
    fmt::print("{}, batch {}, {} gradients a run, rate {}, {} seeds\n\n{}\n", a.net, a.batch,
               a.gradients, a.rate, a.seeds, isgd::table(result));
    std::fflush(stdout);
    if (!a.curves.empty()) {
      std::ofstream file(a.curves);
      file << isgd::lines(result, a.first_seed);
      file.close();
      if (!file) throw nn::Error(a.curves + ": cannot be written");
    }
  }
  print_advice(a);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "isgd-study: %s\n", error.what());
    return 1;
  }
}
