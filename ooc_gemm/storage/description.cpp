// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/description.hpp"

#include <iterator>
#include <limits>

#include "common/parse.hpp"

namespace ooc_gemm::storage {

namespace {

struct Row {
  const char* name;
  int64_t bytes;
  bool complex;
};
constexpr Row kElements[] = {
    {"f4", 4, false}, {"f8", 8, false}, {"c8", 8, true}, {"c16", 16, true}};

const Row& row_of(Element element) { return kElements[static_cast<size_t>(element)]; }

}  // namespace

int64_t element_bytes(Element element) { return row_of(element).bytes; }
bool is_complex(Element element) { return row_of(element).complex; }
const char* element_name(Element element) { return row_of(element).name; }

Result<Element> element_from(std::string_view name) {
  for (size_t i = 0; i < std::size(kElements); ++i) {
    if (name == kElements[i].name) return static_cast<Element>(i);
  }
  return blasx::failure(StatusCode::InvalidArgument,
                        std::string(name) + ": not a type; f4, f8, c8 and c16 are accepted");
}

Window Window::part(Order order, int64_t first, int64_t count) const {
  if (order == Order::C) return {row + first, col, count, cols};
  return {row, col + first, rows, count};
}

int64_t line_offset(const Description& matrix, const Window& window, int64_t line) {
  const int64_t element = matrix.order == Order::C ? (window.row + line) * matrix.cols + window.col
                                                   : (window.col + line) * matrix.rows + window.row;
  return matrix.data_offset + element * element_bytes(matrix.element);
}

Result<Name> parse_name(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    return blasx::failure(
        StatusCode::InvalidArgument,
        std::string(text) + ": " + why + "; a raw file is named PATH@ROWSxCOLS:TYPE[:F]");
  };
  Name name;
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.ends_with(".npy")) {
    if (text.empty()) return refuse("no file");
    name.matrix.path = text;
    return name;
  }
  name.raw = true;
  name.matrix.path = text.substr(0, at);
  const auto pieces = blasx::parse::split(text.substr(at + 1), ':');
  if (name.matrix.path.empty() || pieces.size() < 2 || pieces.size() > 3) return refuse("no shape");
  const auto sides = blasx::parse::split(pieces[0], 'x');
  if (sides.size() != 2) return refuse("no shape");
  constexpr int64_t kMost = int64_t{1} << 40;
  const auto rows = blasx::parse::integer_in(sides[0], 0, kMost);
  const auto cols = blasx::parse::integer_in(sides[1], 0, kMost);
  if (!rows || !cols) return refuse("rows or columns are not a number");
  const auto element = element_from(pieces[1]);
  if (!element) return refuse("the type is not f4, f8, c8 or c16");
  if (pieces.size() == 3 && pieces[2] != "F" && pieces[2] != "C")
    return refuse("the order is not C or F");
  name.matrix.rows = *rows;
  name.matrix.cols = *cols;
  name.matrix.element = *element;
  name.matrix.order = pieces.size() == 3 && pieces[2] == "F" ? Order::Fortran : Order::C;
  if (*rows > 0 && *cols > std::numeric_limits<int64_t>::max() / 16 / *rows)
    return refuse("too large");
  return name;
}

}  // namespace ooc_gemm::storage
