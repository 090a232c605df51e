// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/host_threads.hpp"

#include <atomic>

#include "blasx/hostblas/discover.hpp"
#include "blasx/hostblas/library_use.hpp"
#include "blasx/hostblas/thread_control.hpp"
#include "common/mutex.hpp"

namespace blasx::hostblas {
namespace {

using Scope = ThreadControl::Scope;
using IntGetter = int (*)();
using IntSetter = void (*)(int);
using LongGetter = int64_t (*)();
using LongSetter = void (*)(int64_t);
using ReturningSetter = int (*)(int);

template <typename F>
F as(void* function) {
  return reinterpret_cast<F>(function);
}

int get_int(const Library&, const ThreadControl& c) { return as<IntGetter>(c.getter)(); }
int set_int(const Library&, const ThreadControl& c, int threads) {
  const int before = as<IntGetter>(c.getter)();
  as<IntSetter>(c.setter)(threads);
  return before;
}

// BLIS counts in its 64-bit dim_t and says -1 or 0 while nobody has set a number: then it uses one.
int get_long(const Library&, const ThreadControl& c) {
  const int64_t n = as<LongGetter>(c.getter)();
  return n < 1 ? 1 : static_cast<int>(n);
}
int set_long(const Library& l, const ThreadControl& c, int threads) {
  const int before = get_long(l, c);
  as<LongSetter>(c.setter)(threads);
  return before;
}

// MKL's returns the number before; 0 means "as the process has it".
int set_returning(const Library&, const ThreadControl& c, int threads) {
  return as<ReturningSetter>(c.setter)(threads);
}

ThreadControl openblas(const Library& library) {
  void* handle = library.handle;
  const auto find = [&](const std::string& name) {
    for (const std::string& suffix : {library.cblas_suffix, std::string()}) {
      if (void* f = foreign_symbol(handle, (library.prefix + name + suffix).c_str())) return f;
    }
    return static_cast<void*>(nullptr);
  };
  ThreadControl c;
  void* parallel = find("openblas_get_parallel");
  const int model = parallel != nullptr ? as<IntGetter>(parallel)() : 1;
  constexpr int kSequential = 0, kOpenMp = 2;
  c.get = get_int;
  c.set = set_int;
  if (model == kOpenMp) {  // it asks the calling thread's OpenMP at each call
    c.getter = foreign_symbol(handle, "omp_get_max_threads");
    c.setter = foreign_symbol(handle, "omp_set_num_threads");
    c.scope = Scope::Thread;
  } else {
    c.getter = find("openblas_get_num_threads");
    c.setter = find("openblas_set_num_threads");
    c.scope = Scope::Process;
    c.single = model == kSequential;
  }
  c.end_threads = foreign_symbol(handle, "blas_thread_shutdown_");  // no prefix, even in wheels
  if (c.getter == nullptr || c.setter == nullptr) c.scope = Scope::None;
  return c;
}

ThreadControl blis(const Library& library) {
  ThreadControl c;
  c.get = get_long;
  c.set = set_long;
  c.getter = foreign_symbol(library.handle, "bli_thread_get_num_threads");
  c.setter = foreign_symbol(library.handle, "bli_thread_set_num_threads");
  c.scope = c.getter != nullptr && c.setter != nullptr ? Scope::Process : Scope::None;
  return c;
}

ThreadControl mkl(const Library& library) {
  ThreadControl c;
  c.get = get_int;
  c.set = set_returning;
  c.getter = foreign_symbol(library.handle, "MKL_Get_Max_Threads");
  c.setter = foreign_symbol(library.handle, "MKL_Set_Num_Threads_Local");
  c.scope = c.getter != nullptr && c.setter != nullptr ? Scope::Thread : Scope::None;
  return c;
}

struct Process {
  Mutex mutex;
  int users BLASX_GUARDED_BY(mutex) = 0;
  int before BLASX_GUARDED_BY(mutex) = 0;
};
constinit Process g_process;
// What the program had while a ScopedSingleThread lives, else 0.
constinit std::atomic<int> g_program_threads{0};

const ThreadControl& control_of(const Library& library) { return *library.threads; }

}  // namespace

std::shared_ptr<const ThreadControl> find_thread_control(const Library& library) {
  switch (library.kind) {
    case Kind::OpenBlas:
      return std::make_shared<ThreadControl>(openblas(library));
    case Kind::Blis:
      return std::make_shared<ThreadControl>(blis(library));
    case Kind::Mkl:
      return std::make_shared<ThreadControl>(mkl(library));
    case Kind::Other:
      return std::make_shared<ThreadControl>();
    case Kind::Builtin:
      break;
  }
  return std::make_shared<ThreadControl>(ThreadControl{.single = true});
}

int thread_count(const Library& library) {
  const ThreadControl& c = control_of(library);
  if (c.scope == Scope::None || c.single) return 1;
  const int before = g_program_threads.load(std::memory_order_relaxed);
  return before > 0 && c.scope == Scope::Process && &library == &kernel_library()
             ? before
             : c.get(library, c);
}

bool thread_count_is_controlled(const Library& library) {
  const ThreadControl& c = control_of(library);
  return c.single || c.scope != Scope::None;
}

ScopedSingleThread::ScopedSingleThread() {
  const Library& library = kernel_library();
  const ThreadControl& c = control_of(library);
  if (c.scope != Scope::Process) return;
  MutexLock lock(g_process.mutex);
  if (g_process.users++ > 0) return;
  const LibraryUse use;
  if (!use.allowed()) return;
  g_process.before = c.set(library, c, 1);
  g_program_threads.store(g_process.before, std::memory_order_relaxed);
}

ScopedSingleThread::~ScopedSingleThread() {
  const Library& library = kernel_library();
  const ThreadControl& c = control_of(library);
  if (c.scope != Scope::Process) return;
  MutexLock lock(g_process.mutex);
  if (--g_process.users > 0) return;
  const LibraryUse use;
  // A number that the program itself has set meanwhile stays.
  if (use.allowed() && c.get(library, c) == 1) c.set(library, c, g_process.before);
  g_program_threads.store(0, std::memory_order_relaxed);
}

void end_threads_before_fork() {
  for (const Library* library : libraries())
    if (const auto end = as<IntGetter>(control_of(*library).end_threads)) end();
}

void restore_threads_in_child() {
  const int before = g_program_threads.exchange(0, std::memory_order_relaxed);
  if (before <= 1) return;
  const Library& library = kernel_library();
  control_of(library).set(library, control_of(library), before);
}

bool ScopedSingleThread::controlled() { return thread_count_is_controlled(kernel_library()); }

ThreadLocalSingle::ThreadLocalSingle() {
  const Library& library = kernel_library();
  const ThreadControl& c = control_of(library);
  if (c.scope == Scope::Thread) before_ = c.set(library, c, 1);
}

ThreadLocalSingle::~ThreadLocalSingle() {
  const Library& library = kernel_library();
  const ThreadControl& c = control_of(library);
  if (c.scope == Scope::Thread) c.set(library, c, before_);
}

}  // namespace blasx::hostblas
