// SPDX-License-Identifier: Apache-2.0
// What a result must carry to mean anything later: the machine, the system, the compiler, the commit. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace blasx::bench {

struct Machine {
  std::string processor;
  int cores = 0;                    // this process may use
  std::vector<std::string> caches;  // "L1d 32K", "L2 1024K", ...
  int64_t memory_bytes = 0;
  std::string kernel;
  std::string compiler;
  std::string commit;
  std::string host_blas;  // what the peer says of itself
};

Machine describe_machine(std::string host_blas);

// The value of the first "key : value" line of a text like /proc/cpuinfo, empty without one.
std::string field_of(const std::string& text, const std::string& key);

}  // namespace blasx::bench
