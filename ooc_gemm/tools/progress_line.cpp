// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/tools/progress_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "common/parse.hpp"

namespace ooc_gemm::tools {

std::string progress_text(const ooc_gemm_progress& now, double rate_flops, double rate_bytes) {
  const double whole = std::max(now.operations, 1.0);
  const double share = now.operations > 0 ? std::min(now.operations_done / whole, 1.0) : 1;
  constexpr int kWidth = 24;
  const int full = static_cast<int>(share * kWidth);
  std::string bar(static_cast<size_t>(full), '=');
  if (full < kWidth) bar += '>';
  const double rate = now.operations_done / std::max(now.seconds, 1e-9);
  const double left_s = rate > 0 ? (whole - now.operations_done) / rate : 0;
  return fmt::format("[{:<{}}] {:3.0f} %  {:.1f} GFLOP/s  {:.0f} MB/s  {:.0f} s left", bar, kWidth,
                     100 * share, rate_flops / 1e9, rate_bytes / 1e6, left_s);
}

void ProgressLine::show(const ooc_gemm_progress& now) {
  const double every_s = terminal_ ? 0.2 : 10;
  if (!shown_ || now.seconds - last_s_ < every_s) return;
  const double passed = now.seconds - last_s_;
  const auto moved = [](const ooc_gemm_progress& p) {
    return static_cast<double>(p.read_bytes + p.written_bytes);
  };
  flops_ = (now.operations_done - before_.operations_done) / passed;
  bytes_ = (moved(now) - moved(before_)) / passed;
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r" : "", progress_text(now, flops_, bytes_),
             terminal_ ? "\033[K" : "\n");
  std::fflush(stderr);
  last_s_ = now.seconds;
  before_ = now;
  spoke_ = true;
}

void ProgressLine::end() {
  if (spoke_ && terminal_) fmt::print(stderr, "\r\033[K");
}

}  // namespace ooc_gemm::tools
