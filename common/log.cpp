// SPDX-License-Identifier: Apache-2.0
#include "common/log.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>

namespace blasx::log {
namespace {

constinit std::atomic<const char*> g_prefix{"blasx"};
constinit std::atomic<int> g_verbosity{0};
constinit std::atomic<Sink> g_sink{nullptr};
constinit std::atomic<void*> g_sink_context{nullptr};

// One write, so that lines of several threads and processes do not mix; the caller's errno is kept,
// because a BLAS call that warns must not change it.
void write_line(std::string line) {
  const int saved = errno;
  line += '\n';
  size_t done = 0;
  while (done < line.size()) {
    const ssize_t n = ::write(STDERR_FILENO, line.data() + done, line.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  errno = saved;
}

void emit(Level level, std::string line) {
  if (const Sink sink = g_sink.load(std::memory_order_acquire)) {
    sink(level, line, g_sink_context.load(std::memory_order_acquire));
  } else {
    write_line(std::move(line));
  }
}

void say(Level level, const char* word, std::string_view text) {
  std::string line = g_prefix.load(std::memory_order_relaxed);
  line += ": ";
  line += word;
  line += text;
  emit(level, std::move(line));
}

}  // namespace

void error(std::string_view text) { say(Level::Error, "error: ", text); }
void warning(std::string_view text) { say(Level::Warning, "warning: ", text); }
void info(std::string_view text) {
  if (enabled(Level::Info)) say(Level::Info, "", text);
}
void plain(std::string_view text) { emit(Level::Info, std::string(text)); }

bool enabled(Level level) { return level != Level::Info || verbosity() >= 1; }
void set_verbosity(int verbosity) { g_verbosity.store(verbosity, std::memory_order_relaxed); }
int verbosity() { return g_verbosity.load(std::memory_order_relaxed); }

void set_prefix(const char* prefix) { g_prefix.store(prefix, std::memory_order_relaxed); }

void set_sink(Sink sink, void* context) {
  g_sink_context.store(context, std::memory_order_release);
  g_sink.store(sink, std::memory_order_release);
}

}  // namespace blasx::log
