// SPDX-License-Identifier: Apache-2.0
// How a product is cut so that what the memory given must take in is least: pure arithmetic, plain values.
// A block of C (mc x nc) stays while panels of A and B, two of each, stream past and are multiplied kc deep.
#pragma once

#include <cstdint>

#include "common/status.hpp"

namespace ooc_gemm::plan {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

// How an operand lies in its file. What is contiguous there is a line; many short ones cost more to read than few long ones.
struct Lines {
  bool along_depth = false;  // so that panels which are deeper have longer lines
  // That a line takes in memory beyond its own, so that all of its sectors have room.
  int64_t spare_elems = 0;
  bool operator==(const Lines&) const = default;
};

struct Problem {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  int64_t element_bytes = 8;
  bool complex_numbers = false;
  bool reads_c = false;  // beta is not zero
  int64_t memory_bytes = 0;
  Lines a_lines = {};
  Lines b_lines = {};

  int64_t memory_elems() const { return memory_bytes / element_bytes; }
  // Real additions and multiplications.
  double operations() const;
  bool operator==(const Problem&) const = default;
};

struct Plan {
  Problem problem;
  int64_t mc = 0;
  int64_t nc = 0;
  int64_t kc = 0;           // of a product
  bool by_columns = false;  // blocks are taken down the columns of C, else along its rows
  // Products that one panel of A and of B is deep enough for.
  int64_t a_products = 1;
  int64_t b_products = 1;
  bool has_spare = false;  // panels have room for the lines' spare elements

  int64_t block_rows() const;  // of blocks in C
  int64_t block_cols() const;
  int64_t blocks() const { return block_rows() * block_cols(); }
  int64_t panels() const;  // products of each block; one, of nothing, when k is 0
  int64_t a_panel_elems() const;
  int64_t b_panel_elems() const;
  int64_t buffer_bytes() const;
  bool operator==(const Plan&) const = default;
};

// What a matrix dimension `length` cut every `size` gives as piece `index`.
struct Piece {
  int64_t begin = 0;
  int64_t count = 0;
};
Piece piece(int64_t length, int64_t size, int64_t index);

// No side of a block or panel is longer: the BLAS counts with ints.
inline constexpr int64_t kLongestSide = (int64_t{1} << 31) - 8;

// The plan that reads least, or hardly more with larger products. Refused when not even one element of each
// matrix fits.
Result<Plan> make_plan(const Problem& problem);
// As make_plan for blocks that are given: the deepest panels that fit. kc is 0 when none does.
Plan plan_for_blocks(const Problem& problem, int64_t mc, int64_t nc, bool by_columns);

// No schedule of this product moves fewer bytes through a memory of this size: with M words, 2 m n k / sqrt(M) - 2 M
// are read (Smith, Lowery, Langou, van de Geijn 2019), of C too, and A, B and C at least once; C is written. Where C need not be read
// that many fewer are.
double lower_bound_bytes(const Problem& problem);

// What the machine does in a second.
struct Rates {
  double operations = 0;
  double storage_bytes = 0;
};
struct Prediction {
  double compute_s = 0;
  double storage_s = 0;
  double total_s = 0;
  bool storage_bound() const { return storage_s > compute_s; }
};
// Panels move while products are computed; the first panel and the last piece of C have nothing to hide behind.
Prediction predict(const Plan& plan, const Rates& rates);

}  // namespace ooc_gemm::plan
