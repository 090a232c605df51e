// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/verify.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <random>
#include <vector>

namespace ooc_gemm::run {

namespace {

// A vector, and beside it what its elements would be if nothing cancelled.
struct Vector {
  std::vector<Scalar> value;
  std::vector<double> size;
  explicit Vector(int64_t n) : value(static_cast<size_t>(n)), size(static_cast<size_t>(n)) {}
};

template <typename T>
void add_lines(const T* data, int64_t lines, int64_t length, bool dot, bool conjugated,
               int64_t first, Scalar factor, const Vector& x, Vector& y) {
  for (int64_t l = 0; l < lines; ++l) {
    const T* line = data + l * length;
    const auto own = static_cast<size_t>(first + l);
    Scalar sum = 0;
    double size = 0;
    const Scalar scale = dot ? Scalar(1) : factor * x.value[own];
    const double scale_size = dot ? 1 : std::abs(factor) * x.size[own];
    for (size_t i = 0; i < static_cast<size_t>(length); ++i) {
      const Scalar element = conjugated ? std::conj(Scalar(line[i])) : Scalar(line[i]);
      const double magnitude = std::abs(element.real()) + std::abs(element.imag());
      if (dot) {
        sum += element * x.value[i];
        size += magnitude * x.size[i];
      } else {
        y.value[i] += element * scale;
        y.size[i] += magnitude * scale_size;
      }
    }
    if (dot) {
      y.value[own] += factor * sum;
      y.size[own] += std::abs(factor) * size;
    }
  }
}

// y += factor op(X) x, X read once from its beginning to its end.
Status add_product(const storage::File& file, Operation operation, Scalar factor, const Vector& x,
                   Vector& y) {
  const storage::Description& matrix = file.matrix();
  const bool c_order = matrix.order == storage::Order::C;
  const int64_t lines = c_order ? matrix.rows : matrix.cols;
  const int64_t length = c_order ? matrix.cols : matrix.rows;
  const bool dot = c_order == (operation == Operation::None);
  const bool conjugated = operation == Operation::Adjoint;
  const int64_t element = storage::element_bytes(matrix.element);
  const int64_t at_once =
      std::clamp<int64_t>((8 << 20) / std::max<int64_t>(length * element, 1), 1, 1 << 20);
  std::vector<Scalar> memory(
      static_cast<size_t>(std::min(at_once, lines) * length * element / 16 + 1));
  const storage::Window whole{0, 0, matrix.rows, matrix.cols};
  for (int64_t first = 0; first < lines; first += at_once) {
    const int64_t count = std::min(at_once, lines - first);
    if (Status read = file.read(whole.part(matrix.order, first, count), memory.data(), length);
        !read)
      return read;
    const void* data = memory.data();
    switch (matrix.element) {
      case storage::Element::F4:
        add_lines(static_cast<const float*>(data), count, length, dot, conjugated, first, factor, x,
                  y);
        break;
      case storage::Element::F8:
        add_lines(static_cast<const double*>(data), count, length, dot, conjugated, first, factor,
                  x, y);
        break;
      case storage::Element::C8:
        add_lines(static_cast<const std::complex<float>*>(data), count, length, dot, conjugated,
                  first, factor, x, y);
        break;
      case storage::Element::C16:
        add_lines(static_cast<const Scalar*>(data), count, length, dot, conjugated, first, factor,
                  x, y);
        break;
    }
  }
  return {};
}

}  // namespace

Result<Verdict> verify(const Job& job, uint64_t seed) {
  const bool in_place = job.beta != Scalar(0) && (job.c_in.empty() || job.c_in == job.c_out);
  if (in_place) {
    return blasx::failure(
        StatusCode::InvalidArgument,
        job.c_out + ": its old values are gone: what was added to cannot be verified");
  }
  auto inputs = open_inputs(job);
  if (!inputs) return blasx::failure(inputs.error());
  const auto name = storage::parse_name(job.c_out);
  auto result = storage::File::open(*name);
  if (!result) return blasx::failure(result.error());
  const plan::Problem& problem = inputs->problem;
  const storage::Description& C = result->matrix();
  if (C.rows != problem.m || C.cols != problem.n || C.element != inputs->output.element) {
    return blasx::failure(StatusCode::InvalidArgument,
                          C.path + ": not of the product's shape and type");
  }
  Vector x(problem.n);
  std::mt19937_64 random(seed);
  for (size_t i = 0; i < x.value.size(); ++i) {
    x.size[i] = 0.5 + static_cast<double>(random() >> 11) * 0x1p-54;
    x.value[i] = random() % 2 == 0 ? x.size[i] : -x.size[i];
  }
  Vector y(problem.k);
  Vector difference(problem.m);
  Status done = add_product(inputs->b, job.op_b, 1, x, y);
  if (done) done = add_product(inputs->a, job.op_a, job.alpha, y, difference);
  if (done && problem.reads_c)
    done = add_product(inputs->c, Operation::None, job.beta, x, difference);
  if (done) done = add_product(*result, Operation::None, -1, x, difference);
  if (!done) return blasx::failure(done);
  const bool single = inputs->output.element == storage::Element::F4 ||
                      inputs->output.element == storage::Element::C8;
  const double epsilon = single ? 0x1p-23 : 0x1p-52;
  // Errors of sums grow like the root of their length; four of that is far from what rounding does by chance.
  const double unit = 4 * epsilon * std::sqrt(static_cast<double>(problem.n + problem.k) + 4);
  Verdict verdict;
  for (size_t i = 0; i < difference.value.size(); ++i) {
    const double error = std::abs(difference.value[i]);
    const double allowed = unit * difference.size[i];
    double ratio = error == 0 ? 0 : error / allowed;
    if (!(ratio >= 0)) ratio = INFINITY;
    if (ratio > verdict.worst) {
      verdict.worst = ratio;
      verdict.worst_row = static_cast<int64_t>(i);
    }
  }
  return verdict;
}

}  // namespace ooc_gemm::run
