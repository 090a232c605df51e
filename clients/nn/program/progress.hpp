// SPDX-License-Identifier: Apache-2.0
// Tells on stderr how far a long run is: in place on a terminal, else a line every ten seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace nn {

// "41 s", "3 min 05 s", "2 h 10 min"
std::string duration(double seconds);

class Progress {
 public:
  // `begun`: steps of `total` that an earlier run has done.
  Progress(int64_t begun, int64_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // After a step: what to say beside steps and time left.
  void step(int64_t done, const std::string& text);
  // Before something else is printed.
  void clear();
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  int64_t begun_;
  int64_t total_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace nn
