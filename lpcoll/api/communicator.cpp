// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/communicator.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>

#include "common/log.hpp"
#include "common/mutex.hpp"
#include "lpcoll/api/known.hpp"
#include "lpcoll/api/measure.hpp"
#include "lpcoll/api/progress.hpp"
#include "lpcoll/api/statistics.hpp"
#include "lpcoll/trace/trace.hpp"
#include "lpcoll/transport/device/device_memory.hpp"

namespace lpcoll::api {
namespace {

// In one order for all ranks that share them, also where threads make several at once: communicators are closed together.
struct Order {
  // Of the first rank, which made them one after another.
  int64_t rank = 0, process = 0, number = 0;

  bool operator<(const Order& other) const {
    return std::tie(rank, process, number) < std::tie(other.rank, other.process, other.number);
  }
};

struct Kept {
  Communicator state;
  Order order;
};

// Programs call on one communicator again and again. What a thread remembers is good until one goes.
struct Last {
  MPI_Comm comm = MPI_COMM_NULL;
  uint64_t changes = 0;
  Communicator* state = nullptr;
};
thread_local Last t_last;

Communicator* remember(MPI_Comm comm, Communicator* state) {
  t_last = {comm, changes(), state};
  return state;
}

struct Process {
  blasx::Mutex mutex;
  int keyval BLASX_GUARDED_BY(mutex) = MPI_KEYVAL_INVALID;
  int64_t made BLASX_GUARDED_BY(mutex) = 0;
  std::vector<Kept*> kept BLASX_GUARDED_BY(mutex);
};
Process& process() {
  static auto& p = *new Process;  // MPI_Finalize may come from an exit handler
  return p;
}

int forget(MPI_Comm, int, void* attribute, void*) {
  auto* kept = static_cast<Kept*>(attribute);
  progress().drain(kept->state);
  *kept->state.user = MPI_COMM_NULL;
  forget_known();
  {
    Process& p = process();
    const blasx::MutexLock lock(p.mutex);
    std::erase(p.kept, kept);
  }
  if (kept->state.node != nullptr) kept->state.node->close();
  PMPI_Comm_free(&kept->state.comm);
  delete kept;
  return MPI_SUCCESS;
}

// MPI_Finalize deletes MPI_COMM_SELF's attributes before anything else.
int finalize(MPI_Comm, int, void*, void*) {
  Process& p = process();
  for (;;) {
    MPI_Comm user = MPI_COMM_NULL;
    int keyval = MPI_KEYVAL_INVALID;
    {
      const blasx::MutexLock lock(p.mutex);
      if (p.kept.empty()) break;
      const auto first =
          std::min_element(p.kept.begin(), p.kept.end(),
                           [](const Kept* a, const Kept* b) { return a->order < b->order; });
      user = *(*first)->state.user;
      keyval = p.keyval;
    }
    if (PMPI_Comm_delete_attr(user, keyval) != MPI_SUCCESS) break;
  }
  progress().stop();
  report_statistics();
  if (const blasx::Status written = trace::end(); !written)
    blasx::log::error("the timeline is lost: " + written.to_string());
  return MPI_SUCCESS;
}

int keyval() {
  Process& p = process();
  const blasx::MutexLock lock(p.mutex);
  if (p.keyval != MPI_KEYVAL_INVALID) return p.keyval;
  blasx::log::set_prefix("lpcoll");
  int at_end = MPI_KEYVAL_INVALID;
  PMPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, finalize, &at_end, nullptr);
  PMPI_Comm_set_attr(MPI_COMM_SELF, at_end, nullptr);
  PMPI_Comm_free_keyval(&at_end);
  PMPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, forget, &p.keyval, nullptr);
  return p.keyval;
}

// Which ranks share a host. A rank's host is named by the host's lowest rank.
bool place_ranks(Communicator& c) {
  MPI_Comm node = MPI_COMM_NULL;
  if (PMPI_Comm_split_type(c.comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node) != MPI_SUCCESS)
    return false;
  int lowest = c.rank;
  PMPI_Allreduce(MPI_IN_PLACE, &lowest, 1, MPI_INT, MPI_MIN, node);
  PMPI_Comm_free(&node);
  std::vector<int> host(static_cast<size_t>(c.size));
  PMPI_Allgather(&lowest, 1, MPI_INT, host.data(), 1, MPI_INT, c.comm);
  c.circle.resize(host.size());
  std::iota(c.circle.begin(), c.circle.end(), 0);
  std::stable_sort(c.circle.begin(), c.circle.end(), [&](int a, int b) {
    return host[static_cast<size_t>(a)] < host[static_cast<size_t>(b)];
  });
  std::sort(host.begin(), host.end());
  c.hosts = static_cast<int>(std::unique(host.begin(), host.end()) - host.begin());
  return true;
}

