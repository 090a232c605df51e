// SPDX-License-Identifier: Apache-2.0
// What a client says when it cannot go on: one line for the user; each main prints it and ends with status 1.
#pragma once

#include <stdexcept>

namespace nn {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace nn
