// SPDX-License-Identifier: Apache-2.0
// Every collective of the shared-memory transport against the MPI underneath, on as many ranks as it is started with. Exit status 1
// and a line for each difference. GoogleTest's assertions return early, which ranks must not do alone.
#include <mpi.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "lpcoll/transport/shm/shm.hpp"

namespace {

using lpcoll::Call;
using lpcoll::Kind;
using lpcoll::Operation;
using lpcoll::shm::Copies;
using lpcoll::shm::Layout;
using lpcoll::shm::Node;

int rank = 0;
int size = 1;
int failures = 0;
Copies copies = Copies::Two;
constexpr std::byte kGuard{0xa5};
constexpr int64_t kGuardBytes = 64;

void expect(bool good, const std::string& what) {
  if (!good && ++failures <= 20) {
    std::fprintf(stderr, "rank %d of %d: %s\n", rank, size, what.c_str());
  }
}

struct PairOfDoubleInt {
  double value;
  int index;
};

struct Type {
  const char* name;
  MPI_Datatype type;
  int64_t extent;
};

// Buffers with guards on both sides; an odd number of elements into the allocation, so that no alignment is taken for granted.
class Buffer {
 public:
  explicit Buffer(int64_t bytes)
      : bytes_(bytes), all_(static_cast<size_t>(bytes + 2 * kGuardBytes), kGuard) {}
  std::byte* data() { return all_.data() + kGuardBytes; }
  size_t size() const { return static_cast<size_t>(bytes_); }
  bool guarded() const {
    for (int64_t i = 0; i < kGuardBytes; ++i) {
      if (all_[static_cast<size_t>(i)] != kGuard ||
          all_[static_cast<size_t>(kGuardBytes + bytes_ + i)] != kGuard) {
        return false;
      }
    }
    return true;
  }

