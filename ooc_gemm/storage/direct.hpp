// SPDX-License-Identifier: Apache-2.0
// Reads that go past the page cache, many at once: through io_uring where the kernel lets us, else one after another.
// A DirectReader belongs to one thread and owns its ring and the aligned memory that the disk writes to.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace ooc_gemm::storage {

struct Piece {
  int64_t offset = 0;  // in the file
  int64_t bytes = 0;
  char* to = nullptr;
};

// Alignment, in bytes, that the file's system wants of direct reads; 0 where there are none.
int64_t direct_alignment(int descriptor);
// Share of the file's pages that are in memory already, from a few of them.
double cached_share(int descriptor, int64_t size_bytes);

class DirectReader {
 public:
  // The calling thread's own, made at its first use.
  static DirectReader& of_this_thread();
  explicit DirectReader(bool with_ring = true);
  ~DirectReader();
  DirectReader(const DirectReader&) = delete;
  DirectReader& operator=(const DirectReader&) = delete;

  // Reads all pieces by a descriptor opened with O_DIRECT. What it could not read whole, at the end of a file that was
  // cut or where the disk or the ring refused, is given back, first things first: an ordinary read will tell what is wrong.
  std::vector<Piece> read(int descriptor, int64_t alignment, const std::vector<Piece>& pieces);
  bool has_ring() const { return ring_ != nullptr; }

 private:
  class Ring;
  struct Request {
    Piece piece;
    int64_t skip = 0;  // bytes before the piece, so that the read begins aligned
    int64_t bytes = 0;
    char* memory = nullptr;
  };
  void finish(const Request& request, int64_t got, std::vector<Piece>& refused);

  std::unique_ptr<Ring> ring_;
  char* memory_ = nullptr;
  bool ring_failed_ = false;
};

}  // namespace ooc_gemm::storage
