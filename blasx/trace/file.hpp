// SPDX-License-Identifier: Apache-2.0
// How reports reach files: whole or not at all, from processes that may be many. No state.
#pragma once

#include <string>
#include <string_view>

#include "common/status.hpp"

namespace blasx::trace {

// %p becomes the process id, %% a percent sign.
std::string expand_path(std::string_view path, int64_t process_id);

// Writes beside `path` and renames, so that a reader sees the old file or the whole new one; what
// is there and not a regular file (a pipe, /dev/stderr) is written directly.
Status replace_file(const std::string& path, std::string_view text);

// One write at the end, so that the tables of several processes do not mix.
Status append_file(const std::string& path, std::string_view text);

}  // namespace blasx::trace
