// SPDX-License-Identifier: Apache-2.0
// The line that tells how far a run is: a bar on a terminal, now and then a line in a log. Owns when it spoke last.
#pragma once

#include <ooc_gemm/ooc_gemm.h>

#include <string>

namespace ooc_gemm::tools {

// "[=====>    ]  52 %  95.1 GFLOP/s  120 MB/s  4 s left", for what was done between two moments.
std::string progress_text(const ooc_gemm_progress& now, double rate_flops, double rate_bytes);

class ProgressLine {
 public:
  ProgressLine(bool shown, bool terminal) : shown_(shown), terminal_(terminal) {}
  void show(const ooc_gemm_progress& now);
  void end();

 private:
  bool shown_;
  bool terminal_;
  bool spoke_ = false;
  double last_s_ = 0;
  double flops_ = 0;
  double bytes_ = 0;
  ooc_gemm_progress before_{};
};

}  // namespace ooc_gemm::tools