 private:
  int64_t bytes_;
  std::vector<std::byte> all_;
};

// Small whole numbers: exact in every order, also as products of eight.
void fill(std::byte* to, const Type& type, int64_t count, uint32_t seed) {
  std::mt19937 random(seed * 1009U + static_cast<uint32_t>(rank));
  std::memset(to, 0, static_cast<size_t>(count * type.extent));
  for (int64_t i = 0; i < count; ++i) {
    const int value = static_cast<int>(random() % 5U) - 2;
    std::byte* at = to + i * type.extent;
    if (type.type == MPI_FLOAT) {
      const auto v = static_cast<float>(value);
      std::memcpy(at, &v, sizeof v);
    } else if (type.type == MPI_DOUBLE) {
      const double v = value;
      std::memcpy(at, &v, sizeof v);
    } else if (type.type == MPI_DOUBLE_INT) {
      const double v = value;
      const int index = rank * 3 + static_cast<int>(i % 7);
      std::memcpy(at, &v, sizeof v);
      std::memcpy(at + offsetof(PairOfDoubleInt, index), &index, sizeof index);
    } else if (type.type == MPI_INT64_T) {
      const int64_t v = int64_t{value} << 33;
      std::memcpy(at, &v, sizeof v);
    } else {
      // Sums that do not fit are the business of MPI's own functions, some of which saturate.
      const int v = type.extent < 4 ? value & 1 : value;
      std::memcpy(at, &v, static_cast<size_t>(type.extent < 4 ? type.extent : 4));
    }
  }
}

// As a starter does, but now and then late.
void complete(Operation& operation, std::mt19937& random) {
  for (;;) {
    const auto done = operation.advance();
    if (!done) {
      expect(false, done.error().to_string());
      return;
    }
    if (*done == lpcoll::Advance::Complete) {
      return;
    }
    if (random() % 64U == 0) {
      usleep(static_cast<useconds_t>(random() % 200U));
    } else {
      sched_yield();
    }
  }
}

void check_broadcast(Node& node, int64_t bytes, int root, uint32_t seed, std::mt19937& random) {
  const Type type{"byte", MPI_BYTE, 1};
  Buffer buffer(bytes);
  Buffer wanted(bytes);
  fill(buffer.data(), type, bytes, seed);
  std::memcpy(wanted.data(), buffer.data(), buffer.size());
  PMPI_Bcast(wanted.data(), static_cast<int>(bytes), MPI_BYTE, root, MPI_COMM_WORLD);
  Call call;
  call.kind = Kind::Bcast;
  call.send = buffer.data();
  call.recv = buffer.data();
  call.count = bytes;
  call.root = root;
  complete(*start_on_node(node, call, copies), random);
  const std::string what =
      "broadcast of " + std::to_string(bytes) + " from " + std::to_string(root);
  expect(std::memcmp(buffer.data(), wanted.data(), buffer.size()) == 0, what);
  expect(buffer.guarded(), what + ": beyond the buffer");
}

struct Case {
  Kind kind;
  Type type;
  const char* op_name;
  MPI_Op op;
  int64_t count;
  int root;
  bool in_place;
};

void check_reduction(Node& node, const Case& c, uint32_t seed, std::mt19937& random) {
  const int64_t bytes = c.count * c.type.extent;
  const bool everywhere = c.kind == Kind::Allreduce;
  const bool here = everywhere || rank == c.root;
  Buffer send(bytes);
  Buffer kept(bytes);
  Buffer recv(bytes);
  Buffer wanted(bytes);
  fill(send.data(), c.type, c.count, seed);
  std::memcpy(kept.data(), send.data(), send.size());
  std::memset(recv.data(), 0, recv.size());
  std::memset(wanted.data(), 0, wanted.size());
  const auto count = static_cast<int>(c.count);
  if (everywhere) {
    PMPI_Allreduce(send.data(), wanted.data(), count, c.type.type, c.op, MPI_COMM_WORLD);
  } else {
    PMPI_Reduce(send.data(), wanted.data(), count, c.type.type, c.op, c.root, MPI_COMM_WORLD);
  }
  const bool in_place = c.in_place && here;
  Call call;
  call.kind = c.kind;
  call.send = send.data();
  call.recv = !here ? nullptr : in_place ? send.data() : recv.data();
  call.count = c.count;
  call.extent = c.type.extent;
  call.type = c.type.type;
  call.op = c.op;
  call.root = c.root;
  complete(*start_on_node(node, call, copies), random);
  const std::string what = std::string(everywhere ? "allreduce " : "reduce ") + c.op_name + " of " +
                           std::to_string(c.count) + " " + c.type.name + " root " +
                           std::to_string(c.root) + (c.in_place ? " in place" : "");
  if (here) {
    expect(std::memcmp(call.recv, wanted.data(), wanted.size()) == 0, what);
  }
  if (!in_place) {
    expect(std::memcmp(send.data(), kept.data(), kept.size()) == 0,
           what + ": changed what it sent");
  }
  expect(send.guarded() && recv.guarded(), what + ": beyond the buffer");
}

// Values whose sum depends on the order: x_0 + (x_1 + (...)) on every rank, byte by byte.
void check_order(Node& node, std::mt19937& random) {
  constexpr int kCount = 3001;
  std::mt19937 values(77U + static_cast<uint32_t>(rank));
  std::vector<float> send(kCount);
  for (float& x : send) {
    x = static_cast<float>(values()) / 3.0F - 7e8F;
  }
  std::vector<float> all(static_cast<size_t>(kCount) * static_cast<size_t>(size));
  PMPI_Allgather(send.data(), kCount, MPI_FLOAT, all.data(), kCount, MPI_FLOAT, MPI_COMM_WORLD);
  for (const MPI_Op op : {MPI_SUM, MPI_PROD}) {
    std::vector<float> wanted(all.end() - kCount, all.end());
    for (int from = size - 2; from >= 0; --from) {
      for (int i = 0; i < kCount; ++i) {
        const float x = all[static_cast<size_t>(from) * kCount + static_cast<size_t>(i)];
        float& to = wanted[static_cast<size_t>(i)];
        to = op == MPI_SUM ? x + to : x * to;
      }
    }
    std::vector<float> recv(kCount);
    Call call;
    call.kind = Kind::Allreduce;
    call.send = reinterpret_cast<const std::byte*>(send.data());
    call.recv = reinterpret_cast<std::byte*>(recv.data());
    call.count = kCount;
    call.extent = sizeof(float);
    call.type = MPI_FLOAT;
    call.op = op;
    complete(*start_on_node(node, call, copies), random);
    expect(std::memcmp(recv.data(), wanted.data(), sizeof(float) * kCount) == 0,
           "order of the ranks");
  }
}

// Several started before any is advanced: broadcasts and sums in turn.
void check_queue(Node& node, int64_t count) {
  constexpr int kOperations = 6;
  std::vector<std::vector<int>> buffers;
  std::vector<std::unique_ptr<Operation>> operations;
  for (int i = 0; i < kOperations; ++i) {
    const bool is_sum = i % 2 == 1;
    Call call;
    call.root = i % size;
    buffers.emplace_back(count, is_sum || rank == call.root ? i + 1 : 0);
    call.recv = reinterpret_cast<std::byte*>(buffers.back().data());
    call.send = call.recv;
    call.kind = is_sum ? Kind::Allreduce : Kind::Bcast;
    call.count = is_sum ? count : count * 4;
    call.extent = is_sum ? 4 : 1;
    call.type = is_sum ? MPI_INT : MPI_BYTE;
    call.op = is_sum ? MPI_SUM : MPI_OP_NULL;
    operations.push_back(start_on_node(node, call, copies));
  }
  for (bool all_done = false; !all_done;) {
    all_done = true;
    for (size_t i = operations.size(); i-- > 0;) {
      if (operations[i] != nullptr) {
        const auto done = operations[i]->advance();
        expect(done.has_value(), "queue");
        if (!done || *done == lpcoll::Advance::Complete) {
          operations[i].reset();
        }
        all_done = all_done && operations[i] == nullptr;
      }
    }
    sched_yield();
  }
  for (int i = 0; i < kOperations; ++i) {
    const int wanted = i % 2 == 1 ? size * (i + 1) : i + 1;
    const auto& got = buffers[static_cast<size_t>(i)];
    expect(got == std::vector<int>(static_cast<size_t>(count), wanted),
           "queued operation " + std::to_string(i));
  }
}

std::vector<Case> cases_of(int64_t count_unit, const Type& type, const char* op_name, MPI_Op op) {
  std::vector<Case> cases;
  uint32_t turn = 0;
  for (const int64_t count :
       {int64_t{0}, int64_t{1}, count_unit - 1, count_unit, count_unit + 1, 5 * count_unit + 3}) {
    cases.push_back({Kind::Allreduce, type, op_name, op, count, 0, turn++ % 2U == 0});
    for (int root = 0; root < size; ++root) {
      cases.push_back({Kind::Reduce, type, op_name, op, count, root, turn++ % 2U == 0});
    }
  }
  return cases;
}

void check_layout(Layout layout) {
  auto opened = lpcoll::shm::open_node(MPI_COMM_WORLD, layout);
  expect(opened.has_value(), "open");
  if (!opened) {
    return;
  }
  Node& node = **opened;
  std::mt19937 random(static_cast<uint32_t>(rank) + 5U);
  uint32_t seed = 1;
  const int64_t slot = node.layout().slot_bytes;
  for (const int64_t bytes : {int64_t{0}, int64_t{1}, slot - 1, slot, slot + 1, 7 * slot + 5}) {
    for (int root = 0; root < size; ++root) {
      check_broadcast(node, bytes, root, seed++, random);
    }
  }
  const Type types[] = {{"float", MPI_FLOAT, 4},   {"double", MPI_DOUBLE, 8},
                        {"int", MPI_INT, 4},       {"int64", MPI_INT64_T, 8},
                        {"uint8", MPI_UINT8_T, 1}, {"uint16", MPI_UINT16_T, 2}};
  for (const Type& type : types) {
    for (const auto& [name, op] :
         {std::pair{"sum", MPI_SUM}, {"max", MPI_MAX}, {"min", MPI_MIN}, {"prod", MPI_PROD}}) {
      for (const Case& c : cases_of(slot / type.extent, type, name, op)) {
        check_reduction(node, c, seed++, random);
      }
    }
  }
  for (const Case& c : cases_of(slot / 4, {"int", MPI_INT, 4}, "band", MPI_BAND)) {
    check_reduction(node, c, seed++, random);
  }
  const Type pair{"double and int", MPI_DOUBLE_INT, sizeof(PairOfDoubleInt)};
  for (const auto& [name, op] : {std::pair{"minloc", MPI_MINLOC}, {"maxloc", MPI_MAXLOC}}) {
    for (const Case& c : cases_of(slot / pair.extent, pair, name, op)) {
      check_reduction(node, c, seed++, random);
    }
  }
  check_order(node, random);
  check_queue(node, 12500);
  check_queue(node, 100);
  check_queue(node, 10);
  node.close();
}

// Some dozens of slots of the size that programs get.
void check_large() {
  auto opened = lpcoll::shm::open_node(MPI_COMM_WORLD);
  expect(opened.has_value(), "open");
  if (!opened) {
    return;
  }
  Node& node = **opened;
  std::mt19937 random(static_cast<uint32_t>(rank));
  constexpr int64_t kCount = (int64_t{11} << 18) + 777;
  const Type type{"float", MPI_FLOAT, 4};
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    const bool in_place = seed == 2;
    check_reduction(node, {Kind::Allreduce, type, "sum", MPI_SUM, kCount, 0, in_place}, seed,
                    random);
    check_reduction(node, {Kind::Reduce, type, "sum", MPI_SUM, kCount, size - 1, in_place}, seed,
                    random);
    check_broadcast(node, kCount * 4 + 3, static_cast<int>(seed) % size, seed, random);
  }
  node.close();
}

