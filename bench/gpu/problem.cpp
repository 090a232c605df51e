// SPDX-License-Identifier: Apache-2.0
#include "bench/gpu/problem.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace blasx::bench {
namespace {

struct Facts {
  const char* name;
  double operations;  // of n^3
  double in, out;     // of n^2
};
// A triangle is half of the matrix.
constexpr Facts kFacts[] = {{"gemm", 2, 2, 1},    {"symm", 2, 1.5, 1}, {"syrk", 1, 1, 0.5},
                            {"syr2k", 2, 2, 0.5}, {"trmm", 1, 1.5, 1}, {"trsm", 1, 1.5, 1}};
const Facts& facts(Family family) { return kFacts[static_cast<size_t>(family)]; }

// All cores, or filling the matrices would take longer than multiplying them.
template <typename F>
void in_parallel(size_t count, F&& f) {
  const size_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> workers;
  for (size_t t = 0; t < threads; ++t) {
    workers.emplace_back([=, &f] { f(count * t / threads, count * (t + 1) / threads); });
  }
  for (std::thread& worker : workers) worker.join();
}

// A number in [-0.5, 0.5) that depends on the index alone.
double noise(uint64_t index, uint64_t seed) {
  uint64_t x = index + seed * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return static_cast<double>((x ^ (x >> 31)) >> 11) * 0x1p-53 - 0.5;
}

template <typename T>
std::unique_ptr<T[]> filled(size_t count, uint64_t seed) {
  std::unique_ptr<T[]> matrix(new T[count]);
  in_parallel(count, [&](size_t first, size_t end) {
    for (size_t i = first; i < end; ++i) matrix[i] = static_cast<T>(noise(i, seed));
  });
  return matrix;
}

constexpr int kChecked = 60;  // entries

}  // namespace

const char* name_of(Family family) { return facts(family).name; }

Family family_of(const std::string& name) {
  for (const Family family : kFamilies) {
    if (name == name_of(family)) return family;
  }
  throw std::invalid_argument(name +
                              ": no such routine; gemm, symm, syrk, syr2k, trmm and trsm are");
}

double operation_count(Family family, double n) { return facts(family).operations * n * n * n; }
double elements_in(Family family, double n) { return facts(family).in * n * n; }
double elements_out(Family family, double n) { return facts(family).out * n * n; }

template <typename T>
Problem<T>::Problem(int n) : n_(n) {
  const auto edge = static_cast<size_t>(n);
  a_ = filled<T>(edge * edge, 1);
  b_ = filled<T>(edge * edge, 2);
  c_ = filled<T>(edge * edge, 3);
  // A dominant diagonal: no triangular solve with it grows.
  for (size_t i = 0; i < edge; ++i) a_[i * (edge + 1)] += static_cast<T>(n);
}

template <typename T>
void Problem<T>::prepare(Family family) {
  if (family != Family::Trmm && family != Family::Trsm) return;
  const size_t count = static_cast<size_t>(n_) * static_cast<size_t>(n_);
  in_parallel(count, [&](size_t first, size_t end) {
    std::memcpy(&c_[first], &b_[first], (end - first) * sizeof(T));
  });
}

template <typename T>
double Problem<T>::a_of(Family family, int i, int k) const {
  const bool triangle = family == Family::Trmm || family == Family::Trsm;
  if (triangle && i > k) return 0;
  return family == Family::Symm && i > k ? at(a_, k, i) : at(a_, i, k);
}

// For trsm: what A times the solution should be.
template <typename T>
double Problem<T>::expected(Family family, int i, int j) const {
  if (family == Family::Trsm) return at(b_, i, j);
  double sum = 0;
  for (int k = 0; k < n_; ++k) {
    const double a = a_of(family, i, k);
    switch (family) {
      case Family::Syrk:
        sum += a * at(a_, j, k);
        break;
      case Family::Syr2k:
        sum += a * at(b_, j, k) + static_cast<double>(at(b_, i, k)) * at(a_, j, k);
        break;
      default:
        sum += a * at(b_, k, j);
    }
  }
  return sum;
}

template <typename T>
double Problem<T>::error(Family family) const {
  double worst = 0, largest = 0;
  const bool half = family == Family::Syrk || family == Family::Syr2k;
  for (uint64_t s = 0; s < kChecked; ++s) {
    const auto pick = [&](uint64_t seed) {
      return std::clamp(static_cast<int>((noise(s, seed) + 0.5) * n_), 0, n_ - 1);
    };
    int i = pick(4), j = pick(5);
    if (half && i > j) std::swap(i, j);
    const double want = expected(family, i, j);
    double got = at(c_, i, j);
    if (family == Family::Trsm) {
      got = 0;
      for (int k = i; k < n_; ++k) got += a_of(family, i, k) * static_cast<double>(at(c_, k, j));
    }
    const double gap = std::abs(got - want);
    if (!(gap <= worst)) worst = gap;  // NaN stays
    largest = std::max(largest, std::abs(want));
  }
  return worst / largest;
}

template <typename T>
double Problem<T>::allowed() const {
  return 2.0 * n_ * static_cast<double>(std::numeric_limits<T>::epsilon());
}

template class Problem<float>;
template class Problem<double>;

}  // namespace blasx::bench
