// SPDX-License-Identifier: Apache-2.0
// Every line a library says, in one shape (`blasx: warning: text`), to stderr by a single write(2).
// The state (prefix, verbosity, sink) is a few atomics owned by log.cpp, one copy in each shared
// library.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace blasx::log {

enum class Level : uint8_t { Error, Warning, Info };

// Always shown. Use them through BLASX_WARN_ONCE or a OncePerSite where a call can repeat them.
void error(std::string_view text);
void warning(std::string_view text);
// Shown only at verbosity 1 and above; ask enabled() first where building the text costs.
void info(std::string_view text);
// The text alone and a newline: call lines, tables. Goes through the sink as Level::Info.
void plain(std::string_view text);

bool enabled(Level level);
void set_verbosity(int verbosity);
int verbosity();

// "blasx" unless a library says otherwise; the pointer must live as long as the process.
void set_prefix(const char* prefix);

// Where finished lines go (without newline); null restores stderr. For tests.
using Sink = void (*)(Level level, std::string_view line, void* context);
void set_sink(Sink sink, void* context);

// True the first time it is asked, for anyone in the process; constant-initialised.
class OncePerSite {
 public:
  bool first() { return !done_.exchange(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> done_{false};
};

}  // namespace blasx::log

// The text is built only when it is shown.
#define BLASX_WARN_ONCE(text)                               \
  do {                                                      \
    static constinit ::blasx::log::OncePerSite blasx_once_; \
    if (blasx_once_.first()) ::blasx::log::warning(text);   \
  } while (false)
