// SPDX-License-Identifier: Apache-2.0
// Matrices in files of a folder that is gone afterwards, and what a product of them should be.
#pragma once

#include <complex>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "ooc_gemm/run/job.hpp"

namespace ooc_gemm::tests {

using run::Operation;
using run::Scalar;
using storage::Element;
using storage::Order;

struct Matrix {
  int64_t rows = 0;
  int64_t cols = 0;
  std::vector<Scalar> at;  // row by row
  Scalar& operator()(int64_t i, int64_t j) { return at[static_cast<size_t>(i * cols + j)]; }
  Scalar operator()(int64_t i, int64_t j) const { return at[static_cast<size_t>(i * cols + j)]; }
};

class Files {
 public:
  Files();
  ~Files() { std::filesystem::remove_all(folder_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // Random elements that the type holds exactly, and the file with them (raw when the name is a raw file's).
  Matrix make(const std::string& name, Element element, Order order, int64_t rows, int64_t cols,
              std::mt19937& random);

 private:
  std::filesystem::path folder_;
};

Matrix read_matrix(const std::string& name);
std::string bytes_of(const std::string& path);

// The largest |result - (alpha op(A) op(B) + beta C0)| in units of what rounding may cause.
double worst_error(const Matrix& result, const Matrix& a, Operation op_a, const Matrix& b,
                   Operation op_b, Scalar alpha, Scalar beta, const Matrix& c0, Element element);

}  // namespace ooc_gemm::tests