// Handles mean something else to another MPI. Asked in the process that runs, not where the library was built.
bool built_for_this_mpi() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  PMPI_Get_library_version(text, &length);
#if defined(OPEN_MPI)
  constexpr std::string_view kName = "Open MPI";
#elif defined(SMPI_H)  // SimGrid's
  constexpr std::string_view kName = "SMPI";
#else
  constexpr std::string_view kName = "MPICH";
#endif
  if (std::string_view(text).find(kName) != std::string_view::npos) return true;
  blasx::log::warning("built for " + std::string(kName) + ", and this is " + text +
                      "; all calls go to it untouched");
  return false;
}

Order next_order() {
  Process& p = process();
  Order order;
  int rank = 0;
  PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
  order.rank = rank;
  order.process = getpid();
  const blasx::MutexLock lock(p.mutex);
  order.number = p.made++;
  return order;
}

bool make(MPI_Comm user, Kept& kept) {
  Communicator& c = kept.state;
  c.user = std::make_shared<MPI_Comm>(user);
  PMPI_Comm_rank(user, &c.rank);
  // Not a duplicate: that would call the copy functions of the program's attributes.
  if (PMPI_Comm_split(user, 0, c.rank, &c.comm) != MPI_SUCCESS) return false;
  PMPI_Comm_set_errhandler(c.comm, MPI_ERRORS_RETURN);
  PMPI_Comm_size(c.comm, &c.size);
  if (!place_ranks(c)) return false;
  struct {
    tune::Settings settings;
    Order order;
    tune::Measured measured;
  } agreed;
  if (c.rank == 0) agreed = {tune::read_settings(), next_order(), what_is_known(c.size, c.hosts)};
  PMPI_Bcast(&agreed, sizeof agreed, MPI_BYTE, 0, c.comm);
  c.settings = agreed.settings;
  c.measured = agreed.measured;
  kept.order = agreed.order;
  if (c.settings.trace[0] != '\0') {
    int world = 0;
    PMPI_Comm_rank(MPI_COMM_WORLD, &world);
    trace::begin(c.settings.trace, world, c.rank == 0);
    forget_known();
  }
  if (c.settings.watchdog > 0 && c.size > 1) {
    c.roll = std::make_unique<Roll>(c.comm, c.settings.watchdog);
    internal::g_watching.store(true, std::memory_order_relaxed);
    forget_known();
  }
  const bool shares =
      c.settings.transport == tune::Transport::Auto || c.settings.transport == tune::Transport::Shm;
  if (c.hosts == 1 && c.size > 1 && shares) {
    auto node = shm::open_node(c.comm);
    if (node) {
      c.node = std::move(*node);
      int on_gpus = device::device_memory() != nullptr ? 1 : 0;
      PMPI_Allreduce(MPI_IN_PLACE, &on_gpus, 1, MPI_INT, MPI_MIN, c.comm);
      c.on_gpus = on_gpus != 0;
    } else if (c.rank == 0) {
      blasx::log::warning("no shared memory, calls go to the MPI underneath: " +
                          node.error().to_string());
    }
  }
  return true;
}

}  // namespace

Communicator* communicator_of(MPI_Comm comm) {
  static const bool ours = built_for_this_mpi();
  if (!ours) return nullptr;
  const int key = keyval();
  void* attribute = nullptr;
  int found = 0;
  if (PMPI_Comm_get_attr(comm, key, &attribute, &found) != MPI_SUCCESS) return nullptr;
  if (found != 0) return remember(comm, &static_cast<Kept*>(attribute)->state);
  auto made = std::make_unique<Kept>();
  if (!make(comm, *made)) return nullptr;
  Kept* kept = made.release();
  {
    Process& p = process();
    const blasx::MutexLock lock(p.mutex);
    p.kept.push_back(kept);
  }
  PMPI_Comm_set_attr(comm, key, kept);
  return remember(comm, &kept->state);
}

Communicator* last_communicator(MPI_Comm comm) {
  const bool known = t_last.comm == comm && t_last.changes == changes();
  return known ? t_last.state : nullptr;
}

Communicator* present_communicator(MPI_Comm comm) {
  void* attribute = nullptr;
  int found = 0;
  if (comm == MPI_COMM_NULL ||
      PMPI_Comm_get_attr(comm, keyval(), &attribute, &found) != MPI_SUCCESS || found == 0)
    return nullptr;
  return &static_cast<Kept*>(attribute)->state;
}

constinit std::atomic<bool> internal::g_watching{false};

Communicator* watched(MPI_Comm comm) {
  Communicator* state = watching() ? present_communicator(comm) : nullptr;
  return state != nullptr && state->roll != nullptr && !state->roll->broken() ? state : nullptr;
}

}  // namespace lpcoll::api
