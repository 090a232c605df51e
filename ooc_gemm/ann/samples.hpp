// SPDX-License-Identifier: Apache-2.0
// Where samples and their labels come from: MNIST's IDX files, NumPy's .npy, or a generated set. Looking at a source
// reads its headers only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/status.hpp"

namespace ooc_gemm::ann {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

// How a number of a sample is stored. Bytes are pixels: 255 becomes 1.
enum class Number : uint8_t { Byte, F4, F8 };
int64_t number_bytes(Number number);

struct Source {
  enum class Form : uint8_t { Idx, Npy, Generated };
  Form form = Form::Generated;
  std::string samples_path;  // empty: generated
  std::string labels_path;
  int64_t samples = 0;
  int64_t width = 0;
  Number number = Number::Byte;
  int64_t data_offset = 0;  // of the first sample in the file, unpacked
  uint64_t seed = 1;        // of a generated one

  int64_t row_bytes() const { return width * number_bytes(number); }
  std::string text() const;  // for people
};

// Samples: IDX bytes (gzip or not) of any dimensions, the first counting samples; or .npy, samples x width, f4 or f8.
// Labels: IDX bytes, or .npy of integers. Their numbers must be equal.
Result<Source> open_source(const std::string& samples_path, const std::string& labels_path);

// MNIST from the folder that BLASX_DATA_DIR names, else from ../shared/data; else 10,000 generated samples of its
// shape. `looked_in` tells where it looked in vain.
Result<Source> default_source(uint64_t seed, std::string& looked_in);

// A class for each sample; refused when one is not below `classes`.
Result<std::vector<int32_t>> read_labels(const Source& source, int64_t classes);

// Sample `index` of a generated set: one of ten patterns in much noise.
void generate_sample(const Source& source, int64_t index, unsigned char* to);
int32_t generated_label(const Source& source, int64_t index);

}  // namespace ooc_gemm::ann
