// SPDX-License-Identifier: Apache-2.0
// ann-train: trains a multi-layer network whose data or weights need not fit into memory, as matrix products.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/parse.hpp"
#include "common/program/command_line.hpp"
#include "ooc_gemm/ann/trainer.hpp"

namespace {

namespace ann = ooc_gemm::ann;
namespace parse = blasx::parse;
using blasx::Status;

struct Options {
  std::string layers, samples, labels, memory = "0", checkpoint, log, work;
  ann::Settings settings;
  bool plan_only = false, quiet = false;
};

constexpr const char* kTeach = R"(
Trains a multi-layer network (exponential linear units, softmax and cross-entropy at the end, plain gradient steps) by matrix products
alone: each is one cblas_sgemm, answered by libblasx and so by all its devices, or by a BLAS that is preloaded.

  ann-train 784-256-10                               MNIST, if it is found, else a generated set
  ann-train 784-1024-1024-10 --batch 256 --plan      the products of a step, what memory holds, what is streamed
  ann-train 784-256-10 --memory 2M                   samples that do not fit are read from their file as they are needed
  ann-train 784-65536-10 --memory 64M                so are weights
  ann-train 20-50-3 --samples x.npy --labels y.npy   NumPy's files: samples x numbers, f4 or f8; one integer label each
  ann-train 784-256-10 --checkpoint net.ann          saved after each epoch; the same command continues from it

MNIST is looked for in $BLASX_DATA_DIR/mnist, then ../shared/data/mnist. The last fifth of the samples is held out.
Everything follows from --seed: the same command with the same BLAS gives the same numbers.
)";

std::atomic<bool> interrupted{false};
void on_signal(int) { interrupted = true; }

int complain(const std::string& text, int status) {
  fmt::print(stderr, "ann-train: {}\n", text);
  return status;
}

int complain(const Status& status) {
  switch (status.code()) {
    case blasx::StatusCode::InvalidArgument:
      return complain(status.message(), 2);
    case blasx::StatusCode::OutOfMemory:
      return complain(status.message(), 4);
    default:
      return complain(status.message(), 3);
  }
}

std::string bytes_text(int64_t bytes) { return parse::human_bytes(static_cast<double>(bytes)); }

void print_products(const ann::Network& network, int64_t batch) {
  fmt::print("a step with {} samples:\n  {:<16} {:>22} {:>16} {:>10}\n", batch, "product",
             "m x n x k", "M operations", "bytes");
  double operations = 0;
  int64_t bytes = 0;
  for (const ann::StepProduct& product : ann::products_of_step(network, batch)) {
    fmt::print("  {:<16} {:>22} {:>16.2f} {:>10}\n", product.name,
               fmt::format("{} x {} x {}", product.m, product.n, product.k),
               product.operations() / 1e6, bytes_text(product.bytes()));
    operations += product.operations();
    bytes += product.bytes();
  }
  fmt::print("  {:<16} {:>22} {:>16.2f} {:>10}\n", "all", "", operations / 1e6, bytes_text(bytes));
}

void print_budget(const ann::Budget& budget, const ann::Network& network) {
  const auto place = [](bool in_memory) { return in_memory ? "in memory" : "in a file"; };
  fmt::print("memory {}: samples {} ({}), weights {} ({}), batches and activations {}\n",
             bytes_text(budget.total_bytes()), place(budget.data_in_memory),
             bytes_text(budget.data_bytes), place(budget.weights_in_memory),
             bytes_text(budget.weight_bytes), bytes_text(budget.other_bytes));
  if (budget.streamed_bytes_per_step > 0)
    fmt::print("streamed {} a step\n", bytes_text(budget.streamed_bytes_per_step));
  if (budget.weights_in_memory) return;
  for (int64_t layer = 1; layer <= network.layers(); ++layer) {
    fmt::print("  layer {}: panels of {} of {} rows\n", layer,
               budget.panel_rows[static_cast<size_t>(layer - 1)], network.out(layer));
  }
}

// What is told while it runs: a line on a terminal, sometimes one in a log; a line for each epoch.
class Teller {
 public:
  Teller(bool quiet, bool terminal, FILE* log) : quiet_(quiet), terminal_(terminal), log_(log) {}

  void tell(const ann::Progress& now) {
    if (log_ != nullptr) {
      fmt::print(log_, "{}\t{:.9g}\t{:.6f}\n", now.step, now.batch.mean_loss(),
                 now.batch.accuracy());
      if (now.held_out) std::fflush(log_);
    }
    if (quiet_) return;
    if (now.held_out) {
      clear();
      fmt::print("epoch {}: loss {:.4f}, accuracy {:.2f} %", now.epoch,
                 now.epoch_so_far.mean_loss(), 100 * now.epoch_so_far.accuracy());
      if (now.held_out->samples > 0)
        fmt::print("; held out: loss {:.4f}, accuracy {:.2f} %", now.held_out->mean_loss(),
                   100 * now.held_out->accuracy());
      fmt::print("; {:.0f} samples/s\n", static_cast<double>(now.samples) / now.seconds);
      std::fflush(stdout);
    }
    const double every_s = terminal_ ? 0.2 : 10;
    if (now.seconds - last_s_ < every_s || now.step == now.steps) return;
    last_s_ = now.seconds;
    const double rate = static_cast<double>(now.samples) / now.seconds;
    const auto left = static_cast<double>((now.steps - now.step) * now.batch.samples) / rate;
    fmt::print(stderr,
               "{}epoch {}/{}  step {}/{}  loss {:.4f}  accuracy {:.1f} %  {:.0f} samples/s  "
               "{:.0f} s left{}",
               terminal_ ? "\r" : "", now.epoch, now.epochs, now.step, now.steps,
               now.epoch_so_far.mean_loss(), 100 * now.epoch_so_far.accuracy(), rate, left,
               terminal_ ? "\033[K" : "\n");
    std::fflush(stderr);
    on_line_ = terminal_;
  }
  void clear() {
    if (on_line_) fmt::print(stderr, "\r\033[K");
    on_line_ = false;
  }

