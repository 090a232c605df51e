// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/record.hpp"

#include <unistd.h>

#include <cerrno>

#include "blasx/trace/counters.hpp"
#include "blasx/trace/explain.hpp"
#include "blasx/trace/file.hpp"
#include "blasx/trace/timeline.hpp"
#include "common/forks.hpp"
#include "common/log.hpp"

namespace blasx::trace {
namespace {

// Where reports go; changed by configure() only.
struct Reports {
  Mutex mutex;
  bool stats_printed BLASX_GUARDED_BY(mutex) = false;
  std::string stats_path BLASX_GUARDED_BY(mutex);
  std::string trace_path BLASX_GUARDED_BY(mutex);
};

Reports& reports() {
  static Reports* const instance = new Reports;
  return *instance;
}

constinit std::atomic<bool> g_configured{false};
constinit std::atomic<bool> g_forked{false};

// A forked child must neither print its parent's sums a second time nor write over its files, and
// cannot trust a lock that another thread of the parent may have held: it starts with counters and
// a timeline of its own.
void start_anew_in_child() {
  g_forked.store(true, std::memory_order_relaxed);
  renew_counters();
  renew_timeline();
}

constexpr forks::Hooks kForkHooks{nullptr, start_anew_in_child};

// The file a process writes for `configured`; a child that forked gets one of its own.
std::string own_trace_path(std::string configured) {
  if (g_forked.load(std::memory_order_relaxed) && configured.find("%p") == std::string::npos) {
    configured += ".%p";
  }
  return expand_path(configured, ::getpid());
}

constexpr const char* kCallNames[kRoutineCount][kTypeCount] = {
    {"sgemm", "dgemm", "cgemm", "zgemm"},     {"sgemm3m", "dgemm3m", "cgemm3m", "zgemm3m"},
    {"sgemmt", "dgemmt", "cgemmt", "zgemmt"}, {"ssymm", "dsymm", "csymm", "zsymm"},
    {"shemm", "dhemm", "chemm", "zhemm"},     {"ssyrk", "dsyrk", "csyrk", "zsyrk"},
    {"sherk", "dherk", "cherk", "zherk"},     {"ssyr2k", "dsyr2k", "csyr2k", "zsyr2k"},
    {"sher2k", "dher2k", "cher2k", "zher2k"}, {"strmm", "dtrmm", "ctrmm", "ztrmm"},
    {"strsm", "dtrsm", "ctrsm", "ztrsm"}};

void add_to_timeline(const CallRecord& record) {
  const BlasCall& call = record.call;
  TimelineEvent event;
  event.name = kCallNames[static_cast<int>(call.routine)][static_cast<int>(call.type)];
  event.category = place_name(record.place);
  event.tid = caller_tid();
  event.start_ns = record.start_ns;
  event.end_ns = record.end_ns;
  event.arguments = {Argument{"m", call.m}, Argument{"n", call.n}, Argument{"k", call.k},
                     Argument{"tile", record.tile}};
  timeline().add(event);
}

std::string program_title() {
  return std::string("libblasx: level-3 calls of ") + program_invocation_short_name + " (process " +
         std::to_string(::getpid()) + ")";
}

void report_stats(const std::string& path, const Counts& counts) {
  const bool any = counts.total().all_calls() > 0;
  std::string text = any ? counts_table(counts, program_title())
                         : "libblasx: no level-3 call was seen in " +
                               std::string(program_invocation_short_name) + " (process " +
                               std::to_string(::getpid()) + ")\n";
  if (!path.empty()) {
    const std::string file = expand_path(path, ::getpid());
    const Status status = append_file(file, text);
    if (status) return;
    warn(Message::StatsUnwritable, {file, status.message()});
  }
  text.pop_back();  // plain() ends the line
  log::plain(text);
}

}  // namespace

const char* place_name(Place place) {
  constexpr const char* kNames[kPlaceCount] = {"host", "cpu", "devices"};
  return kNames[static_cast<int>(place)];
}

void record_call(const CallRecord& record) {
  counters().add(record);
  const uint32_t on = active();
  if ((on & kTrace) != 0) add_to_timeline(record);
  if ((on & kExplain) != 0) log::plain(explain_line(record));
}

void configure(const config::Config& config) {
  const forks::Section section;
  {
    Reports& r = reports();
    const MutexLock lock(r.mutex);
    r.stats_printed = config.stats.printed;
    r.stats_path = config.stats.path;
    r.trace_path = config.trace;
  }
  uint32_t on = 0;
  if (config.stats.enabled) on |= kStats;
  if (!config.trace.empty()) on |= kTrace;
  if (config.explain) on |= kExplain;
  counters();  // made while no fork happens: a child would wait for ever for a thread that was making them
  forks::call(kForkHooks);
  timeline().name_process(0, program_invocation_short_name);
  timeline().enable((on & kTrace) != 0);
  g_active.store(on, std::memory_order_relaxed);
  g_configured.store(true, std::memory_order_release);
}

bool configured() { return g_configured.load(std::memory_order_acquire); }

Status flush() {
  std::string path;
  {
    Reports& r = reports();
    const MutexLock lock(r.mutex);
    path = r.trace_path;
  }
  if (path.empty()) return {};
  return timeline().write(own_trace_path(path));
}

void report_at_exit() {
  Reports& r = reports();
  if (!r.mutex.try_lock()) return;
  const bool stats_printed = r.stats_printed;
  const std::string stats_path = r.stats_path;
  const std::string trace_path = r.trace_path;
  r.mutex.unlock();

  if ((active() & kTrace) != 0) {
    const std::string file = own_trace_path(trace_path);
    if (const Status status = timeline().try_write(file); !status) {
      warn(Message::TraceUnwritable, {file, status.message()});
    }
  }
  if (!stats_printed) return;
  const auto counts = counters().try_snapshot();
  if (!counts) return;
  const bool idle_child =
      g_forked.load(std::memory_order_relaxed) && counts->total().all_calls() == 0;
  if (!idle_child) report_stats(stats_path, *counts);
}

}  // namespace blasx::trace
