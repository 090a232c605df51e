// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/checkpoint.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <memory>

#include "ooc_gemm/run/hash.hpp"
#include "ooc_gemm/storage/file.hpp"

namespace ooc_gemm::ann {

namespace {

constexpr const char* kMagic = "ann-train checkpoint 2";

// A file with a running checksum over what goes through it.
class Stream {
 public:
  Stream(const std::string& path, const char* mode)
      : path_(path), file_(fopen(path.c_str(), mode)) {}
  bool is_open() const { return file_ != nullptr; }

  Status write(const void* data, size_t bytes) {
    sum_ = run::hash_bytes(data, bytes, sum_);
    return write_apart(data, bytes);
  }
  Status write_apart(const void* data, size_t bytes) {
    if (fwrite(data, 1, bytes, file_.get()) != bytes)
      return storage::io_failure(path_, offset_, "cannot write", errno);
    offset_ += static_cast<int64_t>(bytes);
    return {};
  }
  Status read(void* data, size_t bytes) {
    if (Status got = read_apart(data, bytes); !got) return got;
    sum_ = run::hash_bytes(data, bytes, sum_);
    return {};
  }
  Status read_apart(void* data, size_t bytes) {
    const size_t got = fread(data, 1, bytes, file_.get());
    offset_ += static_cast<int64_t>(got);
    if (got == bytes) return {};
    return Status(StatusCode::IoError,
                  fmt::format("{}: offset {}: the file ends here; {} more bytes were expected",
                              path_, offset_, bytes - got));
  }
  Status flush() {
    if (fflush(file_.get()) == 0 && fsync(fileno(file_.get())) == 0) return {};
    return storage::io_failure(path_, -1, "cannot write to the disk", errno);
  }
  uint64_t sum() const { return sum_; }

 private:
  struct Close {
    void operator()(FILE* file) const { (void)fclose(file); }
  };
  std::string path_;
  std::unique_ptr<FILE, Close> file_;
  int64_t offset_ = 0;
  uint64_t sum_ = 1;
};

// Both ways: every number of the network, in one order. `move(data, bytes)` writes it, or reads it in place.
template <typename Move>
Status move_all(Weights& weights, bool changes, Move move) {
  const Network& network = weights.network();
  for (int64_t layer = 1; layer <= network.layers(); ++layer) {
    const auto row_bytes = static_cast<size_t>(network.in(layer)) * sizeof(float);
    // Row by row: the checksum must not depend on the panels.
    Status moved = weights.for_each_panel(layer, changes, [&](const Weights::Panel& panel) {
      Status done;
      for (int64_t row = 0; row < panel.rows && done; ++row)
        done = move(panel.data + row * network.in(layer), row_bytes);
      return done;
    });
    if (moved)
      moved = move(weights.bias(layer), static_cast<size_t>(network.out(layer)) * sizeof(float));
    if (!moved) return moved;
  }
  return {};
}

}  // namespace

Status save_checkpoint(const std::string& path, const std::string& identity, int64_t step,
                       Weights& weights) {
  const std::string fresh = path + ".new";
  Stream file(fresh, "wb");
  if (!file.is_open()) return storage::io_failure(fresh, -1, "cannot create", errno);
  const std::string line = fmt::format("{} {} step={}\n", kMagic, identity, step);
  Status done = file.write(line.data(), line.size());
  if (done)
    done = move_all(weights, false,
                    [&](float* data, size_t bytes) { return file.write(data, bytes); });
  const uint64_t sum = file.sum();
  if (done) done = file.write_apart(&sum, sizeof(sum));
  if (done) done = file.flush();
  if (done && rename(fresh.c_str(), path.c_str()) != 0)
    done = storage::io_failure(path, -1, "cannot create", errno);
  if (!done) {
    unlink(fresh.c_str());
    return done;
  }
  return storage::flush_name(path);
}

Result<int64_t> load_checkpoint(const std::string& path, const std::string& identity,
                                Weights& weights) {
  Stream file(path, "rb");
  if (!file.is_open()) return blasx::failure(storage::io_failure(path, -1, "cannot open", errno));
  std::string line;
  constexpr size_t kLongestLine = 4096;
  for (char letter = 0; letter != '\n' && line.size() < kLongestLine; line += letter) {
    if (!file.read_apart(&letter, 1)) break;
  }
  const std::string expected = fmt::format("{} {} step=", kMagic, identity);
  int64_t step = 0;
  if (!line.starts_with(kMagic)) {
    return blasx::failure(StatusCode::InvalidArgument, path + ": offset 0: not a checkpoint");
  }
  if (!line.starts_with(expected) || std::sscanf(line.c_str() + expected.size(), "%" SCNd64,
                                                 &step) != 1) {  // NOLINT(cert-err34-c)
    return blasx::failure(StatusCode::InvalidArgument,
                          fmt::format("{}: another training's: it is {}; this one is {}", path,
                                      line.substr(0, line.find('\n')), identity));
  }
  uint64_t sum = run::hash_bytes(line.data(), line.size(), 1);
  Status done = move_all(weights, true, [&](float* data, size_t bytes) {
    Status got = file.read_apart(data, bytes);
    if (got) sum = run::hash_bytes(data, bytes, sum);
    return got;
  });
  uint64_t stored = 0;
  if (done) done = file.read_apart(&stored, sizeof(stored));
  if (done && stored != sum)
    done = Status(StatusCode::IoError, path + ": damaged: its checksum is wrong");
  if (!done) return blasx::failure(done);
  return step;
}

}  // namespace ooc_gemm::ann
