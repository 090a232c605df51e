// SPDX-License-Identifier: Apache-2.0
// A training's state in a file: a line of text that says what it is, then each layer's weights and biases as little-endian
// single precision, then a checksum. Written under another name and renamed when whole. No state.
#pragma once

#include <cstdint>
#include <string>

#include "ooc_gemm/ann/weights.hpp"

namespace ooc_gemm::ann {

// `identity` is one line: what must be equal for a training to go on from here.
Status save_checkpoint(const std::string& path, const std::string& identity, int64_t step,
                       Weights& weights);

// The step it was saved after. Refused when it is damaged or another training's.
Result<int64_t> load_checkpoint(const std::string& path, const std::string& identity,
                                Weights& weights);

}  // namespace ooc_gemm::ann
