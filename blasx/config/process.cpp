// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "blasx/config/config.hpp"
#include "blasx/config/messages.hpp"
#include "common/forks.hpp"
#include "common/log.hpp"
#include "common/mutex.hpp"

namespace blasx::config {
namespace {

// One for the process, never destroyed: calls may arrive while the program exits.
struct Process {
  Mutex mutex;
  std::shared_ptr<const Settings> settings BLASX_GUARDED_BY(mutex);
  bool startup_closed BLASX_GUARDED_BY(mutex) = false;
  Sources sources BLASX_GUARDED_BY(mutex) = system_sources();
};

Process& process() {
  const forks::Section section;
  static Process* const instance = new Process;
  return *instance;
}

constinit std::atomic<bool> g_loaded{false};
constinit std::atomic<uint64_t> g_generation{0};

std::shared_ptr<const Settings> load_locked(Process& p) BLASX_REQUIRES(p.mutex) {
  if (p.settings == nullptr) {
    std::vector<std::string> warnings;
    p.settings = std::make_shared<const Settings>(load(p.sources, warnings));
    log::set_verbosity(static_cast<int>(p.settings->values().verbose));
    for (const std::string& warning : warnings) log::warning(warning);
    g_loaded.store(true, std::memory_order_release);
  }
  return p.settings;
}

Result<std::string> read_whole_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return failure(missing ? StatusCode::NotFound : StatusCode::IoError, std::strerror(errno));
  }
  std::string content;
  char buffer[4096];
  constexpr size_t kLargest = 1 << 20;  // a device named by mistake must not be read for ever
  ssize_t n = 0;
  while (content.size() < kLargest && (n = ::read(fd, buffer, sizeof buffer)) > 0) {
    content.append(buffer, static_cast<size_t>(n));
  }
  const int error = errno;
  ::close(fd);
  if (n < 0) return failure(StatusCode::IoError, std::strerror(error));
  return content;
}

}  // namespace

Sources system_sources() {
  Sources sources;
  // secure_getenv: a set-user-id program must not write files that its caller names.
  sources.variable = [](const char* variable) -> std::optional<std::string> {
    const char* text = ::secure_getenv(variable);
    if (text == nullptr) return std::nullopt;
    return text;
  };
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, "BLASX_", 6) == 0) {
      sources.variable_names.emplace_back(*entry, std::strcspn(*entry, "="));
    }
  }
  sources.read_file = read_whole_file;
  return sources;
}

std::shared_ptr<const Settings> current() {
  Process& p = process();
  const forks::Lock lock(p.mutex);
  return load_locked(p);
}

bool loaded() { return g_loaded.load(std::memory_order_acquire); }

Status set(std::string_view name, std::string_view value) {
  const auto option = find_option(name);
  if (!option) {
    return Status(StatusCode::NotFound, message_text(Message::UnknownName, {"blasx_set", name}));
  }
  const OptionInfo& info = options()[*option];
  Process& p = process();
  const forks::Lock lock(p.mutex);
  auto changed = std::make_shared<Settings>(*load_locked(p));
  if (info.when == When::Startup && p.startup_closed) {
    return Status(StatusCode::Unavailable, message_text(Message::TooLate, {info.name}));
  }
  if (const Status status = changed->set(*option, value, Origin::Program, "blasx_set"); !status) {
    return Status(StatusCode::InvalidArgument,
                  message_text(Message::BadValue, {info.name, value, status.message(),
                                                   info.accepted, changed->text(*option)}));
  }
  p.settings = std::move(changed);
  log::set_verbosity(static_cast<int>(p.settings->values().verbose));
  g_generation.fetch_add(1, std::memory_order_release);
  return {};
}

void close_startup() {
  Process& p = process();
  const forks::Lock lock(p.mutex);
  p.startup_closed = true;
}

uint64_t generation() { return g_generation.load(std::memory_order_acquire); }

void reset(Sources sources) {
  Process& p = process();
  const forks::Lock lock(p.mutex);
  p.settings = nullptr;
  p.startup_closed = false;
  p.sources = std::move(sources);
  g_loaded.store(false, std::memory_order_release);
}

}  // namespace blasx::config
