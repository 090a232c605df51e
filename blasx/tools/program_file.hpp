// SPDX-License-Identifier: Apache-2.0
// Finds the program that a name stands for and looks whether preloading can work on it. Reads
// files; no state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.hpp"

namespace blasx::tools {

// As execvp would: names with a slash stand for themselves, others are looked for in `path_list`.
// NotFound, or Unavailable for something that is there and cannot be run.
Result<std::string> find_program(const std::string& name, std::string_view path_list);

// Sentences about why libblasx will not see the program's calls; empty when nothing stands in the
// way. Scripts are followed to their interpreter.
std::vector<std::string> preload_obstacles(const std::string& program);

// The libblasx beside the running tool, in ../lib, or where the system keeps libraries; NotFound
// lists where it looked.
Result<std::string> find_library(const std::string& tool_folder);
// The path from the root: a program may change its folder before it starts others.
Result<std::string> whole_path(const std::string& path);
// The folder of the running executable.
std::string own_folder();

}  // namespace blasx::tools
