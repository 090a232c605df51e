// SPDX-License-Identifier: Apache-2.0
// What LPCOLL_* says. Plain values: what rank 0 read is sent to the other ranks as it is.
#pragma once

#include <cstdint>

namespace lpcoll::tune {

enum class Transport : int32_t { Auto, Shm, Mpi, None };
enum class ProgressBy : int32_t { Auto, Calls };
enum class CopyBy : int32_t { Auto, One, Two };
enum class WaitBy : int32_t { Poll, Mpi };

// No call below this is taken, whatever is set: it is what all ranks know before they have agreed on anything.
inline constexpr int64_t kFloor = 4096;

struct Settings {
  Transport transport = Transport::Auto;
  int32_t reproducible = 0;
  int32_t stats = 0;
  int32_t watchdog = 0;  // seconds, 0: none
  ProgressBy progress = ProgressBy::Auto;
  WaitBy wait = WaitBy::Poll;
  CopyBy copies = CopyBy::Auto;
  char trace[256] = "";   // a path; empty: none
  int64_t crossover = 0;  // 0: chosen
  int64_t segment = 0;    // 0: chosen
  double alpha = 0;       // seconds; of these three 0: measured
  double beta = 0;
  double gamma = 0;
};

// From the environment; a wrong value is named once on stderr and not used.
Settings read_settings();

}  // namespace lpcoll::tune
