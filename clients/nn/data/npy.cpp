// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <regex>

#include "clients/nn/data/files.hpp"
#include "clients/nn/error.hpp"

namespace nn::data {
namespace {

static_assert(std::endian::native == std::endian::little);

// numpy.lib.format, versions 1 to 3.
struct Npy {
  std::string type;  // "u1", "f4", ...
  std::vector<int64_t> sizes;
  std::string bytes;  // header and all
  size_t header = 0;
  int64_t elems = 1;

  template <class T>
  T element(int64_t index) const {
    T value;
    std::memcpy(&value, bytes.data() + header + static_cast<size_t>(index) * sizeof(T), sizeof(T));
    return value;
  }
  double number(int64_t index) const {
    if (type == "u1") return element<uint8_t>(index);
    if (type == "i1") return element<int8_t>(index);
    if (type == "i4") return element<int32_t>(index);
    if (type == "i8") return static_cast<double>(element<int64_t>(index));
    if (type == "f4") return element<float>(index);
    return element<double>(index);
  }
};

Npy read(const std::filesystem::path& file) {
  Npy npy;
  npy.bytes = contents(file);
  const auto refuse = [&](const std::string& why) {
    return Error(fmt::format("{}: {}", file.string(), why));
  };
  if (npy.bytes.size() < 12 || !npy.bytes.starts_with("\x93NUMPY")) throw refuse("no .npy file");
  const size_t length_bytes = npy.bytes[6] == 1 ? 2 : 4;
  size_t length = 0;
  for (size_t i = length_bytes; i-- > 0;)
    length = length * 256 + static_cast<unsigned char>(npy.bytes[8 + i]);
  npy.header = 8 + length_bytes + length;
  if (npy.header > npy.bytes.size()) throw refuse("its header is cut off");
  const std::string header = npy.bytes.substr(8 + length_bytes, length);
  std::smatch found;
  if (!std::regex_search(header, found, std::regex("'descr': *'[|<]([a-z][0-9])'")) ||
      header.find("'fortran_order': False") == std::string::npos)
    throw refuse("row-major uint8, int8, int32, int64, float32 or float64 is accepted");
  npy.type = found[1];
  if (std::string("u1 i1 i4 i8 f4 f8").find(npy.type) == std::string::npos)
    throw refuse("elements of type " + npy.type + "; u1, i1, i4, i8, f4 and f8 are accepted");
  if (std::regex_search(header, found, std::regex("'shape': *\\(([0-9, ]*)\\)"))) {
    const std::string shape = found[1];
    const std::regex number("[0-9]+");
    for (std::sregex_iterator i(shape.begin(), shape.end(), number); i != std::sregex_iterator();
         ++i)
      npy.sizes.push_back(std::stoll(i->str()));
  }
  for (const int64_t size : npy.sizes) npy.elems *= size;
  const int64_t wanted = npy.elems * (npy.type[1] - '0');
  if (static_cast<int64_t>(npy.bytes.size() - npy.header) != wanted)
    throw refuse(fmt::format("{} bytes of data where its header promises {}",
                             npy.bytes.size() - npy.header, wanted));
  return npy;
}

}  // namespace

Images read_npy(const std::filesystem::path& images, const std::filesystem::path& labels) {
  const Npy pixels = read(images);
  const Npy names = read(labels);
  const std::vector<int64_t>& sizes = pixels.sizes;
  if (sizes.size() != 3 && sizes.size() != 4)
    throw Error(
        fmt::format("{}: {} dimensions; images x height x width or images x channels x height "
                    "x width is accepted",
                    images.string(), sizes.size()));
  if (names.sizes.size() != 1 || names.elems != sizes[0])
    throw Error(
        fmt::format("{}: one label is wanted for each of {} images", labels.string(), sizes[0]));
  Images result{.channels = sizes.size() == 4 ? sizes[1] : 1,
                .height = sizes[sizes.size() - 2],
                .width = sizes[sizes.size() - 1],
                .pixels = {},
                .labels = {}};
  for (int64_t i = 0; i < pixels.elems; ++i)
    result.pixels.push_back(static_cast<float>(pixels.number(i)));
  for (int64_t i = 0; i < names.elems; ++i)
    result.labels.push_back(static_cast<int32_t>(names.number(i)));
  return result;
}

}  // namespace nn::data
