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

// Libraries loaded so far, those that have gone too. Some tens of nanoseconds.
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

// Looking for libraries that are not loaded opens files, tens of microseconds a time: only when another one has come.
bool cuda_has_come() {
  static std::atomic<uint64_t> looked_at{0};
  const uint64_t libraries = libraries_ever_loaded();
  if (libraries == looked_at.load(std::memory_order_acquire)) return false;
  if (cuda_is_loaded()) return true;
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
  DeviceMemory* memory = entry != nullptr ? entry(kStamp) : nullptr;
  if (entry == nullptr)
    blasx::log::warning("liblpcoll_cuda.so belongs to another build of the library");
  return memory;
}

}  // namespace

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
