// SPDX-License-Identifier: Apache-2.0
// Where a matrix lies in a file and how: plain values, and the arithmetic from elements to bytes. No state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.hpp"

namespace ooc_gemm::storage {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

// Memory, and what the system keeps of files in it, come in so many bytes.
inline constexpr int64_t kPage = 4096;

// NumPy's names of the types that the BLAS has: s, d, c, z.
enum class Element : uint8_t { F4, F8, C8, C16 };

int64_t element_bytes(Element element);
bool is_complex(Element element);
const char* element_name(Element element);
Result<Element> element_from(std::string_view name);

// C: the elements of a row are neighbours. Fortran: those of a column are.
enum class Order : uint8_t { C, Fortran };

struct Description {
  std::string path;
  Element element = Element::F8;
  Order order = Order::C;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t data_offset = 0;  // bytes before the first element

  int64_t data_bytes() const { return rows * cols * element_bytes(element); }
  bool operator==(const Description&) const = default;
};

// A rectangle of a matrix. In memory it is kept in its file's order, line after line.
struct Window {
  int64_t row = 0;
  int64_t col = 0;
  int64_t rows = 0;
  int64_t cols = 0;

  int64_t elems() const { return rows * cols; }
  // A line is what is contiguous in the file: a row's part in C order, a column's in Fortran order.
  int64_t lines(Order order) const { return order == Order::C ? rows : cols; }
  int64_t line_elems(Order order) const { return order == Order::C ? cols : rows; }
  // The window's lines [first, first + count).
  Window part(Order order, int64_t first, int64_t count) const;
  bool operator==(const Window&) const = default;
};

// Byte in the file of the first element of a window's line.
int64_t line_offset(const Description& matrix, const Window& window, int64_t line);

// "file.npy", or a raw file with its shape: "file.bin@1000x2000:f8" (C order) or "...:f8:F". For a raw
// file all is known; for .npy only the path, the rest comes from its header.
struct Name {
  Description matrix;
  bool raw = false;
};
Result<Name> parse_name(std::string_view text);

}  // namespace ooc_gemm::storage
