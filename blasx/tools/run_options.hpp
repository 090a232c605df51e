// SPDX-License-Identifier: Apache-2.0
// The command line of blasx-run as a value. Pure functions over the settings table: every setting
// is an option.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "blasx/config/config.hpp"
#include "common/status.hpp"

namespace blasx::tools {

struct RunOptions {
  bool help = false;
  bool version = false;
  bool dry_run = false;                                          // print the command, run nothing
  std::string library;                                           // of --library
  std::vector<std::pair<std::string, std::string>> environment;  // BLASX_TILE, 512
  std::vector<std::string> command;                              // the program and its arguments
};

// "--host-blas" for HOST_BLAS.
std::string option_name(const config::OptionInfo& option);
// --stats alone means --stats=1, so that a program's name after it is not taken for its value.
bool takes_no_value(const config::OptionInfo& option);

// Options end at the first word that is none, or after "--". Values are checked as the library
// would.
Result<RunOptions> parse_run_options(const std::vector<std::string>& arguments);

std::string run_help();

// LD_PRELOAD with the library before what was there. Refuses a path that the variable cannot hold.
Result<std::string> preload_value(const std::string& library, const std::string& existing);

}  // namespace blasx::tools
