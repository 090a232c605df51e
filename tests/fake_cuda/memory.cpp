// SPDX-License-Identifier: Apache-2.0
#include "tests/fake_cuda/memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace blasx::fake_cuda {
namespace {

constexpr int kPoison = 0xff;

size_t whole_pages(size_t bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (std::max<size_t>(bytes, 1) + page - 1) / page * page;
}

uintptr_t number(const void* address) { return reinterpret_cast<uintptr_t>(address); }

void* map(int file, size_t bytes, int protection, int flags) {
  void* memory = mmap(nullptr, bytes, protection, flags, file, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

}  // namespace

Memory::~Memory() {
  for (const auto& [start, block] : blocks_) {
    if (block.kind == Kind::Registered) continue;
    auto* outside = reinterpret_cast<std::byte*>(start);
    munmap(outside, whole_pages(block.bytes));
    if (block.inside != outside) munmap(block.inside, whole_pages(block.bytes));
    if (block.file >= 0) close(block.file);
  }
}

void* Memory::borrow(int device, size_t bytes, int file) {
  const size_t pages = whole_pages(bytes);
  void* outside = map(file, pages, PROT_NONE, MAP_SHARED);
  void* inside = map(file, pages, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (outside == nullptr || inside == nullptr) return nullptr;
  Block block;
  block.kind = Kind::Device;
  block.device = device;
  block.bytes = bytes;
  block.inside = static_cast<std::byte*>(inside);
  block.borrowed = true;
  blocks_.emplace(number(outside), block);
  return outside;
}

const std::pair<const uintptr_t, Memory::Block>* Memory::block_at(const void* address) const {
  return entry(number(address));
}

void* Memory::allocate(Kind kind, int device, size_t bytes) {
  const size_t pages = whole_pages(bytes);
  constexpr int kAccess = PROT_READ | PROT_WRITE;
  Block block;
  block.kind = kind;
  block.device = device;
  block.bytes = bytes;
  void* outside = nullptr;
  if (kind == Kind::Device) {
    // The same pages twice: once without any right for the program, once for us.
    const int file = memfd_create("fake_cuda", MFD_CLOEXEC);
    if (file < 0) return nullptr;
    block.file = file;
    if (ftruncate(file, static_cast<off_t>(pages)) == 0) {
      outside = map(file, pages, PROT_NONE, MAP_SHARED);
      block.inside = static_cast<std::byte*>(map(file, pages, kAccess, MAP_SHARED));
    }
  } else {
    outside = map(-1, pages, kAccess, MAP_PRIVATE | MAP_ANONYMOUS);
    block.inside = static_cast<std::byte*>(outside);
  }
  if (outside == nullptr || block.inside == nullptr) {
    if (block.file >= 0) close(block.file);
    return nullptr;
  }
  block.number = ++allocated_;
  std::memset(block.inside, kPoison, pages);
  blocks_.emplace(number(outside), block);
  return outside;
}

bool Memory::release(Kind kind, void* start) {
  const auto found = blocks_.find(number(start));
  if (found == blocks_.end()) return false;
  const Block block = found->second;
  if (block.kind != kind && !(kind == Kind::Device && block.kind == Kind::Managed)) return false;
  blocks_.erase(found);
  if (block.file >= 0) close(block.file);
  munmap(start, whole_pages(block.bytes));
  if (block.inside != start) munmap(block.inside, whole_pages(block.bytes));
  return true;
}

bool Memory::register_host(void* start, size_t bytes, int device) {
  const uintptr_t first = number(start);
  const auto after = blocks_.lower_bound(first + bytes);
  if (after != blocks_.begin()) {
    const auto& [other, block] = *std::prev(after);
    if (other + block.bytes > first) return false;
  }
  Block block;
  block.kind = Kind::Registered;
  block.device = device;
  block.bytes = bytes;
  block.inside = static_cast<std::byte*>(start);
  blocks_.emplace(first, block);
  return true;
}

bool Memory::unregister_host(void* start) {
  const auto found = blocks_.find(number(start));
  if (found == blocks_.end() || found->second.kind != Kind::Registered) return false;
  blocks_.erase(found);
  return true;
}

const std::pair<const uintptr_t, Memory::Block>* Memory::entry(uintptr_t address) const {
  const auto after = blocks_.upper_bound(address);
  if (after == blocks_.begin()) return nullptr;
  const auto& found = *std::prev(after);
  return address < found.first + found.second.bytes ? &found : nullptr;
}

const Memory::Block* Memory::find(const void* address) const {
  const auto* found = entry(number(address));
  return found != nullptr ? &found->second : nullptr;
}

bool Memory::in_one_piece(const Range& r) const {
  if (r.rows == 0 || r.width == 0) return true;
  const uintptr_t last = r.base + (r.rows - 1) * r.pitch + r.width - 1;
  return entry(r.base) == entry(last);
}

std::byte* Memory::inside(uintptr_t address) const {
  const auto* found = entry(address);
  if (found == nullptr) return reinterpret_cast<std::byte*>(address);
  return found->second.inside + (address - found->first);
}

std::optional<Range> Memory::whole(const void* start) const {
  const auto found = blocks_.find(number(start));
  if (found == blocks_.end()) return std::nullopt;
  return Range{found->first, found->second.bytes, found->second.bytes, 1};
}

int64_t Memory::in_use(int device) const {
  int64_t bytes = 0;
  for (const auto& [start, block] : blocks_) {
    if (block.kind == Kind::Device && block.device == device && !block.borrowed) {
      bytes += static_cast<int64_t>(block.bytes);
    }
  }
  return bytes;
}

bool is_mapped(const void* start, size_t bytes, bool writable) {
  uintptr_t next = number(start);
  const uintptr_t end = next + bytes;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; next < end && std::getline(maps, line);) {
    std::istringstream fields(line);
    uintptr_t first = 0, last = 0;
    char dash = 0;
    std::string rights;
    fields >> std::hex >> first >> dash >> last >> rights;
    if (last <= next) continue;
    if (first > next || rights[0] != 'r' || (writable && rights[1] != 'w')) return false;
    next = last;
  }
  return next >= end;
}

}  // namespace blasx::fake_cuda
