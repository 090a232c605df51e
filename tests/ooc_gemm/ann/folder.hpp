// SPDX-License-Identifier: Apache-2.0
// A folder that is gone afterwards, and small files in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ooc_gemm::tests {

class Folder {
 public:
  Folder();
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(const std::string& name = "") const { return (path_ / name).string(); }

  void write(const std::string& name, const std::string& bytes) const;
  void write_packed(const std::string& name, const std::string& bytes) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

// The bytes of an IDX file, and of a .npy file with this header.
std::string idx(const std::vector<int64_t>& sides, const std::string& data);
std::string npy(const std::string& type, const std::string& shape, const std::string& data);

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace ooc_gemm::tests
