// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>
#include <string>

#include "common/log.hpp"
#include "lpcoll/transport/device/device_memory.hpp"

namespace lpcoll::device {
namespace {

// The driver's library is there wherever a GPU has been used, however the program links the runtime; the others are for a runtime
// that needs no driver.
bool cuda_is_loaded() {
  constexpr const char* kLibraries[] = {"libcuda.so.1", "libcudart.so.13", "libcudart.so.12"};
  return std::any_of(std::begin(kLibraries), std::end(kLibraries), [](const char* name) {
    void* library = ::dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    if (library != nullptr) ::dlclose(library);
    return library != nullptr;
  });
}

struct Libraries {
  unsigned long long ever_loaded = 0;  // those that have gone too
  std::string last;                    // of those that are there
};

int look_at(dl_phdr_info* info, size_t /*bytes*/, void* to) {
  auto& libraries = *static_cast<Libraries*>(to);
  libraries.ever_loaded = info->dlpi_adds;
  libraries.last = info->dlpi_name;
  return 0;
}

// Some tens of nanoseconds.
uint64_t libraries_ever_loaded() {
  unsigned long long adds = 0;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* to) {
        *static_cast<unsigned long long*>(to) = info->dlpi_adds;
        return 1;  // every library tells the same
      },
      &adds);
  return adds;
}

// Where the process's list of libraries ends: the next one's place. Null after some times, or a program that loads and unloads would lose
// nothing it ever loads: what is last is kept, so that this can be looked at at any time.
link_map** end_of_libraries() {
  constexpr int kMost = 8;
  static std::atomic<int> ends{0};
  if (ends.fetch_add(1, std::memory_order_relaxed) >= kMost) return nullptr;
  Libraries libraries;
  ::dl_iterate_phdr(look_at, &libraries);
  void* library = ::dlopen(libraries.last.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  link_map* map = nullptr;
  const bool found = library != nullptr && ::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0;
  return found ? &map->l_next : nullptr;
}

// Looking for libraries that are not loaded opens files, tens of microseconds a time: only when another one has come.
bool cuda_has_come() {
  static std::atomic<uint64_t> looked_at{0};
  if (is_surely_absent()) return false;
  const uint64_t libraries = libraries_ever_loaded();
  if (libraries == looked_at.load(std::memory_order_acquire)) return false;
  link_map** const end = end_of_libraries();
  if (cuda_is_loaded()) return true;
  // What has come since is behind that end.
  if (end != nullptr) internal::g_end.store(end, std::memory_order_release);
  looked_at.store(libraries, std::memory_order_release);
  return false;
}

// Beside the library that this code is in.
std::string module_path() {
  Dl_info own{};
  if (::dladdr(reinterpret_cast<const void*>(&device_memory), &own) == 0 ||
      own.dli_fname == nullptr)
    return {};
  const std::string self = own.dli_fname;
  return self.substr(0, self.rfind('/') + 1) + "liblpcoll_cuda.so";
}

DeviceMemory* open() {
  void* module = ::dlopen(module_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) return nullptr;
  const auto entry = reinterpret_cast<Entry>(::dlsym(module, kEntry));
  DeviceMemory* memory = entry != nullptr ? entry(LPCOLL_MODULE_STAMP) : nullptr;
  if (entry == nullptr)
    blasx::log::warning("liblpcoll_cuda.so belongs to another build of the library");
  return memory;
}

}  // namespace

constinit std::atomic<link_map**> internal::g_end{nullptr};

DeviceMemory* device_memory() {
  static std::atomic<bool> known{false};
  if (!known.load(std::memory_order_acquire)) {
    if (!cuda_has_come()) return nullptr;
    known.store(true, std::memory_order_release);
  }
  static DeviceMemory* const memory = open();
  return memory;
}

}  // namespace lpcoll::device
