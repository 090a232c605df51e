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

// Two pieces of this size already keep a disk busy; smaller ones are in flight in greater number.
constexpr int64_t kMemoryBytes = 1 << 20;
constexpr int64_t kLargestRequest = 256 << 10;
// A virtual disk's queue of 256 has room for 85 whose memory is one piece. Where it is full, the kernel has threads of its own send
// on what waits, and moving the data costs the processors a third more.
constexpr int64_t kMostInFlight = 64;
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
      parts.push_back({rest.offset, bytes, rest.data, rest.room});
      rest = {end, rest.bytes - bytes, rest.data + bytes, rest.room};
    }
    if (rest.bytes > 0) parts.push_back(rest);
  }
  return parts;
}

bool is_aligned(const char* data) { return reinterpret_cast<uintptr_t>(data) % kPage == 0; }

// Whether the sectors of the file that the piece has whole can be read to their places in it.
bool lies_as_sectors(const Piece& piece, int64_t alignment) {
  const auto place = static_cast<int64_t>(reinterpret_cast<uintptr_t>(piece.data));
  return (place - piece.offset) % alignment == 0 && piece.bytes >= kLeastSectors * alignment;
}

}  // namespace

int64_t direct_alignment(int descriptor) {
#ifdef STATX_DIOALIGN
  struct statx facts {};
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_DIOALIGN, &facts) == 0 &&
      (facts.stx_mask & STATX_DIOALIGN) != 0) {
    if (facts.stx_dio_mem_align > kPage || facts.stx_dio_offset_align == 0) return 0;
    return std::max(facts.stx_dio_offset_align, facts.stx_dio_mem_align);
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
    void* memory = request.to[0].iov_base;
    if (request.direction == Direction::Write) {
      io_uring_prep_write(entry, descriptor, memory, bytes, offset);
    } else if (request.parts > 1) {
      io_uring_prep_readv(entry, descriptor, request.to.data(),
                          static_cast<unsigned>(request.parts), offset);
    } else if (knows_memory_ && memory == request.memory) {
      io_uring_prep_read_fixed(entry, descriptor, memory, bytes, offset, 0);
    } else {
      io_uring_prep_read(entry, descriptor, memory, bytes, offset);
    }
    entry->user_data = static_cast<uint64_t>(slot);
  }
  // Until something that was begun is done: its slot, and bytes or a negative error; slot -1 when the kernel takes no more.
  // A thread that woke for each would cost more than the reads, and hold up a product that often: it sleeps until all of them
  // are done, while other threads' are with the disk, and begins as many by one system call.
  std::pair<int64_t, int64_t> wait(int64_t in_flight) {
    const auto all = static_cast<unsigned>(in_flight);
    io_uring_cqe* entry = nullptr;
    while (io_uring_peek_cqe(&ring_, &entry) != 0) {
      const int error = io_uring_submit_and_wait(&ring_, all);
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

bool DirectIo::has_rings() {
  static const bool has = DirectIo().has_ring();
  return has;
}

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

// Where a request's bytes come from or go to.
void DirectIo::lay_out(Request& request, int64_t alignment) {
  const Piece& piece = request.piece;
  request.skip = piece.offset % alignment;
  request.bytes = (request.skip + piece.bytes + alignment - 1) / alignment * alignment;
  request.parts = 0;
  const auto add = [&](char* to, int64_t bytes) {
    if (bytes > 0)
      request.to[static_cast<size_t>(request.parts++)] = {to, static_cast<size_t>(bytes)};
  };
  if (request.direction == Direction::Write) {
    const bool straight = is_aligned(piece.data);
    if (!straight) std::memcpy(request.memory, piece.data, static_cast<size_t>(piece.bytes));
    add(straight ? piece.data : request.memory, request.bytes);
  } else if (!lies_as_sectors(piece, alignment)) {
    add(request.memory, request.bytes);
  } else if (piece.room) {
    add(piece.data - request.skip, request.bytes);
  } else {
    const int64_t head = request.skip > 0 ? alignment : 0;
    const int64_t tail = (request.skip + piece.bytes) % alignment > 0 ? alignment : 0;
    add(request.memory, head);
    add(piece.data + head - request.skip, request.bytes - head - tail);
    add(request.memory + head, tail);
  }
}

void DirectIo::finish(const Request& request, int64_t got, std::vector<Piece>& refused) {
  const Piece& piece = request.piece;
  if (got < request.skip + piece.bytes) {
    refused.push_back(piece);
    return;
  }
  if (request.direction == Direction::Write) return;
  // What came to the slot's memory.
  int64_t at = -request.skip;  // in the piece
  for (int part = 0; part < request.parts; ++part) {
    const iovec& to = request.to[static_cast<size_t>(part)];
    const auto bytes = static_cast<int64_t>(to.iov_len);
    const auto* from = static_cast<const char*>(to.iov_base);
    const int64_t begin = std::max<int64_t>(at, 0);
    const int64_t end = std::min(at + bytes, piece.bytes);
    if (from + (begin - at) != piece.data + begin)
      std::memcpy(piece.data + begin, from + (begin - at), static_cast<size_t>(end - begin));
    at += bytes;
  }
}

std::vector<Piece> DirectIo::transfer(Direction direction, int descriptor, int64_t alignment,
                                      const std::vector<Piece>& pieces) {
  is_lost_ = false;
  if (memory_ == nullptr || ring_failed_ || alignment > kLargestAlignment) return pieces;
  const std::vector<Piece> parts = cut(pieces, alignment);
  int64_t longest = 1;
  for (const Piece& part : parts) longest = std::max(longest, part.bytes);
  const int64_t slot_bytes = (longest + 2 * alignment + kPage - 1) / kPage * kPage;
  const int64_t slots = std::min(kMostInFlight, kMemoryBytes / slot_bytes);
  const auto request_for = [&](const Piece& part, int64_t slot) {
    Request request;
    request.direction = direction;
    request.piece = part;
    request.memory = memory_ + slot * slot_bytes;
    lay_out(request, alignment);
    return request;
  };
  std::vector<Piece> refused;
  if (!ring_) {
    for (const Piece& part : parts) {
      const Request request = request_for(part, 0);
      const int64_t offset = part.offset - request.skip;
      finish(request,
             direction == Direction::Read
                 ? preadv(descriptor, request.to.data(), request.parts, offset)
                 : pwritev(descriptor, request.to.data(), request.parts, offset),
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
      // What is under way may still use the memory, which is not used again, and the caller's.
      memory_in_use_ = ring_->is_under_way(static_cast<int64_t>(next - done));
      is_lost_ = memory_in_use_;
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