// Operations of both kinds, one behind another without a pause.
void check_mixed() {
  auto opened = lpcoll::shm::open_node(MPI_COMM_WORLD, {.slot_bytes = 4096, .slots = 2});
  expect(opened.has_value(), "open");
  if (!opened) {
    return;
  }
  std::mt19937 random(static_cast<uint32_t>(rank) + 9U);
  const Type type{"float", MPI_FLOAT, 4};
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    constexpr Copies kAll[] = {Copies::Two, Copies::TwoStreamed, Copies::One};
    copies = kAll[seed % 3];
    const int64_t count = 1 + seed * 997 % 20000;
    const int root = static_cast<int>(seed) % size;
    check_reduction(**opened, {Kind::Allreduce, type, "sum", MPI_SUM, count, 0, seed % 2 == 0},
                    seed, random);
    check_broadcast(**opened, count * 3, root, seed, random);
    check_reduction(**opened, {Kind::Reduce, type, "sum", MPI_SUM, count, root, seed % 2 == 1},
                    seed, random);
  }
  copies = Copies::One;
  (*opened)->close();
}

// Waits before this rank looks at an operation for the nth time, from 0.
using Pause = void (*)(int looked);

void pause_shortly(int looked) {
  if (looked > 0) {
    sched_yield();
  }
}

