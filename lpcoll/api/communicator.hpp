// SPDX-License-Identifier: Apache-2.0
// What the library keeps with a communicator: one of its own over the same ranks, where these are, and memory. It belongs to the
// communicator as an attribute that copies do not inherit, and goes with it or at MPI_Finalize.
#pragma once

#include <mpi.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "common/mutex.hpp"
#include "lpcoll/api/watchdog.hpp"
#include "lpcoll/transport/mpi/pipelined.hpp"
#include "lpcoll/transport/shm/node.hpp"
#include "lpcoll/tune/choose.hpp"
#include "lpcoll/tune/settings.hpp"
#include "lpcoll/tune/trial.hpp"

namespace lpcoll::api {

// Memory between operations. Any thread may take and put back.
class Store {
 public:
  Workspace take() {
    const blasx::MutexLock lock(mutex_);
    if (spare_.empty()) return {};
    Workspace memory = std::move(spare_.back());
    spare_.pop_back();
    return memory;
  }
  void put_back(Workspace memory) {
    const blasx::MutexLock lock(mutex_);
    spare_.push_back(std::move(memory));
  }

 private:
  blasx::Mutex mutex_;
  std::vector<Workspace> spare_ BLASX_GUARDED_BY(mutex_);
};

struct Communicator {
  MPI_Comm comm = MPI_COMM_NULL;  // the library's own
  // The program's; null once it has freed it. Requests outlive it.
  std::shared_ptr<MPI_Comm> user;
  int size = 1;
  int rank = 0;
  int hosts = 1;
  std::vector<int> circle;  // ranks of one host stand side by side
  tune::Settings settings;  // rank 0's
  tune::Measured measured;  // here, or by rank 0 before
  std::unique_ptr<shm::Node>
      node;              // null where the ranks are not all on one host, or on none of them
  bool on_gpus = false;  // all ranks had device memory when the state was made
  // Of each kind, calls of fewer bytes go to the MPI underneath, and nobody wants to know of them; 0: not known.
  std::array<std::atomic<int64_t>, 3> passed_below = {};
  // Of ways on a host; by the collective and the bits of the message's bytes.
  std::map<std::pair<tune::Collective, int>, tune::Trial> trials;
  std::unique_ptr<Roll> roll;  // null without LPCOLL_WATCHDOG
  Store store;  // of pipelines, and for a broadcast's elements without the gaps between them
  std::atomic<int64_t> under_way{0};   // operations that progress() has,
  std::atomic<int64_t> need_calls{0};  // and those of them that go on in the library's calls alone

  // Operations that are under way at once have different tags, two each; equal on all ranks, which start the same ones.
  int next_tag() {
    constexpr int kPairs = 15000;  // below the least MPI_TAG_UB
    return static_cast<int>(started_++ % kPairs) * 2;
  }

 private:
  int64_t started_ = 0;
};

// The communicator's state, made if need be; then the call is collective. Null, on all ranks alike, where it cannot be made.
Communicator* communicator_of(MPI_Comm comm);

// The state if the calling thread has asked for it last; costs next to nothing.
Communicator* last_communicator(MPI_Comm comm);

// The state if there is one already.
Communicator* present_communicator(MPI_Comm comm);

// A communicator whose calls are watched, null where there is none; costs nothing while no communicator is.
Communicator* watched(MPI_Comm comm);
namespace internal {
extern constinit std::atomic<bool> g_watching;
}
// Whether there is any.
inline bool watching() { return internal::g_watching.load(std::memory_order_relaxed); }

}  // namespace lpcoll::api
