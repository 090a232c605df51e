// SPDX-License-Identifier: Apache-2.0
// LPCOLL_WATCHDOG: before each collective all ranks of a communicator tell each other what they are about to do. Who has not come
// after so many seconds is named with what it did last; calls that do not match end in an error on all ranks instead of a hang
// or wrong numbers. Costs a message between every two ranks a call. The Roll belongs to its communicator.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lpcoll/transport/operation.hpp"

namespace lpcoll::api {

// What a rank is about to do.
struct Entry {
  int64_t number = 0;  // of its calls on the communicator, from 1
  int64_t bytes = 0;
  int32_t kind = 0;  // a Kind
  int32_t root = 0;
  int32_t type = 0;  // Fortran's handle of a predefined type and operator, 0 for others
  int32_t op = 0;
};

class Roll {
 public:
  // Collective over `comm`, the library's own.
  Roll(MPI_Comm comm, int32_t seconds);

  // Meets the other ranks, then carries out `inner` where that is not null. To be started on all ranks in one order.
  std::unique_ptr<Operation> watch(Entry entry, std::unique_ptr<Operation> inner);
  // Calls did not match once: nothing on the communicator can be relied on.
  bool broken() const { return broken_at_ != 0; }

 private:
  friend class RollCall;
  std::string name(int rank) const;

  MPI_Comm comm_;
  int32_t seconds_;
  int rank_ = 0;
  int64_t calls_ = 0;
  int64_t broken_at_ = 0;    // the first call that did not match
  std::vector<int> world_;   // of each rank, its number in MPI_COMM_WORLD
  std::vector<Entry> last_;  // of each rank, what it was about to do when it last came
};

// "allreduce of 4096 bytes", "broadcast of 4096 bytes from rank 1".
std::string text_of(const Entry& entry);

// The same call, as far as one can tell.
bool matches(const Entry& a, const Entry& b);

}  // namespace lpcoll::api
