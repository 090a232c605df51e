// SPDX-License-Identifier: Apache-2.0
#include "blasx/topology/hwloc_library.hpp"

#include <dlfcn.h>

namespace blasx::topology {
namespace {

// The soname that belongs to the structures of hwloc 2.x.
constexpr const char* kSoname = "libhwloc.so.15";

template <typename F>
bool look_up(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(::dlsym(library, name));
  return function != nullptr;
}

const HwlocLibrary* open_library() {
  void* library = ::dlopen(kSoname, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  static HwlocLibrary h;
  const bool complete = look_up(library, "hwloc_get_api_version", h.get_api_version) &&
                        look_up(library, "hwloc_topology_init", h.topology_init) &&
                        look_up(library, "hwloc_topology_load", h.topology_load) &&
                        look_up(library, "hwloc_topology_destroy", h.topology_destroy) &&
                        look_up(library, "hwloc_get_type_depth", h.get_type_depth) &&
                        look_up(library, "hwloc_get_nbobjs_by_depth", h.get_nbobjs_by_depth) &&
                        look_up(library, "hwloc_get_obj_by_depth", h.get_obj_by_depth) &&
                        look_up(library, "hwloc_bitmap_weight", h.bitmap_weight);
  if (!complete || h.get_api_version() >> 16 != HWLOC_API_VERSION >> 16) return nullptr;
  return &h;
}

}  // namespace

const HwlocLibrary* hwloc_library() {
  static const HwlocLibrary* const library = open_library();
  return library;
}

}  // namespace blasx::topology
