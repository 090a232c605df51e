// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/info.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace blasx::tools {
namespace {

template <size_t N>
void put(char (&to)[N], const char* text) {
  std::strncpy(to, text, N - 1);
}

Info example() {
  Info info;
  info.version = "9.8.7";
  info.library = "/opt/lib/libblasx.so.0";
  info.machine.processor = "Some Processor";
  info.machine.packages = 1;
  info.machine.cores = 4;
  info.machine.cpus = 8;
  info.machine.usable_cores = 2;
  info.machine.usable_cpus = 4;
  info.machine.memory_bytes = int64_t{16} << 30;
  info.machine.usable_memory_bytes = int64_t{8} << 30;
  info.machine.caches = {{1, 32768, 4}, {2, 1 << 20, 4}};
  info.machine.source = "hwloc";
  blasx_host_blas library{};
  put(library.name, "OpenBLAS");
  put(library.version, "0.3.21");
  put(library.path, "/usr/lib/libopenblas.so.0");
  put(library.found, "by soname");
  library.integer_bits = 32;
  library.threads = 4;
  info.host_blas = {library};
  blasx_device cpu{};
  put(cpu.name, "cpu");
  put(cpu.description, "2 workers");
  cpu.compute_units = 2;
  blasx_device host{};
  put(host.name, "host:0");
  put(host.description, "host memory");
  host.memory_bytes = 1 << 20;
  host.compute_units = 1;
  host.link_rate = 0x1p30;
  info.devices = {host, cpu};
  blasx_rate rate{};
  put(rate.routine, "dtrsm");
  rate.host = 73e9;
  rate.cpu_tiles = 88e9;
  rate.measured = 1;
  info.rates = {rate};
  blasx_setting setting{};
  setting.name = "TILE";
  setting.initial = "auto";
  put(setting.value, "64");
  put(setting.origin, "BLASX_TILE");
  info.settings = {setting};
  return info;
}

TEST(Info, Text) {
  EXPECT_EQ(info_text(example()),
            "libblasx 9.8.7  /opt/lib/libblasx.so.0\n"
            "\n"
            "Machine (as hwloc sees it)\n"
            "  processor  Some Processor\n"
            "  cores      4 in 1 package, 8 hardware threads; usable here: 2 cores, 4 threads\n"
            "  memory     16 GiB, usable here: 8 GiB\n"
            "  caches     L1 4 x 32 KiB, L2 4 x 1 MiB\n"
            "\n"
            "Host BLAS\n"
            "  32-bit integers  OpenBLAS 0.3.21\n"
            "                   /usr/lib/libopenblas.so.0 (by soname), 4 threads\n"
            "\n"
            "Devices\n"
            "  host:0  host memory  1 MiB  1 unit   link 1 GiB/s\n"
            "  cpu     2 workers           2 units  works in the caller's memory\n"
            "\n"
            "Measured rates\n"
            "         host BLAS   tiles on cpu\n"
            "  dtrsm  73 GFLOP/s  88 GFLOP/s\n"
            "\n"
            "Configuration (value, where it came from)\n"
            "  TILE  64  BLASX_TILE\n");
}

TEST(Info, NamesTheHostBlasOnce) {
  Info info = example();
  put(info.host_blas[0].version, "OpenBLAS 0.3.21 NO_AFFINITY");
  EXPECT_NE(info_text(info).find("  32-bit integers  OpenBLAS 0.3.21 NO_AFFINITY\n"),
            std::string::npos);
  info.host_blas[0].version[0] = '\0';
  EXPECT_NE(info_text(info).find("  32-bit integers  OpenBLAS\n"), std::string::npos);
}

TEST(Info, SaysWhatIsMissing) {
  Info info = example();
  info.devices.clear();
  info.rates.clear();
  const std::string text = info_text(info);
  EXPECT_NE(text.find("Devices\n  none: every call goes to the host BLAS\n"), std::string::npos);
  EXPECT_NE(text.find("none yet; `blasx-info --measure` takes them"), std::string::npos);
}

TEST(Info, Json) {
  EXPECT_EQ(info_json(example()),
            R"({"version":"9.8.7","library":"/opt/lib/libblasx.so.0",
"machine":{"processor":"Some Processor","packages":1,"cores":4,"cpus":8,"usable_cores":2,"usable_cpus":4,"memory_bytes":17179869184,"usable_memory_bytes":8589934592,"source":"hwloc","caches":[{"level":1,"bytes":32768,"count":4},{"level":2,"bytes":1048576,"count":4}],"numa":[]},
"host_blas":[
{"integer_bits":32,"name":"OpenBLAS","version":"0.3.21","path":"/usr/lib/libopenblas.so.0","found":"by soname","threads":4}],
"devices":[
{"name":"host:0","description":"host memory","memory_bytes":1048576,"compute_units":1,"link_bytes_per_second":1073741824},
{"name":"cpu","description":"2 workers","memory_bytes":0,"compute_units":2,"link_bytes_per_second":0}],
"rates_operations_per_second":[
{"routine":"dtrsm","host":7.3e+10,"cpu_tiles":8.8e+10}],
"settings":[
{"name":"TILE","value":"64","origin":"BLASX_TILE","default":"auto"}]
}
)");
}

}  // namespace
}  // namespace blasx::tools
