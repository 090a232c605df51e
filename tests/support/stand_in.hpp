// SPDX-License-Identifier: Apache-2.0
// The stand-in's controls, where the process runs on it. Found at run time: the same program runs on a real GPU.
#pragma once

#include <cstdint>
#include <string>

namespace blasx::support {

class StandIn {
 public:
  // Throws std::runtime_error where the loader finds a real CUDA runtime or none.
  StandIn();

  // A new machine, with the words of tests/fake_cuda/fake_cuda.h. No device of the old one may be left.
  void reset(const std::string& configuration) const { reset_(configuration.c_str()); }
  int64_t calls(const char* function) const { return calls_(function); }
  bool failed() const { return failed_() != 0; }
  int64_t memory_in_use() const { return memory_in_use_(); }
  int64_t pending() const { return pending_(); }

  // A function of the CUDA runtime.
  template <typename Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(find(name));
  }

 private:
  void* find(const char* name) const;

  void* library_;
  void (*reset_)(const char*);
  int64_t (*calls_)(const char*);
  int (*failed_)();
  int64_t (*memory_in_use_)();
  int64_t (*pending_)();
};

}  // namespace blasx::support
