// SPDX-License-Identifier: Apache-2.0
#include "blasx/topology/topology.hpp"

#include <gtest/gtest.h>
#include <link.h>

#include <cstring>

#include "blasx/topology/hwloc_library.hpp"

namespace blasx::topology {
namespace {

void expect_sound(const Machine& machine) {
  EXPECT_GE(machine.packages, 1);
  EXPECT_GE(machine.cores, machine.packages);
  EXPECT_GE(machine.cpus, machine.cores);
  EXPECT_GE(machine.usable_cores, 1);
  EXPECT_GE(machine.usable_cpus, machine.usable_cores);
  EXPECT_GT(machine.memory_bytes, 0);
  EXPECT_LE(machine.usable_memory_bytes, machine.memory_bytes);
  EXPECT_GT(machine.usable_memory_bytes, 0);
}

TEST(Machine, SystemFilesAreEnough) {
  const Machine machine = discover_from_system_files();
  expect_sound(machine);
  EXPECT_EQ(machine.source, "system files");
}

TEST(Machine, HwlocTellsMore) {
  if (hwloc_library() == nullptr) GTEST_SKIP() << "libhwloc.so.15 is not installed";
  const Machine machine = discover();
  expect_sound(machine);
  EXPECT_EQ(machine.source, "hwloc");
  EXPECT_FALSE(machine.numa.empty());
}

TEST(Machine, HwlocIsOpenedOnlyWhenAsked) {
  // Run alone (ctest does) this sees a process in which nothing has asked yet; linked in, it would
  // be there at once.
  static bool linked = false;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void*) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          if (info->dlpi_phdr[i].p_type != PT_DYNAMIC || info->dlpi_name[0] != '\0') continue;
          const auto* entry =
              reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
          const char* strings = nullptr;
          for (const auto* d = entry; d->d_tag != DT_NULL; ++d) {
            if (d->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(d->d_un.d_ptr);
          }
          for (const auto* d = entry; d->d_tag != DT_NULL; ++d) {
            if (d->d_tag == DT_NEEDED && std::strstr(strings + d->d_un.d_val, "hwloc") != nullptr) {
              linked = true;
            }
          }
        }
        return 0;
      },
      nullptr);
  EXPECT_FALSE(linked);
}

}  // namespace
}  // namespace blasx::topology
