// SPDX-License-Identifier: Apache-2.0
// The header of NumPy's .npy format (versions 1 to 3; numpy.lib.format): pure text in, values out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ooc_gemm/storage/description.hpp"

namespace ooc_gemm::storage {

// Bytes of a file's beginning that npy_header_bytes needs.
inline constexpr int64_t kNpyPrefixBytes = 12;

// How long the whole header is, from the first bytes of the file.
Result<int64_t> npy_header_bytes(const std::string& path, std::string_view prefix);

// What a whole header says, of any array of numbers.
struct NpyArray {
  std::string type;  // "<f8", "|u1"
  size_t type_at = 0;
  bool fortran_order = false;
  std::vector<int64_t> sides;
  size_t shape_at = 0;
};
Result<NpyArray> parse_npy_array(const std::string& path, std::string_view header);

// What it says of a matrix. Refused by name and offset: big-endian data, types the BLAS has not,
// arrays that are no matrices.
Result<Description> parse_npy_header(const std::string& path, std::string_view header);

// The header of a new file, a multiple of so many bytes long; of 64 at least (the format's wish).
std::string make_npy_header(const Description& matrix, int64_t multiple = 64);

}  // namespace ooc_gemm::storage
