// SPDX-License-Identifier: Apache-2.0
// A study as lines of JSON: what was asked for, and for each seed the moments of both runs and how often ISGD worked more. A
// plot reads it, and a study that was cut off goes on from it.
#pragma once

#include <string>
#include <string_view>

#include "clients/isgd/study/report.hpp"

namespace isgd {

// `arguments`: whatever two parts of one study must have in common.
std::string lines(const Study& study, uint64_t first_seed, std::string_view arguments);

// What lines() wrote. Throws nn::Error where the arguments are others, or a line is none of these.
Study study_of(const std::string& lines, uint64_t first_seed, std::string_view arguments);

}  // namespace isgd
