// SPDX-License-Identifier: Apache-2.0
#include "bench/ooc_gemm/matrix_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <random>
#include <system_error>

namespace blasx::bench {

namespace {

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), path);
}

}  // namespace

std::vector<double> random_elements(int64_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> elements(static_cast<size_t>(count));
  for (double& element : elements) element = static_cast<double>(random() >> 11) * 0x1p-52 - 1;
  return elements;
}

void write_matrix(const std::string& path, int64_t n, const std::vector<double>& elements) {
  std::string words = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(n) +
                      ", " + std::to_string(n) + "), }";
  words.resize(117, ' ');
  const std::string header = std::string("\x93NUMPY\x01\0\x76\0", 10) + words + "\n";
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "wb"), std::fclose);
  if (!file || std::fwrite(header.data(), 1, header.size(), file.get()) != header.size() ||
      std::fwrite(elements.data(), 8, elements.size(), file.get()) != elements.size() ||
      std::fflush(file.get()) != 0) {
    fail(path);
  }
}

void drop_from_cache(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path);
  fsync(descriptor);  // dirty pages would stay
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  close(descriptor);
}

void bring_into_cache(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) fail(path);
  std::vector<char> part(1 << 20);
  while (std::fread(part.data(), 1, part.size(), file.get()) == part.size()) {
  }
}

}  // namespace blasx::bench
