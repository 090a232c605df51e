// SPDX-License-Identifier: Apache-2.0
// Reads and writes that go past the page cache, many at once: through io_uring where the kernel lets us, else one after
// another. A DirectIo belongs to one thread and owns its ring and aligned memory, for what the disk cannot reach in place.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "ooc_gemm/storage/description.hpp"

namespace ooc_gemm::storage {

struct Piece {
  int64_t offset = 0;  // in the file
  int64_t bytes = 0;
  char* data = nullptr;
  bool room =
      false;  // memory round it, to the ends of its first and last sector, may be written to by a read
};

// A piece of fewer is copied from where it was read to: it has little more than parts of sectors.
inline constexpr int64_t kLeastSectors = 4;

// Alignment, in bytes, that the file's system wants of direct transfers, in the file and in memory; 0 where there are none.
int64_t direct_alignment(int descriptor);
// Share of the file's pages that are in memory already, from a few of them.
double cached_share(int descriptor, int64_t size_bytes);

class DirectIo {
 public:
  // The calling thread's own, made at its first use.
  static DirectIo& of_this_thread();
  explicit DirectIo(bool with_ring = true);
  ~DirectIo();
  DirectIo(const DirectIo&) = delete;
  DirectIo& operator=(const DirectIo&) = delete;

  // A piece whose place in memory is aligned as that in the file is read straight there, all but the sectors that it has only
  // parts of where there is no room for them; others are copied.
  // Reads all pieces by a descriptor opened with O_DIRECT. What it could not read whole, at the end of a file that was
  // cut or where the disk or the ring refused, is given back, first things first: an ordinary read will tell what is wrong.
  std::vector<Piece> read(int descriptor, int64_t alignment, const std::vector<Piece>& pieces) {
    return transfer(Direction::Read, descriptor, alignment, pieces);
  }
  // As read(), of pieces that begin and end aligned.
  std::vector<Piece> write(int descriptor, int64_t alignment, const std::vector<Piece>& pieces) {
    return transfer(Direction::Write, descriptor, alignment, pieces);
  }
  bool has_ring() const { return ring_ != nullptr; }
  // Whether threads of this process may have rings: one of those moves as much as a disk can.
  static bool has_rings();
  // The kernel took the ring away while it moved what was asked for last: nobody can tell when it no longer uses the memory
  // it was given.
  bool is_lost() const { return is_lost_; }

 private:
  class Ring;
  enum class Direction : uint8_t { Read, Write };
  struct Request {
    Direction direction = Direction::Read;
    Piece piece;
    int64_t skip = 0;  // bytes before the piece, so that a read begins aligned
    int64_t bytes = 0;
    // The slot's own memory: room for the piece, or for the sectors at its ends.
    char* memory = nullptr;
    std::array<iovec, 3> to{};
    int parts = 1;
  };
  std::vector<Piece> transfer(Direction direction, int descriptor, int64_t alignment,
                              const std::vector<Piece>& pieces);
  static void lay_out(Request& request, int64_t alignment);
  static void finish(const Request& request, int64_t got, std::vector<Piece>& refused);

  char* memory_;
  std::unique_ptr<Ring> ring_;
  bool ring_failed_ = false;
  bool memory_in_use_ = false;  // by requests of a ring that failed
  bool is_lost_ = false;
};

}  // namespace ooc_gemm::storage