// Of a message in one piece rank 0 alone moves, and fails to move, what rank 1 has or lacks; the last rank has done its part of an
// operation before the others have, and looks again when they are through the next one too.
void pause_so_that_one_fails(int looked) {
  int ms = looked == 0 ? 50 : 20;
  if (rank == 1) ms = looked == 0 ? 0 : 200;
  if (rank > 1 && rank == size - 1) ms = looked == 0 ? 0 : looked == 1 ? 100 : 600;
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

// Memory that cannot be reached, a receiver's or the root's: all ranks are told of it, and the next operation is right again.
void check_unreachable(size_t bytes, Pause pause) {
  auto opened = lpcoll::shm::open_node(MPI_COMM_WORLD);
  expect(opened.has_value(), "open");
  if (!opened || size == 1) {
    return;
  }
  Node& node = **opened;
  void* closed = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::vector<std::byte> memory(bytes);
  for (const int root : {0, 1}) {
    Call call;
    call.recv = rank == 1 ? static_cast<std::byte*>(closed) : memory.data();
    call.send = call.recv;
    call.count = static_cast<int64_t>(bytes);
    call.root = root;
    const auto operation = start_on_node(node, call, Copies::One);
    lpcoll::Result<lpcoll::Advance> done = lpcoll::Advance::Waiting;
    for (int looked = 0; done && *done != lpcoll::Advance::Complete; ++looked) {
      pause(looked);
      done = operation->advance();
    }
    expect(!done, "nobody could reach the memory, and nobody says so");
  }
  ::munmap(closed, bytes);
  std::mt19937 random(3U);
  check_broadcast(node, static_cast<int64_t>(bytes), size - 1, 1U, random);
  node.close();
}

bool may_reach_others() {
  auto opened = lpcoll::shm::open_node(MPI_COMM_WORLD);
  const bool may = opened && (*opened)->reaches_all();
  if (opened) {
    (*opened)->close();
  }
  return may;
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  check_layout({.slot_bytes = 1024, .slots = 2});
  check_layout({.slot_bytes = 4096, .slots = 1});
  check_layout({.slot_bytes = 64, .slots = 3});
  check_large();
  copies = Copies::TwoStreamed;
  check_layout({.slot_bytes = 4096, .slots = 2});
  check_large();
  if (may_reach_others()) {
    copies = Copies::One;
    check_layout({.slot_bytes = 16384, .slots = 2});
    check_layout({.slot_bytes = 64, .slots = 1});
    check_large();
    check_mixed();
    check_unreachable(size_t{1} << 20, pause_shortly);
    check_unreachable(4096, pause_so_that_one_fails);
  } else if (rank == 0) {
    std::fprintf(stderr, "one copy is not checked: the kernel refuses it here\n");
  }
  MPI_Allreduce(MPI_IN_PLACE, &failures, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  return failures == 0 ? 0 : 1;
}
