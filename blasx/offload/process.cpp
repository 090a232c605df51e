// SPDX-License-Identifier: Apache-2.0
#include "blasx/offload/process.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "blasx/config/messages.hpp"
#include "blasx/hostblas/host_threads.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "blasx/hostblas/kernels.hpp"
#include "blasx/hostblas/library_use.hpp"
#include "blasx/offload/measure.hpp"
#include "blasx/offload/offload.hpp"
#include "blasx/runtime/machine.hpp"
#include "blasx/runtime/runtime.hpp"
#include "blasx/topology/topology.hpp"
#include "blasx/trace/record.hpp"
#include "common/forks.hpp"
#include "common/log.hpp"

namespace blasx::offload {
namespace {

constinit std::atomic<Process*> g_process{nullptr};

// Waking workers and building the graph; the price of a call before its first kernel.
constexpr double kCallOverhead_s = 100e-6;
constexpr double kDeviceOverhead_s = 300e-6;
// Loading CUDA and cuBLAS and making a context, once in a process.
constexpr double kOpening_s = 0.8;
// Of the rate of one large product, in calls.
constexpr double kDeviceShare = 0.85;
// Measuring may cost this part of what was spent in the routine already.
constexpr double kMeasuringShare = 0.05;
// An exit waits so long for kernels to end; what is still in the host BLAS then may crash with it, as without us.
constexpr std::chrono::milliseconds kLongestKernel{2000};

double seconds_now() { return static_cast<double>(trace::now_ns()) * 1e-9; }

const char* variable(const char* name) { return std::getenv(name); }

// The number of threads that the user's environment asks of BLAS libraries, 0 if it says nothing.
int threads_in_environment() {
  for (const char* name :
       {"BLIS_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"}) {
    const char* text = variable(name);
    if (text == nullptr) continue;
    const Result<int64_t> n = parse::integer_in(text, 1, 1 << 16);
    if (n) return static_cast<int>(*n);
  }
  return 0;
}

void in_forked_child() {
  if (Process* process = Process::if_there()) process->become_forked_child();
}

constexpr forks::Hooks kForkHooks{nullptr, in_forked_child};

[[gnu::constructor]] void at_load() { forks::watch(); }

void at_exit() {
  if (Process* process = Process::if_there()) process->begin_exit();
}

}  // namespace

void Process::begin_exit() {
  exiting_.store(true, std::memory_order_relaxed);
  if (!forked_.load(std::memory_order_relaxed)) hostblas::end_library_use(kLongestKernel);
}

Process* Process::if_there() { return g_process.load(std::memory_order_acquire); }

Process& Process::get() {
  if (Process* process = if_there()) return *process;
  const forks::Section section;  // a child without the hook below would believe in our threads
  // Two first calls at once make two; the loser's is dropped. No lock is held while the loader is asked.
  auto* mine = new Process;
  Process* winner = nullptr;
  if (!g_process.compare_exchange_strong(winner, mine, std::memory_order_acq_rel)) {
    delete mine;
    return *winner;
  }
  config::close_startup();
  forks::call(kForkHooks);
  std::atexit(at_exit);
  mine->load_rates();
  mine->set_gate();
  return *mine;
}

Process::Process() {
  read_settings();
  const hostblas::Library& library = hostblas::kernel_library();
  const auto now = settings();
  const forks::Lock lock(mutex_);
  rates_ = assumed_rates(library.kind, hostblas::thread_count(library), now->cores);
}

std::shared_ptr<const Process::Settings> Process::settings() const {
  const forks::Lock lock(mutex_);
  return settings_;
}

void Process::read_settings() {
  const auto current = config::current();
  const config::Config& c = current->values();
  trace::configure(c);
  auto s = std::make_shared<Settings>();
  s->threshold = c.threshold;
  s->deterministic = c.deterministic;
  s->cores_named = c.host_threads.has_value();
  s->cores = static_cast<int32_t>(c.host_threads.value_or(topology::usable_cores()));
  const runtime::Options options = runtime::options_from(c);
  s->cpu_named = options.cpu;
  s->devices = options.host_devices + runtime::expected_devices(options.gpus);
  s->gpus = runtime::expected_devices(options.gpus);
  s->devices_named = options.host_devices > 0 || options.gpus.asked;
  s->cache_named = !c.cache_dir.empty();
  const std::string folder = cache_folder(c.cache_dir, variable);
  if (!folder.empty()) {
    s->machine =
        machine_fingerprint(hostblas::kernel_library(), s->cores, s->gpus, c.device_memory);
    s->cache_file = folder + "/" + rates_file_name(s->machine);
  }
  const forks::Lock lock(mutex_);
  settings_ = std::move(s);
}

// The sum of threads stays what the user allows: our workers must not be more than the host BLAS would have used.
bool Process::may_run_on_cpu() const {
  const auto s = settings();
  if (!s->cpu_named) return false;
  if (s->cores_named || s->cores == 1) return true;
  const hostblas::Library& library = hostblas::kernel_library();
  const bool controlled = hostblas::thread_count_is_controlled(library);
  const int asked = threads_in_environment();
  if (!controlled) return asked <= 1 || library.kind == hostblas::Kind::Other;
  const bool counts_cores =
      library.kind == hostblas::Kind::OpenBlas || library.kind == hostblas::Kind::Mkl;
  if (counts_cores) return hostblas::thread_count(library) >= s->cores;
  return asked == 0 || asked >= s->cores;
}

Situation Process::situation(Routine r, Type t, bool nested) const {
  Situation s;
  s.nested = nested;
  s.forked = forked_.load(std::memory_order_relaxed);
  s.exiting = exiting_.load(std::memory_order_relaxed);
  s.watched = trace::active() != 0;
  if (s.forked || s.exiting || s.nested) return s;  // no lock before this: a child may find it held
  const auto set = settings();
  s.threshold = set->threshold;
  s.devices_named = set->devices_named;
  s.machine.cores = set->cores;
  s.machine.call_overhead_s = kCallOverhead_s;
  s.machine.device_overhead_s = kDeviceOverhead_s;
  s.cpu_tiles = s.threshold ? set->cpu_named : may_run_on_cpu();
  s.machine.devices = set->devices;
  s.rates = rate(r, t).rates;
  if (set->gpus > 0) describe_gpus(t, s.machine);
  return s;
}

void Process::describe_gpus(Type t, Machine& machine) const {
  const forks::Lock lock(mutex_);
  const GpuRates& gpus = rates_.gpus;
  machine.device_rate = gpus.kernel[static_cast<size_t>(t)] * kDeviceShare;
  machine.link_rate = gpus.link;
  machine.device_memory_bytes = gpus.memory_bytes;
  // Calls that would have gained by it pay for it in advance, until it is worth opening them.
  machine.opening_s = opened_ ? 0 : std::max(0.0, kOpening_s - missed_s_);
}

void Process::missed(double seconds) {
  const forks::Lock lock(mutex_);
  missed_s_ += seconds;
}

void Process::note_devices() {
  const auto facts = runtime::process_runtime().facts();
  {
    const forks::Lock lock(mutex_);
    if (std::exchange(opened_, true)) return;
    if (!facts) return;
    GpuRates gpus;
    for (size_t t = 0; t < kTypeCount; ++t) gpus.kernel[t] = facts->kernel_rate[t];
    gpus.link = facts->link_rate;
    gpus.memory_bytes = facts->memory_bytes;
    gpus.measured = true;
    rates_.gpus = gpus;
  }
  save_rates();
  set_gate();
}

void Process::set_gate() {
  for (int r = 0; r < kRoutineCount; ++r) {
    for (int t = 0; t < kTypeCount; ++t) {
      const Situation s = situation(static_cast<Routine>(r), static_cast<Type>(t), false);
      g_gate.min_operations[r][t].store(gate_operations(s), std::memory_order_relaxed);
    }
  }
}

void Process::become_forked_child() {
  forked_.store(true, std::memory_order_relaxed);
  // Not set_gate(): the lock may be held by a thread that is not in this process.
  const double least = trace::active() != 0 ? 0 : std::numeric_limits<double>::infinity();
  for (auto& row : g_gate.min_operations)
    for (auto& gate : row) gate.store(least, std::memory_order_relaxed);
}

RateTable::Entry Process::rate(Routine r, Type t) const {
  const forks::Lock lock(mutex_);
  return rates_.of(r, t);
}

bool Process::worth_measuring(Routine r, Type t) const {
  const auto s = settings();
  if (s->deterministic || s->threshold || s->devices_named) return false;
  const RateTable::Entry e = rate(r, t);
  if (e.measured || !may_run_on_cpu()) return false;
  // Where tiles are not even believed to come near, measuring would only cost.
  return e.rates.cpu >= e.rates.host;
}

void Process::spent(Routine r, Type t, double seconds) {
  double sum = 0;
  {
    const forks::Lock lock(mutex_);
    sum = spent_[static_cast<int>(r)][static_cast<int>(t)] += seconds;
  }
  const double cost = measuring_operations(r, t) / std::max(1.0, rate(r, t).rates.host);
  if (sum * kMeasuringShare < cost || !worth_measuring(r, t)) return;
  if (measuring_.exchange(true)) return;
  if (const Status status = measure_one(r, t); status.ok()) save_rates();
  measuring_.store(false);
  set_gate();
}

Status Process::measure_one(Routine r, Type t) {
  const Runner host = [](const BlasCall& call) {
    hostblas::run_call(call);
    return true;
  };
  const Runner tiles = [](const BlasCall& call) {
    return runtime::process_runtime().run(call, runtime::Where::Cpu).has_value();
  };
  const InsideGuard inside;
  const std::optional<Rates> measured = measure(r, t, host, tiles, seconds_now);
  const forks::Lock lock(mutex_);
  RateTable::Entry& entry = rates_.of(r, t);
  entry.measured = true;  // also when it failed: it would fail again
  if (!measured) return Status(StatusCode::Unavailable, "the routine could not be measured");
  entry.rates = *measured;
  return {};
}

Status Process::measure_all() {
  if (forked_.load() || exiting_.load())
    return Status(StatusCode::Unavailable,
                  "a forked child and a program at its end do not measure");
  if (measuring_.exchange(true))
    return Status(StatusCode::Unavailable, "another thread is measuring");
  Status result;
  for (int r = 0; r < kRoutineCount && result.ok(); ++r)
    for (int t = 0; t < kTypeCount && result.ok(); ++t) {
      const auto routine = static_cast<Routine>(r);
      const bool complex_only = routine == Routine::Gemm3m || routine == Routine::Hemm ||
                                routine == Routine::Herk || routine == Routine::Her2k;
      if (complex_only && !is_complex(static_cast<Type>(t))) continue;
      result = measure_one(routine, static_cast<Type>(t));
    }
  save_rates();
  measuring_.store(false);
  set_gate();
  return result;
}

void Process::load_rates() {
  const std::string file = settings()->cache_file;
  if (file.empty()) return;
  const Result<std::string> text = load_file(file);
  if (!text) return;
  const forks::Lock lock(mutex_);
  parse_rates(*text, rates_);
}

void Process::save_rates() {
  const auto s = settings();
  if (s->cache_file.empty()) return;
  RateTable rates;
  {
    const forks::Lock lock(mutex_);
    rates = rates_;
  }
  const Status status = save_file(s->cache_file, rates_text(rates, s->machine));
  // Nobody asked for the file if its place is only the default.
  if (!status.ok() && s->cache_named) {
    static constinit log::OncePerSite once;
    if (once.first()) warn(Message::CacheUnwritable, {s->cache_file, status.message()});
  }
}

}  // namespace blasx::offload
