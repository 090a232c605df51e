// SPDX-License-Identifier: Apache-2.0
// What machine the stand-in pretends to be; the words are explained in fake_cuda.h. A plain value.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace blasx::fake_cuda {

enum class Order : uint8_t { Late, Random, Eager };
enum class FaultKind : uint8_t { Refuse, Late, Lost };

struct Fault {
  std::string function = "any";
  int64_t call = 0;  // from 1; 0: never
  FaultKind kind = FaultKind::Refuse;
};

struct Configuration {
  int devices = 1;
  int64_t memory_bytes = int64_t{256} << 20;
  bool all_peers = true;
  std::set<std::pair<int, int>> peers;
  int64_t most_peers = 8;
  int64_t most_pitch = (int64_t{1} << 31) - 1;
  Order order = Order::Late;
  uint64_t seed = 1;
  bool abort_on_race = true;
  bool driver_too_old = false;
  int cublas_version = FAKE_CUDA_MAJOR;
  int compute = 90;
  Fault fault;

  bool may_access(int device, int peer) const;
};

// Ends the process with a message if a word is not known: a test that runs on another machine than it says is worse than none.
Configuration parse_configuration(const char* text);

}  // namespace blasx::fake_cuda
