// SPDX-License-Identifier: Apache-2.0
// What it costs to read panels of a matrix that is not in the page cache, and to write blocks until they are on the disk:
// through the cache or past it, with and without a ring. Whole lines, neighbours in the file, show what the disk can give.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <vector>

#include "bench/ooc_gemm/matrix_file.hpp"
#include "common/program/command_line.hpp"
#include "ooc_gemm/storage/direct.hpp"
#include "ooc_gemm/storage/file.hpp"
#include "ooc_gemm/storage/pool.hpp"

namespace {

using namespace ooc_gemm::storage;  // NOLINT(google-build-using-namespace)

constexpr int64_t kSide = 8192;
constexpr int kThreads = 4;

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Reading {
  const char* name;
  Way way;
  bool ring;
};

// Lines of a window as pieces, for a reader without a ring.
void read_without_ring(int descriptor, const File& file, const Window& window, char* to) {
  thread_local DirectIo direct(false);
  std::vector<Piece> pieces;
  const int64_t bytes = window.cols * 8;
  for (int64_t line = 0; line < window.rows; ++line)
    pieces.push_back({line_offset(file.matrix(), window, line), bytes, to + line * bytes});
  if (!direct.read(descriptor, direct_alignment(descriptor), pieces).empty())
    throw std::runtime_error("a direct read was refused");
}

// Half of the matrix's panels, rows x cols each.
void measure(const std::string& path, const Reading& reading, int64_t rows, int64_t cols) {
  blasx::bench::drop_from_cache(path);
  const auto name = parse_name(path);
  const auto file = File::open(*name, reading.way);
  if (!file) throw std::runtime_error(file.error().message());
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
  std::vector<char> panel(static_cast<size_t>(rows * (cols * 8 + kPage) + 2 * kPage));
  char* page = panel.data() + kPage - reinterpret_cast<uintptr_t>(panel.data()) % kPage;
  Pool pool(kThreads);
  const double used = processor_seconds();
  const auto begin = std::chrono::steady_clock::now();
  int64_t bytes = 0;
  for (int64_t at = 0; at < kSide / 2; at += std::min(rows, cols)) {
    const Window window = rows > cols ? Window{0, at, rows, cols} : Window{at, 0, rows, cols};
    Ticket ticket;
    char* lines = page + file->place_offset(window);
    // As a run does: one ring has the whole panel, lines as far apart as their sectors want.
    const int64_t each = reading.ring ? rows : rows / (int64_t{4} * kThreads);
    const int64_t ld = reading.ring ? file->pitch(window) : cols;
    for (int64_t first = 0; first < rows; first += each) {
      const Window part = window.part(Order::C, first, each);
      char* to = lines + first * ld * 8;
      pool.submit(ticket,
                  [&file, &reading, part, to, ld, descriptor]() -> ooc_gemm::storage::Status {
                    if (reading.way == Way::Cached || reading.ring)
                      return file->read(part, to, ld, reading.ring);
                    read_without_ring(descriptor, *file, part, to);
                    return {};
                  });
    }
    if (const auto done = ticket.wait(); !done) throw std::runtime_error(done.message());
    bytes += rows * cols * 8;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto gb = static_cast<double>(bytes) / 1e9;
  close(descriptor);
  fmt::print("{:<24} {:>6} KiB {:>9.0f} {:>17.2f}\n", reading.name, cols * 8 / 1024,
             gb / seconds * 1e3, (processor_seconds() - used) / gb);
}

// Half of a matrix, in blocks of 4096 columns as a product's.
void measure_writing(const std::string& path, Way way) {
  constexpr int64_t kRows = 512;
  constexpr int64_t kCols = kSide / 2;
  auto file = File::create({path, Element::F8, Order::C, kSide, kSide, 0}, way);
  if (!file || !file->lay_out(false).ok()) throw std::runtime_error(path + " cannot be made");
  const std::vector<double> strip = blasx::bench::random_elements(kRows * kCols, 1);
  Pool pool(kThreads);
  const double used = processor_seconds();
  const auto begin = std::chrono::steady_clock::now();
  Ticket ticket;
  for (int64_t at = 0; at < kSide; at += kRows) {
    pool.submit(ticket, [&, at] {
      return file->write({at, 0, kRows, kCols}, strip.data(), kCols);
    });
  }
  if (!ticket.wait().ok() || !file->flush().ok()) throw std::runtime_error("a write was refused");
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto gb = static_cast<double>(kSide * kCols * 8) / 1e9;
  fmt::print("{:<24} {:>6} KiB {:>9.0f} {:>17.2f}\n",
             way == Way::Cached ? "through the cache" : "past it, by io_uring", kCols * 8 / 1024,
             gb / seconds * 1e3, (processor_seconds() - used) / gb);
}

void run(const std::string& folder) {
  const std::string path = folder + "/bench-ooc-storage-" + std::to_string(getpid()) + ".npy";
  blasx::bench::write_matrix(path, kSide, blasx::bench::random_elements(kSide * kSide, 1));
  fmt::print("{:<24} {:>10} {:>9} {:>17}\n", "not cached, read", "lines of", "MB/s",
             "processor s/GB");
  for (const auto& [rows, cols] :
       {std::pair<int64_t, int64_t>{4096, 512}, {4096, 640}, {320, 4096}, {256, kSide}}) {
    for (const Reading& reading : {Reading{"through the cache", Way::Cached, false},
                                   {"past it, threads alone", Way::Direct, false},
                                   {"past it, by io_uring", Way::Direct, true}}) {
      measure(path, reading, rows, cols);
    }
  }
  fmt::print("written\n");
  for (const Way way : {Way::Cached, Way::Direct}) {
    std::remove(path.c_str());
    measure_writing(path, way);
  }
  std::remove(path.c_str());
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  std::string folder = ".";
  CLI::App app("Panels of 8192 x 8192 doubles read from a disk and written to it, by 4 threads");
  app.add_option("--folder", folder, "On the disk that is measured")->capture_default_str();
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  try {
    run(folder);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_ooc_storage: %s\n", error.what());
    return 1;
  }
}
