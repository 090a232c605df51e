// SPDX-License-Identifier: Apache-2.0
// isgd-study: SGD beside ISGD. The method is patented: US 10,572,800.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "clients/isgd/run/learner.hpp"
#include "clients/isgd/study/curves.hpp"
#include "clients/isgd/study/report.hpp"
#include "clients/nn/error.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/program/command_line.hpp"
#include "clients/nn/program/progress.hpp"
#include "clients/nn/sets/layer_sets.hpp"

namespace {

struct Arguments {
  std::string net = "lenet", data, device = "cpu", convolution, clock = "wall", curves;
  int64_t images = 2000, batch = 50, gradients = 600;
  int seeds = 5;
  uint64_t first_seed = 1;
  double rate = 0.01, epsilon = 0.1, target = 0, loss = 0.1, synchronisation = 0;
  int most_steps = 5;
  bool resume = false, advice_only = false;
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
  app.add_option("--device", a.device, "cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--conv", a.convolution,
                 "direct, winograd or gemm; without it direct, or on a GPU what cuDNN prefers")
      ->check(CLI::IsMember({"direct", "winograd", "gemm"}));
  app.add_option("--loss", a.loss, "The loss that the batch-size model is to reach")
      ->check(CLI::Range(1e-4, 10.0))
      ->capture_default_str();
  app.add_option("--synchronisation", a.synchronisation,
                 "Seconds an iteration spends between ranks, added to what is measured here")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--clock", a.clock,
                 "Seconds are wall time's, or those of this process's processors")
      ->check(CLI::IsMember({"wall", "processor"}))
      ->capture_default_str();
  CLI::Option* curves = app.add_option("--curves", a.curves,
                                       "Write every curve, JSON lines, when a seed's runs are done")
                            ->type_name("FILE");
  app.add_flag("--resume", a.resume, "Seeds whose curves the file has are not run again")
      ->needs(curves);
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
  if (nn::graph::of_sequences(a.net))
    return nn::data::generate_sequences(a.images, shape.h, shape.w, 10, seed);
  return nn::data::generate(a.images, shape.c, shape.h, shape.w, 10, seed);
}

nn::Compiled compiled_for(const Arguments& a, const nn::data::DataSet& data, int64_t batch) {
  if (data.train.count() < batch)
    throw nn::Error(fmt::format("{} images to train on are fewer than a batch of {}",
                                data.train.count(), batch));
  const auto& images = data.train;
  return nn::compile(
      nn::graph::make(a.net, {batch, images.channels, images.height, images.width}, data.classes),
      *nn::layers_on(a.device, {.convolution = a.convolution, .norms = {}}));
}

// What two parts of one study have in common.
std::string same_when_resumed(const Arguments& a) {
  return fmt::format(
      "--net {} --data {} --images {} --batch {} --gradients {} --first-seed {} --rate {} "
      "--epsilon {} --most-steps {} --device {} --conv {} --clock {}",
      a.net, a.data, a.images, a.batch, a.gradients, a.first_seed, a.rate, a.epsilon, a.most_steps,
      a.device, a.convolution, a.clock);
}

isgd::Study begun(const Arguments& a) {
  if (!a.resume || !std::filesystem::exists(a.curves)) return {};
  std::ifstream file(a.curves);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    return isgd::study_of(text, a.first_seed, same_when_resumed(a));
  } catch (const nn::Error& error) {
    throw nn::Error(fmt::format("{}: {}", a.curves, error.what()));
  }
}

void write(const Arguments& a, const isgd::Study& study) {
  if (a.curves.empty()) return;
  const std::string part = a.curves + ".part";
  std::ofstream file(part);
  file << isgd::lines(study, a.first_seed, same_when_resumed(a));
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(part, a.curves, failed);
  if (!file || failed) throw nn::Error(a.curves + ": cannot be written");
}

// Both methods by turns, a moment of the curve each: whatever else the machine does meets both.
void run_seed(const Arguments& a, uint64_t seed, nn::Progress& progress, isgd::Study& study) {
  const nn::data::DataSet data = data_of(a, seed);
  const nn::Compiled compiled = compiled_for(a, data, a.batch);
  isgd::Plan plan;
  plan.gradients = a.gradients;
  plan.rate = a.rate;
  plan.seed = seed;
  plan.epsilon = a.epsilon;
  plan.most_steps = a.most_steps;
  plan.clock = a.clock == "wall" ? isgd::Clock::Wall : isgd::Clock::Processor;
  isgd::Learner plain(compiled, data, plan);
  plan.inconsistent = true;
  isgd::Learner inconsistent(compiled, data, plan);
  const auto before = static_cast<int64_t>(study.sgd.size()) * 2 * a.gradients;
  int64_t done = 0;
  const auto heard = [&](const char* method, int64_t& evaluated) {
    return [&, method](int64_t gradients, double loss) {
      done += gradients - evaluated;
      evaluated = gradients;
      progress.step(before + done, fmt::format("{}, seed {}, loss {:.4f}", method, seed, loss));
    };
  };
  int64_t by_sgd = 0, by_isgd = 0;
  for (bool more = true; more;) {
    more = plain.advance(heard("SGD", by_sgd));
    more = inconsistent.advance(heard("ISGD", by_isgd)) || more;
  }
  study.sgd.push_back(plain.curve());
  study.isgd.push_back(inconsistent.curve());
  study.triggered.push_back(inconsistent.triggered());
  study.extra_gradients.push_back(inconsistent.extra_gradients());
}

isgd::Study study(const Arguments& a) {
  isgd::Study study = begun(a);
  study.target = a.target;
  const auto seeds = static_cast<size_t>(a.seeds);
  nn::Progress progress(static_cast<int64_t>(study.sgd.size()) * 2 * a.gradients,
                        int64_t{2} * a.seeds * a.gradients);
  while (study.sgd.size() < seeds) {
    run_seed(a, a.first_seed + study.sgd.size(), progress, study);
    write(a, study);
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
  nn::parse_command_line(app, argc, argv);
  if (!a.advice_only) {
    const isgd::Study result = study(a);
    fmt::print("{}, batch {}, {} gradients a run, rate {}, {} seeds\n\n{}\n", a.net, a.batch,
               a.gradients, a.rate, result.sgd.size(), isgd::table(result));
    std::fflush(stdout);
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
