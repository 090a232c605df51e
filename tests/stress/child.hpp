// SPDX-License-Identifier: Apache-2.0
// Runs a piece of a test in a child process with a time limit, because what is tested ends processes.
#pragma once

#include <functional>
#include <string>

namespace blasx::stress {

// "exit 3", "signal 11", or "signal 14" when the time was up (the child's own alarm).
std::string ending_of_child(const std::function<void()>& body, unsigned seconds = 60);

}  // namespace blasx::stress
