// SPDX-License-Identifier: Apache-2.0
// Samples that can be had in any order, from memory or from a file. Owns the memory or the file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ooc_gemm/ann/row_file.hpp"
#include "ooc_gemm/ann/samples.hpp"

namespace ooc_gemm::ann {

class DataSet {
 public:
  // In a file: the source's own where its rows can be read at their places, else a scratch file in `work_folder`.
  static Result<DataSet> load(const Source& source, bool in_memory, const std::string& work_folder);

  // Samples `rows[0]`, ... as single-precision numbers, one after another. Any thread.
  Status gather(const int32_t* rows, int64_t count, float* to) const;

 private:
  Source source_;
  std::vector<char> memory_;  // empty when the samples are in the file
  RowFile file_;
  int64_t offset_ = 0;  // of the first sample in the file
};

}  // namespace ooc_gemm::ann
