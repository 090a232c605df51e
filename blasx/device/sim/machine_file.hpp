// SPDX-License-Identifier: Apache-2.0
// Machine files: JSON to a Machine. Every group of figures in one must name its source. Pure but for reading the file.
#pragma once

#include <string>

#include "blasx/device/sim/machine.hpp"
#include "common/status.hpp"

namespace blasx::device::sim {

// A refusal says file, key, what is wrong, what is accepted.
Result<Machine> parse_machine(const std::string& text, const std::string& file);
Result<Machine> read_machine(const std::string& path);

}  // namespace blasx::device::sim
