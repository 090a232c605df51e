// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/timeline.hpp"

#include <algorithm>
#include <limits>

#include "blasx/config/messages.hpp"
#include "blasx/trace/file.hpp"
#include "blasx/trace/renewable.hpp"
#include "common/json.hpp"
#include "common/log.hpp"

namespace blasx::trace {
namespace {

void write_name(JsonWriter& json, const char* kind, int32_t pid, int32_t tid,
                const std::string& name) {
  json.line().begin_object();
  json.member("ph", "M").member("name", kind).member("pid", pid).member("tid", tid);
  json.key("args").begin_object().member("name", name).end_object().end_object();
}

// Times are microseconds from the first event: the format's unit, and doubles keep nanoseconds that
// way.
void write_event(JsonWriter& json, const TimelineEvent& event, int64_t origin_ns) {
  json.line().begin_object();
  json.member("ph", "X").member("name", event.name).member("cat", event.category);
  json.member("pid", event.pid).member("tid", event.tid);
  json.key("ts").milli(event.start_ns - origin_ns);
  json.key("dur").milli(std::max<int64_t>(event.end_ns - event.start_ns, 0));
  if (event.arguments[0].key != nullptr) {
    json.key("args").begin_object();
    for (const Argument& argument : event.arguments) {
      if (argument.key == nullptr) break;
      json.member(argument.key, argument.value);
    }
    json.end_object();
  }
  json.end_object();
}

}  // namespace

void Timeline::add(const TimelineEvent& event) {
  if (!enabled()) return;
  const MutexLock lock(mutex_);
  if (events_.size() < most_events_) {
    events_.push_back(event);
  } else {
    ++dropped_;
  }
}

void Timeline::add(const std::vector<TimelineEvent>& events) {
  if (!enabled()) return;
  const MutexLock lock(mutex_);
  const size_t room = std::min(most_events_ - events_.size(), events.size());
  events_.insert(events_.end(), events.begin(), events.begin() + static_cast<std::ptrdiff_t>(room));
  dropped_ += events.size() - room;
}

void Timeline::name_process(int32_t pid, std::string name) {
  const MutexLock lock(mutex_);
  process_names_[pid] = std::move(name);
}

void Timeline::name_thread(int32_t pid, int32_t tid, std::string name) {
  const MutexLock lock(mutex_);
  thread_names_[{pid, tid}] = std::move(name);
}

void Timeline::clear() {
  const MutexLock lock(mutex_);
  events_.clear();
  dropped_ = 0;
}

size_t Timeline::event_count() const {
  const MutexLock lock(mutex_);
  return events_.size();
}

std::string Timeline::json_locked() const {
  int64_t origin_ns = std::numeric_limits<int64_t>::max();
  for (const TimelineEvent& event : events_) origin_ns = std::min(origin_ns, event.start_ns);
  JsonWriter json;
  json.begin_object().member("displayTimeUnit", "ns");
  json.key("otherData").begin_object();
  json.member("producer", "libblasx").member("dropped", static_cast<int64_t>(dropped_));
  json.end_object().key("traceEvents").begin_array();
  for (const auto& [pid, name] : process_names_) write_name(json, "process_name", pid, 0, name);
  for (const auto& [id, name] : thread_names_) {
    write_name(json, "thread_name", id.first, id.second, name);
  }
  for (const TimelineEvent& event : events_) write_event(json, event, origin_ns);
  json.line().end_array().end_object();
  return json.take() + '\n';
}

std::string Timeline::json() const {
  const MutexLock lock(mutex_);
  return json_locked();
}

Status Timeline::write(const std::string& path) const {
  std::string text;
  {
    const MutexLock lock(mutex_);
    if (events_.empty()) return {};
    if (dropped_ > 0) {
      warn(Message::TraceFull, {std::to_string(events_.size()), std::to_string(dropped_)});
    }
    text = json_locked();
  }
  return replace_file(path, text);
}

Status Timeline::try_write(const std::string& path) const {
  if (!mutex_.try_lock()) {
    return Status(StatusCode::Unavailable, "the program ended in the middle of an entry");
  }
  mutex_.unlock();
  return write(path);
}

namespace {

Renewable<Timeline>& instance() {
  static auto* const timeline = new Renewable<Timeline>;
  return *timeline;
}

}  // namespace

Timeline& timeline() { return instance().get(); }

void renew_timeline() {
  const bool enabled = timeline().enabled();
  instance().renew().enable(enabled);
}

int32_t caller_tid() {
  static constinit std::atomic<int32_t> next{1};
  thread_local const int32_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

}  // namespace blasx::trace