 private:
  bool quiet_;
  bool terminal_;
  FILE* log_;
  double last_s_ = 0;
  bool on_line_ = false;
};

blasx::Result<ann::Source> source_of(const Options& options) {
  if (!options.samples.empty()) return ann::open_source(options.samples, options.labels);
  std::string looked_in;
  auto source = ann::default_source(options.settings.seed, looked_in);
  if (source && source->form == ann::Source::Form::Generated && !options.quiet)
    fmt::print("no MNIST in {}: training on a generated set\n", looked_in);
  return source;
}

int train(const Options& options) {
  const auto source = source_of(options);
  if (!source) return complain(source.error());
  const ann::Settings& settings = options.settings;
  if (!options.quiet) {
    fmt::print("data: {}\n", source->text());
    print_products(settings.network, settings.batch);
  }
  if (options.plan_only) {
    const auto budget =
        ann::make_budget({settings.network, settings.batch, source->samples, source->row_bytes()},
                         settings.memory_bytes);
    if (!budget) return complain(budget.error());
    print_budget(*budget, settings.network);
    return 0;
  }
  auto trainer = ann::Trainer::make(settings, *source);
  if (!trainer) return complain(trainer.error());
  if (!options.quiet) print_budget((*trainer)->budget(), settings.network);
  const int64_t first = (*trainer)->first_step();
  if (!options.quiet && first > 0)
    fmt::print("continuing after step {} of {}\n", first, (*trainer)->steps());
  std::fflush(stdout);

  FILE* log = nullptr;
  if (!options.log.empty()) {
    log = std::fopen(options.log.c_str(), first > 0 ? "a" : "w");
    if (log == nullptr) return complain(options.log + ": cannot be written", 3);
  }
  (void)std::signal(SIGINT, on_signal);
  (void)std::signal(SIGTERM, on_signal);
  Teller teller(options.quiet, isatty(STDERR_FILENO) == 1, log);
  int64_t last = first;
  const Status done = (*trainer)->run([&](const ann::Progress& progress) {
    teller.tell(progress);
    last = progress.step;
    return !interrupted;
  });
  teller.clear();
  const bool logged = log == nullptr || std::fclose(log) == 0;
  if (!done) return complain(done);
  if (!logged) return complain(options.log + ": cannot be written whole", 3);
  if (last < (*trainer)->steps()) {
    return complain(settings.checkpoint.empty()
                        ? "interrupted"
                        : "interrupted and saved; the same command continues",
                    130);
  }
  return 0;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  Options options;
  ann::Settings& settings = options.settings;
  CLI::App app{kTeach, "ann-train"};
  app.set_version_flag("--version", "ann-train " BLASX_VERSION);
  app.add_option("LAYERS", options.layers, "sizes of input, layers and output: 784-256-10")
      ->required();
  auto* samples = app.add_option("--samples", options.samples, "IDX (gzip or not) or .npy");
  auto* labels = app.add_option("--labels", options.labels, "IDX (gzip or not) or .npy");
  samples->needs(labels);
  labels->needs(samples);
  app.add_option("-m,--memory", options.memory,
                 "for samples, weights and all between: 2M, 1G; 0: as much as it takes")
      ->capture_default_str();
  app.add_option("-b,--batch", settings.batch, "samples a step")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("-e,--epochs", settings.epochs, "times every sample is learnt")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--steps", settings.steps, "end after so many; 0: when the epochs are over")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_option("-r,--rate", settings.rate, "learning rate")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--held-out", settings.held_out,
                 "share of the samples, the last ones, to test with")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 0.9));
  app.add_option("--seed", settings.seed, "of weights and order")->capture_default_str();
  app.add_option("-c,--checkpoint", settings.checkpoint,
                 "saved after each epoch; continued when it is there");
  app.add_option("--log", options.log, "a line a step: step, loss, accuracy, with tabs between");
  app.add_option("--work", options.work, "folder for scratch files (default: $TMPDIR, else /tmp)");
  app.add_flag("--plan", options.plan_only, "print products and memory and end");
  app.add_flag("-q,--quiet", options.quiet, "say nothing but errors");
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;

  const auto network = ann::parse_network(options.layers);
  if (!network) return complain(network.error());
  settings.network = *network;
  const auto memory = parse::bytes(options.memory);
  if (!memory) return complain("--memory " + options.memory + ": " + memory.error().message(), 2);
  settings.memory_bytes = *memory;
  std::error_code none;
  settings.work_folder =
      options.work.empty() ? std::filesystem::temp_directory_path(none).string() : options.work;
  return train(options);
}
