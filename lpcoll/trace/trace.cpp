// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/trace/trace.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "common/mutex.hpp"

namespace lpcoll::trace {
namespace {

constexpr size_t kMostEvents = size_t{1} << 19;  // 30 MB

struct State {
  blasx::Mutex mutex;
  std::string path BLASX_GUARDED_BY(mutex);
  int rank BLASX_GUARDED_BY(mutex) = 0;
  std::vector<Event> events BLASX_GUARDED_BY(mutex);
  size_t dropped BLASX_GUARDED_BY(mutex) = 0;
};
State& state() {
  static auto& s = *new State;  // MPI_Finalize may come from an exit handler
  return s;
}

blasx::Status io_error(const std::string& path, const char* what) {
  return blasx::Status(blasx::StatusCode::IoError,
                       fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

std::string lane_name(int32_t lane) {
  if (lane == static_cast<int32_t>(Lane::Call)) return "calls";
  if (lane == static_cast<int32_t>(Lane::Work)) return "copies and sums";
  const auto send = static_cast<int32_t>(Lane::Send);
  const auto receive = static_cast<int32_t>(Lane::Receive);
  return lane >= send ? fmt::format("sends {}", lane - send)
                      : fmt::format("receives {}", lane - receive);
}

std::string microseconds(int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

std::string line_of(const Event& e, int rank) {
  std::string arguments = fmt::format("\"bytes\":{}", e.bytes);
  if (e.peer >= 0) arguments += fmt::format(",\"rank\":{}", e.peer);
  const std::string head = fmt::format("{{\"name\":\"{}\",\"cat\":\"lpcoll\",\"pid\":{},\"tid\":{}",
                                       e.name, rank, e.lane);
  if (e.id == 0) {
    return fmt::format("{},\"ph\":\"X\",\"ts\":{},\"dur\":{},\"args\":{{{}}}}}", head,
                       microseconds(e.start_ns), microseconds(e.end_ns - e.start_ns), arguments);
  }
  return fmt::format(
      "{0},\"ph\":\"b\",\"id\":\"{1}.{2}\",\"ts\":{3},\"args\":{{{4}}}}},\n"
      "{0},\"ph\":\"e\",\"id\":\"{1}.{2}\",\"ts\":{5}}}",
      head, rank, e.id, microseconds(e.start_ns), arguments, microseconds(e.end_ns));
}

std::string lines_of(const std::vector<Event>& events, int rank, size_t dropped) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  std::string text = fmt::format(
      "{{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":{0},\"args\":{{\"name\":\"rank {0} on "
      "{1}{2}\"}}}}",
      rank, host, dropped > 0 ? fmt::format(", {} events too many", dropped) : "");
  std::vector<int32_t> named;
  for (const Event& e : events) {
    if (std::find(named.begin(), named.end(), e.lane) != named.end()) continue;
    named.push_back(e.lane);
    text += fmt::format(
        ",\n{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":{},\"tid\":{},\"args\":{{\"name\":\"{}"
        "\"}}}}",
        rank, e.lane, lane_name(e.lane));
  }
  for (const Event& e : events) text += ",\n" + line_of(e, rank);
  return text;
}

blasx::Status write_all(int file, const std::string& path, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(file, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return io_error(path, "cannot be written");
    done += n > 0 ? static_cast<size_t>(n) : 0;
  }
  return {};
}

}  // namespace

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void begin(const std::string& path, int rank, bool first) {
  State& s = state();
  const blasx::MutexLock lock(s.mutex);
  if (!s.path.empty()) return;
  s.path = path;
  s.rank = rank;
  if (first && ::truncate(path.c_str(), 0) != 0 && errno != ENOENT) return;
  internal::g_enabled.store(true, std::memory_order_relaxed);
}

void add(const Event& event) {
  if (!enabled()) return;
  State& s = state();
  const blasx::MutexLock lock(s.mutex);
  if (s.events.size() < kMostEvents)
    s.events.push_back(event);
  else
    ++s.dropped;
}

// The file is a JSON array that every rank lengthens by its events, one after another.
blasx::Status end() {
  State& s = state();
  const blasx::MutexLock lock(s.mutex);
  internal::g_enabled.store(false, std::memory_order_relaxed);
  if (s.events.empty()) return {};
  const int file = ::open(s.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) return io_error(s.path, "cannot be opened");
  blasx::Status status;
  if (::flock(file, LOCK_EX) != 0) status = io_error(s.path, "cannot be locked");
  if (status) {
    const std::string_view kEnd = "\n]\n";
    const off_t size = ::lseek(file, 0, SEEK_END);
    const bool goes_on = size > static_cast<off_t>(kEnd.size());
    if (goes_on) ::lseek(file, -static_cast<off_t>(kEnd.size()), SEEK_END);
    status = write_all(
        file, s.path,
        (goes_on ? ",\n" : "[\n") + lines_of(s.events, s.rank, s.dropped) + std::string(kEnd));
  }
  ::close(file);
  s.events.clear();
  return status;
}

}  // namespace lpcoll::trace
