// SPDX-License-Identifier: Apache-2.0
#include "clients/trainer/options.hpp"

#include <fmt/format.h>

#include "clients/nn/error.hpp"
#include "clients/nn/program/command_line.hpp"

namespace trainer {

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Trains a network by stochastic gradient descent, alone or on several ranks: mpirun -np 4 "
      "bsp-train ...\n"
      "Each rank computes the gradients of its share of the batch; liblpcoll sums them, layer by "
      "layer, while\n"
      "the rest of the backward pass runs. Example:\n"
      "  bsp-train --net lenet --data mnist --batch 64 --epochs 5 --log lenet.jsonl"};
  app.option_defaults()->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
  app.add_option(
         "--net", options.net,
         "lenet, cifar-quick, alexnet, vgg16, resnet18, ..., inception-v4, mlp:300,100, lstm:64")
      ->group("Network and data");
  app.add_option("--data", options.data,
                 "folder with IDX files, CIFAR batches, or images.npy and labels.npy; none: "
                 "generated images")
      ->group("Network and data");
  app.add_option("--images", options.images, "how many to generate; 0: 2560, or fewer large ones")
      ->check(CLI::Range(0, 10000000))
      ->group("Network and data");
  app.add_option("--seed", options.seed, "of weights, order and dropout")
      ->group("Network and data");
  app.add_option("--batch", options.batch, "images in a batch, of all ranks together")
      ->check(CLI::Range(1, 1 << 20))
      ->group("Training");
  app.add_option("--epochs", options.epochs, "passes over the data")
      ->check(CLI::Range(1, 1000000))
      ->group("Training");
  app.add_option("--steps", options.steps, "end after so many batches; 0: after the epochs")
      ->check(CLI::NonNegativeNumber)
      ->group("Training");
  app.add_option("--optimizer", options.optimizer,
                 "sgd, or isgd: more work on batches whose loss stands out")
      ->check(CLI::IsMember({"sgd", "isgd"}))
      ->group("Training");
  app.add_option("--rate", options.rate, "learning rate")
      ->check(CLI::PositiveNumber)
      ->group("Training");
  app.add_option("--schedule", options.schedule,
                 "of the rate: constant, step:EPOCHS:FACTOR, poly:POWER, cosine")
      ->group("Training");
  app.add_option("--momentum", options.sgd.momentum, "of sgd")
      ->check(CLI::Range(0.0, 1.0))
      ->group("Training");
  app.add_flag("--nesterov", options.sgd.nesterov, "momentum of Nesterov's kind")
      ->group("Training");
  app.add_option("--weight-decay", options.sgd.weight_decay, "of weights, not of biases")
      ->check(CLI::NonNegativeNumber)
      ->group("Training");
  app.add_flag("--fixed-batches", options.fixed_batches,
               "shuffle once: each batch is the same images in every epoch (isgd always does)")
      ->group("Training");
  app.add_option("--device", options.device,
                 "cpu, cuda:N, or cuda: each rank of a host takes the next GPU")
      ->group("Computing");
  app.add_option("--conv", options.convolution,
                 "convolutions by direct, winograd (oneDNN) or gemm (libblasx); without it direct, "
                 "or on a GPU what cuDNN prefers")
      ->check(CLI::IsMember({"direct", "winograd", "gemm"}))
      ->group("Computing");
  app.add_option("--exchange", options.exchange,
                 "allreduce: gradients; reduce: gradients to rank 0, which broadcasts parameters")
      ->check(CLI::IsMember({"allreduce", "reduce"}))
      ->group("Computing");
  app.add_flag(
         "!--no-overlap", options.overlap,
         "exchange after the backward pass, by blocking calls: to see what overlapping brings")
      ->group("Computing");
  app.add_flag("--sync-batch-norm", options.sync_norms,
               "batch norm over the images of all ranks, not over each rank's own")
      ->group("Computing");
  app.add_flag("--check-ranks", options.check_ranks,
               "after each step, that all ranks hold the same bits")
      ->group("Computing");
  app.add_option("--checkpoint", options.checkpoint, "file to write after each epoch")
      ->group("Files");
  app.add_option("--checkpoint-steps", options.checkpoint_steps,
                 "write it after so many batches instead")
      ->check(CLI::NonNegativeNumber)
      ->group("Files");
  app.add_flag("--resume", options.resume, "go on from the checkpoint, if there is one")
      ->group("Files");
  app.add_option("--log", options.log,
                 "JSON lines: one a batch, one an epoch (scripts/plot_training.py)")
      ->group("Files");
  app.set_version_flag("--version", "bsp-train " BLASX_VERSION);
  nn::parse_command_line(app, argc, argv);
  if (options.resume && options.checkpoint.empty())
    throw nn::Error("--resume: from which file? Say --checkpoint FILE");
  if (options.optimizer == "isgd") options.fixed_batches = true;
  const nn::Schedule known(options.schedule);  // throws
  return options;
}

std::string same_when_resumed(const Options& o) {
  return fmt::format(
      "--net {}\n--data {}\n--images {}\n--batch {}\n--seed {}\n--optimizer {}\n--fixed-batches "
      "{}\n",
      o.net, o.data, o.images, o.batch, o.seed, o.optimizer, o.fixed_batches);
}

std::string same_on_all(const Options& o) {
  return same_when_resumed(o) +
         fmt::format(
             "--epochs {}\n--steps {}\n--rate {}\n--schedule {}\n--momentum {}\n--nesterov {}\n"
             "--weight-decay {}\n--device {}\n--conv {}\n--exchange {}\n--checkpoint-steps "
             "{}\n--resume {}\n"
             "--overlap {}\n--sync-batch-norm {}\n--check-ranks {}\n",
             o.epochs, o.steps, o.rate, o.schedule, o.sgd.momentum, o.sgd.nesterov,
             o.sgd.weight_decay, o.device, o.convolution, o.exchange, o.checkpoint_steps, o.resume,
             o.overlap, o.sync_norms, o.check_ranks);
}

}  // namespace trainer
