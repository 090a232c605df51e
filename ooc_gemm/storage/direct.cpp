// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/direct.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#ifdef OOC_GEMM_HAS_URING
#include <liburing.h>
#endif

namespace ooc_gemm::storage {

namespace {

constexpr int64_t kPage = 4096;
// Two pieces of this size already keep a disk busy; smaller ones are in flight in greater number.
constexpr int64_t kMemoryBytes = 1 << 20;
constexpr int64_t kLargestRequest = 256 << 10;
// The usual four threads then stay far below a virtual disk's queue of 256. Where that is full, the kernel has threads
// of its own send on what waits, and moving the data costs the processors a third more; no disk needs that many.
constexpr int64_t kMostInFlight = 16;
// No disk's is larger; beyond it the parts of a long piece would be empty.
constexpr int64_t kLargestAlignment = kLargestRequest / 4;

// Long pieces in parts that end where the disk's blocks do.
std::vector<Piece> cut(const std::vector<Piece>& pieces, int64_t alignment) {
  const int64_t most = kLargestRequest - 2 * alignment;
  std::vector<Piece> parts;
  parts.reserve(pieces.size());
  for (Piece rest : pieces) {
    while (rest.bytes > most) {
      const int64_t end = (rest.offset + most) / alignment * alignment;
      const int64_t bytes = end - rest.offset;
      parts.push_back({rest.offset, bytes, rest.data});
      rest = {end, rest.bytes - bytes, rest.data + bytes};
    }
    if (rest.bytes > 0) parts.push_back(rest);
  }
  return parts;
}

bool is_aligned(const char* data) { return reinterpret_cast<uintptr_t>(data) % kPage == 0; }

}  // namespace

int64_t direct_alignment(int descriptor) {
#ifdef STATX_DIOALIGN
  struct statx facts {};
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_DIOALIGN, &facts) == 0 &&
      (facts.stx_mask & STATX_DIOALIGN) != 0) {
    return facts.stx_dio_mem_align <= kPage ? facts.stx_dio_offset_align : 0;
  }
#endif
  return kPage;  // holds wherever direct reads are possible; opening will tell
}

double cached_share(int descriptor, int64_t size_bytes) {
  constexpr int64_t kSamples = 128;
  const int64_t pages = (size_bytes + kPage - 1) / kPage;
  if (pages == 0) return 1;
  void* mapped =
      mmap(nullptr, static_cast<size_t>(size_bytes), PROT_READ, MAP_SHARED, descriptor, 0);
  if (mapped == MAP_FAILED) return 1;
  const int64_t samples = std::min(pages, kSamples);
  int64_t cached = 0;
  for (int64_t i = 0; i < samples; ++i) {
    unsigned char resident = 0;
    char* page = static_cast<char*>(mapped) + pages * i / samples * kPage;
    if (mincore(page, kPage, &resident) != 0 || (resident & 1) != 0) ++cached;
  }
  munmap(mapped, static_cast<size_t>(size_bytes));
  return static_cast<double>(cached) / static_cast<double>(samples);
}

#ifdef OOC_GEMM_HAS_URING

class DirectIo::Ring {
 public:
  // Null where the kernel has none, or does not let this process have one.
  static std::unique_ptr<Ring> make(char* memory) {
    auto made = std::make_unique<Ring>();
    // Kernels that can (6.1) tell of what is done when it is asked for, instead of interrupting whichever thread computes.
    const unsigned quiet = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    if (io_uring_queue_init(kMostInFlight, &made->ring_, quiet) != 0 &&
        io_uring_queue_init(kMostInFlight, &made->ring_, 0) != 0)
      return nullptr;
    made->ready_ = true;
    // Memory that the kernel knows is not looked up for each request; it may refuse to, then it is.
    const iovec whole{memory, kMemoryBytes};
    made->knows_memory_ = io_uring_register_buffers(&made->ring_, &whole, 1) == 0;
    return made;
  }
  ~Ring() {
    if (ready_) io_uring_queue_exit(&ring_);
  }

  void begin(int descriptor, int64_t slot, const Request& request) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);  // there are as many as slots
    const auto bytes = static_cast<unsigned>(request.bytes);
    const auto offset = static_cast<uint64_t>(request.piece.offset - request.skip);
    if (request.direction == Direction::Read && knows_memory_) {
      io_uring_prep_read_fixed(entry, descriptor, request.memory, bytes, offset, 0);
    } else if (request.direction == Direction::Read) {
      io_uring_prep_read(entry, descriptor, request.memory, bytes, offset);
    } else {
      io_uring_prep_write(entry, descriptor, request.memory, bytes, offset);
    }
    entry->user_data = static_cast<uint64_t>(slot);
  }
  // Until something that was begun is done: its slot, and bytes or a negative error; slot -1 when the kernel takes no more.
  // A thread that woke for each would cost more than the reads: it sleeps until half of them are done, and begins as many
  // by one system call.
  std::pair<int64_t, int64_t> wait(int64_t in_flight) {
    const auto half = static_cast<unsigned>((in_flight + 1) / 2);
    io_uring_cqe* entry = nullptr;
    while (io_uring_peek_cqe(&ring_, &entry) != 0) {
      const int error = io_uring_submit_and_wait(&ring_, half);
      if (error < 0 && error != -EINTR) return {-1, error};
    }
    const std::pair<int64_t, int64_t> done{static_cast<int64_t>(entry->user_data), entry->res};
    io_uring_cqe_seen(&ring_, entry);
    return done;
  }
  // Whether any of what was begun has been taken by the kernel and is not known to be done.
  bool is_under_way(int64_t in_flight) const { return in_flight > io_uring_sq_ready(&ring_); }

 private:
  io_uring ring_{};
  bool ready_ = false;
  bool knows_memory_ = false;
};

