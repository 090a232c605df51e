// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/npy.hpp"

#include <limits>
#include <vector>

#include "common/parse.hpp"

namespace ooc_gemm::storage {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

auto refuse(const std::string& path, size_t offset, const std::string& why) {
  return blasx::failure(StatusCode::InvalidArgument,
                        path + ": offset " + std::to_string(offset) + ": " + why);
}

uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Where the value of `key` begins in a header; npos where it is not.
size_t value_of(std::string_view header, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const std::string word = quote + std::string(key) + quote;
    const size_t at = header.find(word);
    if (at == std::string_view::npos) continue;
    const size_t colon = header.find_first_not_of(' ', at + word.size());
    if (colon == std::string_view::npos || header[colon] != ':') continue;
    return header.find_first_not_of(' ', colon + 1);
  }
  return std::string_view::npos;
}

}  // namespace

Result<int64_t> npy_header_bytes(const std::string& path, std::string_view prefix) {
  if (prefix.size() < 10 || prefix.substr(0, kMagic.size()) != kMagic) {
    return refuse(path, 0, "not a .npy file; a raw file is named PATH@ROWSxCOLS:TYPE[:F]");
  }
  const int version = static_cast<unsigned char>(prefix[6]);
  if (version == 1) return static_cast<int64_t>(10 + little_endian(prefix.substr(8, 2)));
  if ((version == 2 || version == 3) && prefix.size() >= 12) {
    return static_cast<int64_t>(12 + little_endian(prefix.substr(8, 4)));
  }
  return refuse(path, 6, "version " + std::to_string(version) + " of .npy is not known");
}

Result<NpyArray> parse_npy_array(const std::string& path, std::string_view header) {
  NpyArray array;
  array.type_at = value_of(header, "descr");
  if (array.type_at == std::string_view::npos) return refuse(path, 10, "the header has no 'descr'");
  const char quote = header[array.type_at];
  const size_t end = header.find(quote, array.type_at + 1);
  if ((quote != '\'' && quote != '"') || end == std::string_view::npos) {
    return refuse(path, array.type_at, "an array of records is no matrix");
  }
  array.type = header.substr(array.type_at + 1, end - array.type_at - 1);

  const size_t order = value_of(header, "fortran_order");
  if (order == std::string_view::npos) return refuse(path, 10, "the header has no 'fortran_order'");
  array.fortran_order = header.substr(order, 4) == "True";
  if (!array.fortran_order && header.substr(order, 5) != "False") {
    return refuse(path, order, "'fortran_order' is neither True nor False");
  }

  array.shape_at = value_of(header, "shape");
  const size_t at = array.shape_at;
  const size_t close = at == std::string_view::npos ? at : header.find(')', at);
  if (close == std::string_view::npos || header[at] != '(') {
    return refuse(path, at == std::string_view::npos ? 10 : at, "the header has no 'shape'");
  }
  double elems = 1;
  for (const std::string_view piece :
       blasx::parse::split(header.substr(at + 1, close - at - 1), ',')) {
    if (piece.empty()) continue;
    const auto side = blasx::parse::integer_in(piece, 0, std::numeric_limits<int64_t>::max());
    if (!side) {
      return refuse(path, at,
                    "'" + std::string(piece) + "' in the shape: " + side.error().message());
    }
    array.sides.push_back(*side);
    elems *= static_cast<double>(*side);
  }
  constexpr double kMostElems = 0x1p58;  // times 16 bytes, still far from the end of 64 bits
  if (elems > kMostElems) return refuse(path, at, "the shape is too large");
  return array;
}

Result<Description> parse_npy_header(const std::string& path, std::string_view header) {
  const auto array = parse_npy_array(path, header);
  if (!array) return blasx::failure(array.error());
  const std::string& type = array->type;
  const auto element = element_from(std::string_view(type).substr(type.empty() ? 0 : 1));
  if (!element || (type[0] != '<' && type[0] != '>' && type[0] != '=')) {
    return refuse(path, array->type_at, "type '" + type + "'; <f4, <f8, <c8 and <c16 are accepted");
  }
  if (type[0] == '>') {
    return refuse(path, array->type_at,
                  "'" + type + "' is big-endian; convert it with numpy: a.astype('<" +
                      element_name(*element) + "')");
  }
  if (array->sides.size() != 2) {
    return refuse(
        path, array->shape_at,
        std::to_string(array->sides.size()) +
            " dimensions; a matrix has two: numpy's a.reshape(-1, 1) makes a column of a vector");
  }
  Description matrix;
  matrix.path = path;
  matrix.data_offset = static_cast<int64_t>(header.size());
  matrix.element = *element;
  matrix.order = array->fortran_order ? Order::Fortran : Order::C;
  matrix.rows = array->sides[0];
  matrix.cols = array->sides[1];
  return matrix;
}

std::string make_npy_header(const Description& matrix, int64_t multiple) {
  std::string words = "{'descr': '<" + std::string(element_name(matrix.element)) +
                      "', 'fortran_order': " + (matrix.order == Order::Fortran ? "True" : "False") +
                      ", 'shape': (" + std::to_string(matrix.rows) + ", " +
                      std::to_string(matrix.cols) + "), }";
  const auto unit = static_cast<size_t>(multiple);
  const size_t whole = (10 + words.size() + unit) / unit * unit;
  words.resize(whole - 11, ' ');
  std::string header(kMagic);
  header += '\x01';
  header += '\x00';
  const size_t length = whole - 10;
  header += static_cast<char>(length & 0xff);
  header += static_cast<char>(length >> 8);
  return header + words + '\n';
}

}  // namespace ooc_gemm::storage
