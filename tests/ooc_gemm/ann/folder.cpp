// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace ooc_gemm::tests {

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ooc-ann-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error(pattern + ": cannot be made");
  path_ = pattern;
}

void Folder::write(const std::string& name, const std::string& bytes) const {
  std::ofstream(path(name), std::ios::binary) << bytes;
}

void Folder::write_packed(const std::string& name, const std::string& bytes) const {
  gzFile file = gzopen(path(name).c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

std::string Folder::read(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string idx(const std::vector<int64_t>& sides, const std::string& data) {
  std::string file{0, 0, 8, static_cast<char>(sides.size())};
  for (const int64_t side : sides) {
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(side >> shift & 0xff);
  }
  return file + data;
}

std::string npy(const std::string& type, const std::string& shape, const std::string& data) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  return std::string("\x93NUMPY\x01\0\x76\0", 10) + header + "\n" + data;
}

}  // namespace ooc_gemm::tests