#else

// Never there, but callers need no second face.
class DirectIo::Ring {
 public:
  static std::unique_ptr<Ring> make(char* /*memory*/) { return nullptr; }
  void begin(int /*descriptor*/, int64_t /*slot*/, const Request& /*request*/) {}
  std::pair<int64_t, int64_t> wait(int64_t /*in_flight*/) { return {-1, -1}; }
  bool is_under_way(int64_t /*in_flight*/) const { return false; }
};

#endif

DirectIo& DirectIo::of_this_thread() {
  thread_local DirectIo own;
  return own;
}

DirectIo::DirectIo(bool with_ring)
    : memory_(static_cast<char*>(std::aligned_alloc(kPage, kMemoryBytes))),
      ring_(with_ring && memory_ != nullptr ? Ring::make(memory_) : nullptr) {}

DirectIo::~DirectIo() {
  ring_.reset();
  if (!memory_in_use_) std::free(memory_);  // else some of it may still be written to
}

void DirectIo::finish(const Request& request, int64_t got, std::vector<Piece>& refused) {
  if (got < request.skip + request.piece.bytes) {
    refused.push_back(request.piece);
  } else if (request.direction == Direction::Read) {
    std::memcpy(request.piece.data, request.memory + request.skip,
                static_cast<size_t>(request.piece.bytes));
  }
}

std::vector<Piece> DirectIo::transfer(Direction direction, int descriptor, int64_t alignment,
                                      const std::vector<Piece>& pieces) {
  if (memory_ == nullptr || ring_failed_ || alignment > kLargestAlignment) return pieces;
  const std::vector<Piece> parts = cut(pieces, alignment);
  int64_t longest = 1;
  for (const Piece& part : parts) longest = std::max(longest, part.bytes);
  const int64_t slot_bytes = (longest + 2 * alignment + kPage - 1) / kPage * kPage;
  const int64_t slots = std::min(kMostInFlight, kMemoryBytes / slot_bytes);
  const auto request_for = [&](const Piece& part, int64_t slot) {
    char* memory = memory_ + slot * slot_bytes;
    if (direction == Direction::Write) {
      if (is_aligned(part.data)) {
        memory = part.data;
      } else {
        std::memcpy(memory, part.data, static_cast<size_t>(part.bytes));
      }
    }
    const int64_t skip = part.offset % alignment;
    const int64_t bytes = (skip + part.bytes + alignment - 1) / alignment * alignment;
    return Request{direction, part, skip, bytes, memory};
  };
  std::vector<Piece> refused;
  if (!ring_) {
    for (const Piece& part : parts) {
      const Request request = request_for(part, 0);
      const auto count = static_cast<size_t>(request.bytes);
      const int64_t offset = part.offset - request.skip;
      finish(request,
             direction == Direction::Read ? pread(descriptor, request.memory, count, offset)
                                          : pwrite(descriptor, request.memory, count, offset),
             refused);
    }
    return refused;
  }
  std::vector<Request> in_flight(static_cast<size_t>(slots));
  size_t next = 0;
  size_t done = 0;
  const auto begin = [&](int64_t slot) {
    Request& request = in_flight[static_cast<size_t>(slot)];
    request = request_for(parts[next++], slot);
    ring_->begin(descriptor, slot, request);
  };
  for (int64_t slot = 0; slot < slots && next < parts.size(); ++slot) begin(slot);
  for (; done < parts.size(); ++done) {
    const auto [slot, got] = ring_->wait(static_cast<int64_t>(next - done));
    if (slot < 0) {
      ring_failed_ = true;
      // Reads under way may still write to the memory: it is not used again. Writes may still read the caller's.
      memory_in_use_ = ring_->is_under_way(static_cast<int64_t>(next - done));
      is_lost_ = direction == Direction::Write && memory_in_use_;
      for (const Request& request : in_flight)
        if (request.piece.bytes > 0) refused.push_back(request.piece);
      refused.insert(refused.end(), parts.begin() + static_cast<int64_t>(next), parts.end());
      break;
    }
    Request& request = in_flight[static_cast<size_t>(slot)];
    finish(request, got, refused);
    request.piece.bytes = 0;
    if (next < parts.size()) begin(slot);
  }
  std::sort(refused.begin(), refused.end(),
            [](const Piece& a, const Piece& b) { return a.offset < b.offset; });
  return refused;
}

}  // namespace ooc_gemm::storage
