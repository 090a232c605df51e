// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <cstdio>

#include "clients/nn/error.hpp"
#include "clients/nn/graph/governor.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/sets/layer_sets.hpp"
#include "clients/trainer/trainer.hpp"

namespace trainer {
namespace {

nn::data::DataSet data_of(const Options& options) {
  const nn::graph::Shape shape = nn::graph::usual_input(options.net, 1);
  nn::graph::make(options.net, shape, 10);  // the name is wrong before the data can be
  if (!options.data.empty()) return nn::data::load(options.data);
  constexpr int64_t kUsual = 2560;
  constexpr int64_t kMost_elems = int64_t{64} << 20;
  const int64_t images =
      options.images > 0 ? options.images : std::min(kUsual, kMost_elems / shape.elems());
  if (nn::graph::of_sequences(options.net))
    return nn::data::generate_sequences(images, shape.h, shape.w, 10, options.seed);
  return nn::data::generate(images, shape.c, shape.h, shape.w, 10, options.seed);
}

nn::graph::Network network_of(const Options& options, const nn::data::DataSet& data, int ranks) {
  if (options.batch % ranks != 0)
    throw nn::Error(fmt::format("--batch {} cannot be shared by {} ranks: a multiple is accepted",
                                options.batch, ranks));
  if (data.train.count() < options.batch)
    throw nn::Error(fmt::format("{}: {} images to train on, fewer than one batch of {}",
                                data.source, data.train.count(), options.batch));
  return nn::graph::make(
      options.net,
      {options.batch / ranks, data.train.channels, data.train.height, data.train.width},
      data.classes);
}

void train(const Options& options, const Ranks& ranks) {
  nn::data::DataSet data;
  nn::Compiled compiled;
  nn::SetOptions set{.convolution = options.convolution,
                     .norms = {.ranks = ranks.size(), .sum = {}},
                     .neighbour = ranks.neighbour()};
  if (options.sync_norms && ranks.size() > 1)
    set.norms.sum = [&](double* numbers, int count) { ranks.sum(numbers, count); };
  ranks.together([&] {
    data = data_of(options);
    compiled =
        nn::compile(network_of(options, data, ranks.size()), *nn::layers_on(options.device, set));
  });
  if (ranks.rank() == 0)
    fmt::print(
        "{}: {} parameters, {} layers; {}, {} images to train on, {} held out; {} rank{} of {} "
        "images\n",
        options.net, nn::graph::parameter_elems(compiled.network), compiled.layers(), data.source,
        data.train.count(), data.held_out.count(), ranks.size(), ranks.size() == 1 ? "" : "s",
        options.batch / ranks.size());
  const auto governor = nn::graph::keep_everything(compiled.network, compiled.costs);
  Trainer trainer(options, ranks, data, compiled, *governor);
  trainer.run();
  if (ranks.rank() == 0) fmt::print("seconds a step, median: {:.6f}\n", trainer.seconds_per_step());
}

int run(int argc, char** argv) {
  const Ranks ranks(MPI_COMM_WORLD);
  try {
    Options options;
    ranks.together([&] { options = parse(argc, argv); });
    ranks.same(same_on_all(options), "bsp-train");
    train(options, ranks);
    return 0;
  } catch (const Ended&) {
    return 1;
  } catch (const std::exception& error) {  // of one rank alone: the others would wait for it
    std::fprintf(stderr, "bsp-train: %s\n", error.what());
    MPI_Abort(MPI_COMM_WORLD, 1);
    return 1;
  }
}

}  // namespace
}  // namespace trainer

int main(int argc, char** argv) {
  int level = MPI_THREAD_SINGLE;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &level);
  const int status = trainer::run(argc, argv);
  MPI_Finalize();
  return status;
}
