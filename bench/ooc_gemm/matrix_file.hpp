// SPDX-License-Identifier: Apache-2.0
// Square matrices of doubles in .npy files, for benchmarks. No state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace blasx::bench {

// Random elements in [-1, 1), the same for the same seed.
std::vector<double> random_elements(int64_t count, uint64_t seed);
// Throws std::runtime_error with the system's words.
void write_matrix(const std::string& path, int64_t n, const std::vector<double>& elements);

// Has the system forget the file's pages, or read all of them.
void drop_from_cache(const std::string& path);
void bring_into_cache(const std::string& path);

}  // namespace blasx::bench
