// SPDX-License-Identifier: Apache-2.0
// The functions of hwloc that are used, looked up in the library when it is opened. The library
// stays open.
#pragma once

#include <hwloc.h>

namespace blasx::topology {

struct HwlocLibrary {
  decltype(&::hwloc_get_api_version) get_api_version = nullptr;
  decltype(&::hwloc_topology_init) topology_init = nullptr;
  decltype(&::hwloc_topology_load) topology_load = nullptr;
  decltype(&::hwloc_topology_destroy) topology_destroy = nullptr;
  decltype(&::hwloc_get_type_depth) get_type_depth = nullptr;
  decltype(&::hwloc_get_nbobjs_by_depth) get_nbobjs_by_depth = nullptr;
  decltype(&::hwloc_get_obj_by_depth) get_obj_by_depth = nullptr;
  decltype(&::hwloc_bitmap_weight) bitmap_weight = nullptr;
};

// Null where there is no hwloc of the version this was compiled against.
const HwlocLibrary* hwloc_library();

}  // namespace blasx::topology
