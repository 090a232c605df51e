// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "ooc_gemm/storage/file.hpp"

namespace ooc_gemm::tests {

namespace {

template <typename T>
T cut(Scalar value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value.real());
  } else {
    return T(value);
  }
}

template <typename T>
void write_elements(const storage::File& file, const Matrix& matrix) {
  for (int64_t i = 0; i < matrix.rows; ++i) {
    for (int64_t j = 0; j < matrix.cols; ++j) {
      const T value = cut<T>(matrix(i, j));
      if (!file.write({i, j, 1, 1}, &value, 1)) throw std::runtime_error("cannot write");
    }
  }
}

template <typename T>
void read_elements(const storage::File& file, Matrix& matrix) {
  for (int64_t i = 0; i < matrix.rows; ++i) {
    for (int64_t j = 0; j < matrix.cols; ++j) {
      T value{};
      if (!file.read({i, j, 1, 1}, &value, 1)) throw std::runtime_error("cannot read");
      matrix(i, j) = Scalar(value);
    }
  }
}

Scalar element_of(const Matrix& matrix, Operation operation, int64_t i, int64_t j) {
  if (operation == Operation::None) return matrix(i, j);
  return operation == Operation::Transposed ? matrix(j, i) : std::conj(matrix(j, i));
}

}  // namespace

Files::Files() {
  // Every run ends by waiting for the disk: in memory, where there is such a folder, that takes no time.
  const std::filesystem::path memory = "/dev/shm";
  const bool usable = access(memory.c_str(), W_OK | X_OK) == 0;
  const auto parent = usable ? memory : std::filesystem::temp_directory_path();
  std::string pattern = (parent / "ooc-run-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error(pattern + ": cannot be made");
  folder_ = pattern;
}

Matrix Files::make(const std::string& name, Element element, Order order, int64_t rows,
                   int64_t cols, std::mt19937& random) {
  Matrix matrix{rows, cols, std::vector<Scalar>(static_cast<size_t>(rows * cols))};
  // As many bits as the type holds: sums are rounded, and tell in which order they were taken.
  const bool single = element == Element::F4 || element == Element::C8;
  const auto number = [&] {
    const double value = static_cast<double>(random()) * 0x1p-31 - 1;
    return single ? static_cast<double>(static_cast<float>(value)) : value;
  };
  for (Scalar& value : matrix.at)
    value = Scalar(number(), storage::is_complex(element) ? number() : 0);
  const auto parsed = storage::parse_name(path(name)).value();
  auto file = storage::File::create({parsed.matrix.path, element, order, rows, cols, 0});
  if (!file || !file->lay_out(parsed.raw)) throw std::runtime_error("cannot create");
  switch (element) {
    case Element::F4:
      write_elements<float>(*file, matrix);
      break;
    case Element::F8:
      write_elements<double>(*file, matrix);
      break;
    case Element::C8:
      write_elements<std::complex<float>>(*file, matrix);
      break;
    case Element::C16:
      write_elements<Scalar>(*file, matrix);
      break;
  }
  return matrix;
}

Matrix read_matrix(const std::string& name) {
  const auto file = storage::File::open(storage::parse_name(name).value());
  if (!file) throw std::runtime_error(file.error().message());
  const auto& facts = file->matrix();
  Matrix matrix{facts.rows, facts.cols,
                std::vector<Scalar>(static_cast<size_t>(facts.rows * facts.cols))};
  switch (facts.element) {
    case Element::F4:
      read_elements<float>(*file, matrix);
      break;
    case Element::F8:
      read_elements<double>(*file, matrix);
      break;
    case Element::C8:
      read_elements<std::complex<float>>(*file, matrix);
      break;
    case Element::C16:
      read_elements<Scalar>(*file, matrix);
      break;
  }
  return matrix;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

double worst_error(const Matrix& result, const Matrix& a, Operation op_a, const Matrix& b,
                   Operation op_b, Scalar alpha, Scalar beta, const Matrix& c0, Element element) {
  const int64_t k = op_a == Operation::None ? a.cols : a.rows;
  const bool single = element == Element::F4 || element == Element::C8;
  const double unit = (single ? 0x1p-24 : 0x1p-53) * static_cast<double>(2 * k + 8);
  double worst = 0;
  for (int64_t i = 0; i < result.rows; ++i) {
    for (int64_t j = 0; j < result.cols; ++j) {
      Scalar sum = 0;
      double size = 0;
      for (int64_t l = 0; l < k; ++l) {
        const Scalar term = alpha * element_of(a, op_a, i, l) * element_of(b, op_b, l, j);
        sum += term;
        size += std::abs(term) * 2;
      }
      if (beta != Scalar(0)) {
        sum += beta * c0(i, j);
        size += std::abs(beta * c0(i, j)) * 2;
      }
      const double error = std::abs(result(i, j) - sum);
      if (!(error <= unit * size))
        worst = std::max(worst, size > 0 ? error / (unit * size) : INFINITY);
    }
  }
  return worst;
}

}  // namespace ooc_gemm::tests
