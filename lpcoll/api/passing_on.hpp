// SPDX-License-Identifier: Apache-2.0
// Calls for the MPI underneath. Where it is not known to handle the memory of GPUs, it is given copies on the host of buffers that are
// there, a matter of this rank alone; else the caller's own arguments.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "common/status.hpp"
#include "lpcoll/api/start.hpp"

namespace lpcoll::api {

// Whether MPI may be given this address.
bool mpi_may_have(const void* buffer);

// The call, by the MPI underneath; its code, which the communicator's error handler has been told. Throws bad_alloc.
int pass_on(const Arguments& call);

class HostCopies {
 public:
  // Null where MPI may have the call as it is. Throws bad_alloc.
  static std::unique_ptr<HostCopies> of(const Arguments& call);

  // What MPI is to be given.
  const Arguments& call() const { return call_; }
  // When MPI has carried it out: the result goes where the program wants it. MPI's code, also for what could not be copied before: the
  // other ranks count on this one's part.
  int bring_back();

 private:
  struct Copy {
    std::byte* on_device = nullptr;  // where its bytes begin; null: there is none
    std::vector<std::byte> bytes;
  };
  explicit HostCopies(const Arguments& call);
  // Where MPI finds the buffer's elements.
  void* copy_of(const void* buffer, Copy& copy);

  Arguments call_;
  Copy send_, recv_;
  bool has_result_ = false;
  blasx::Status copied_;
};

// A call that the MPI underneath has been given and nobody waits for yet.
class PassedOn {
 public:
  int start(const Arguments& call);
  bool is_under_way() const { return request_ != MPI_REQUEST_NULL; }
  // Whether it is over; then `code` is what came of it.
  bool is_over(int* code);
  // It is not waited for; MPI may write to its buffers yet.
  void abandon() {
    if (is_under_way()) (void)copies_.release();
    *this = {};
  }

 private:
  MPI_Request request_ = MPI_REQUEST_NULL;
  std::unique_ptr<HostCopies> copies_;
};

}  // namespace lpcoll::api
