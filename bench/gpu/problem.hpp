// SPDX-License-Identifier: Apache-2.0
// One level-3 call on square matrices in pageable memory, for any library, and whether its result is right. Owns the matrices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace blasx::bench {

enum class Family : uint8_t { Gemm, Symm, Syrk, Syr2k, Trmm, Trsm };
inline constexpr Family kFamilies[] = {Family::Gemm,  Family::Symm, Family::Syrk,
                                       Family::Syr2k, Family::Trmm, Family::Trsm};
const char* name_of(Family family);
// Throws std::invalid_argument.
Family family_of(const std::string& name);

// dgemm for gemm of doubles.
template <typename T>
std::string routine_name(Family family) {
  return (sizeof(T) == 4 ? "s" : "d") + std::string(name_of(family));
}
double operation_count(Family family, double n);
// Elements that have to go to the card and come back, at least.
double elements_in(Family family, double n);
double elements_out(Family family, double n);

// C = A B, A upper triangle where the family has one (symm, trmm, trsm: on the left), C upper where it is symmetric; alpha 1, beta 0.
// trmm and trsm work in place on C, which holds B before.
template <typename T>
class Problem {
 public:
  explicit Problem(int n);

  int n() const { return n_; }
  const T* a() const { return a_.get(); }
  const T* b() const { return b_.get(); }
  T* c() { return c_.get(); }
  // What the call wants to find in C.
  void prepare(Family family);
  // Largest error of some entries of C over the largest of them, each computed anew in double precision.
  double error(Family family) const;
  // What rounding explains of it.
  double allowed() const;

 private:
  double a_of(Family family, int i, int k) const;
  double expected(Family family, int i, int j) const;
  T at(const std::unique_ptr<T[]>& m, int i, int j) const {
    return m[static_cast<size_t>(i) + static_cast<size_t>(j) * static_cast<size_t>(n_)];
  }

  int n_;
  std::unique_ptr<T[]> a_, b_, c_;
};

}  // namespace blasx::bench
