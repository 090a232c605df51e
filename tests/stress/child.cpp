// SPDX-License-Identifier: Apache-2.0
#include "tests/stress/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace blasx::stress {

std::string ending_of_child(const std::function<void()>& body, unsigned seconds) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(seconds);
    body();
    _exit(99);  // bodies end the process themselves
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return "no child";
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit " + std::to_string(WEXITSTATUS(status));
}

}  // namespace blasx::stress
