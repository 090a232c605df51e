// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/passing_on.hpp"

#include <dlfcn.h>

#include "common/log.hpp"
#include "lpcoll/api/types.hpp"
#include "lpcoll/transport/device/device_memory.hpp"

namespace lpcoll::api {
namespace {

// MPIs that can handle such memory have this function; that they have it does not say that they can.
bool mpi_knows_cuda() {
  static const bool knows = [] {
    const auto query =
        reinterpret_cast<int (*)()>(::dlsym(RTLD_DEFAULT, "MPIX_Query_cuda_support"));
    return query != nullptr && query() == 1;
  }();
  return knows;
}

// No buffer: MPI_IN_PLACE, or what a rank without a result has given for one.
bool is_no_address(const void* buffer) { return buffer == nullptr || buffer == MPI_IN_PLACE; }

struct Part {
  bool sends, receives;
};

// Of this rank; what MPI will refuse has none.
Part part_of(const Arguments& call) {
  if (call.comm == MPI_COMM_NULL || call.type == MPI_DATATYPE_NULL || call.count <= 0)
    return {false, false};
  if (call.kind == Kind::Allreduce) return {true, true};
  int rank = 0, is_inter = 0;
  PMPI_Comm_rank(call.comm, &rank);
  PMPI_Comm_test_inter(call.comm, &is_inter);
  if (is_inter != 0 && call.root == MPI_PROC_NULL) return {false, false};
  const bool is_root = call.root == (is_inter != 0 ? MPI_ROOT : rank);
  // A broadcast's root has the elements there already.
  if (call.kind == Kind::Bcast) return {is_root, !is_root};
  return {!is_root || is_inter == 0, is_root};
}

int call_mpi(const Arguments& c) {
  switch (c.kind) {
    case Kind::Bcast:
      return PMPI_Bcast(c.recv, c.count, c.type, c.root, c.comm);
    case Kind::Reduce:
      return PMPI_Reduce(c.send, c.recv, c.count, c.type, c.op, c.root, c.comm);
    case Kind::Allreduce:
      return PMPI_Allreduce(c.send, c.recv, c.count, c.type, c.op, c.comm);
  }
  return MPI_ERR_INTERN;
}

int start_mpi(const Arguments& c, MPI_Request* request) {
  switch (c.kind) {
    case Kind::Bcast:
      return PMPI_Ibcast(c.recv, c.count, c.type, c.root, c.comm, request);
    case Kind::Reduce:
      return PMPI_Ireduce(c.send, c.recv, c.count, c.type, c.op, c.root, c.comm, request);
    case Kind::Allreduce:
      return PMPI_Iallreduce(c.send, c.recv, c.count, c.type, c.op, c.comm, request);
  }
  return MPI_ERR_INTERN;
}

}  // namespace

bool mpi_may_have(const void* buffer) {
  if (device::is_surely_absent() || is_no_address(buffer)) return true;
  try {
    if (mpi_knows_cuda()) return true;
    device::DeviceMemory* devices = device::device_memory();
    return devices == nullptr || !devices->holds(buffer);
  } catch (...) {
    return false;  // no memory to find out; who goes on from here says so
  }
}

std::unique_ptr<HostCopies> HostCopies::of(const Arguments& call) {
  if (mpi_knows_cuda() || device::device_memory() == nullptr) return nullptr;
  std::unique_ptr<HostCopies> copies(new HostCopies(call));
  const bool none = copies->send_.on_device == nullptr && copies->recv_.on_device == nullptr;
  return none ? nullptr : std::move(copies);
}

HostCopies::HostCopies(const Arguments& call) : call_(call) {
  const Part part = part_of(call);
  has_result_ = part.receives;
  const bool is_bcast = call.kind == Kind::Bcast;
  // The result's bytes come too: some are values, and those in gaps have to stay.
  if (part.receives || (is_bcast && part.sends)) call_.recv = copy_of(call.recv, recv_);
  if (part.sends && !is_bcast) call_.send = copy_of(call.send, send_);
}

void* HostCopies::copy_of(const void* buffer, Copy& copy) {
  auto* const elements = static_cast<std::byte*>(const_cast<void*>(buffer));
  if (buffer == MPI_IN_PLACE) return elements;
  const Extent extent = extent_of(call_.type, call_.count);
  std::byte* const begin = elements + extent.first;
  if (extent.bytes <= 0 || mpi_may_have(begin)) return elements;
  copy.on_device = begin;
  copy.bytes.resize(static_cast<size_t>(extent.bytes));
  const blasx::Status status =
      device::device_memory()->copy(copy.bytes.data(), begin, extent.bytes);
  if (copied_) copied_ = status;
  return copy.bytes.data() - extent.first;
}

int HostCopies::bring_back() {
  if (copied_ && has_result_ && recv_.on_device != nullptr)
    copied_ = device::device_memory()->copy(recv_.on_device, recv_.bytes.data(),
                                            static_cast<int64_t>(recv_.bytes.size()));
  if (copied_) return MPI_SUCCESS;
  blasx::log::error(copied_.to_string());
  return MPI_ERR_OTHER;
}

int pass_on(const Arguments& call) {
  const auto copies = HostCopies::of(call);
  if (copies == nullptr) return call_mpi(call);
  const int code = call_mpi(copies->call());
  return code != MPI_SUCCESS ? code : raise(call.comm, copies->bring_back());
}

int PassedOn::start(const Arguments& call) {
  copies_ = HostCopies::of(call);
  return start_mpi(copies_ == nullptr ? call : copies_->call(), &request_);
}

bool PassedOn::is_over(int* code) {
  int flag = 0;
  *code = PMPI_Test(&request_, &flag, MPI_STATUS_IGNORE);
  if (*code != MPI_SUCCESS) {
    request_ = MPI_REQUEST_NULL;
    return true;
  }
  if (flag == 0) return false;
  // The program may have freed its communicator.
  if (copies_ != nullptr) *code = raise(MPI_COMM_WORLD, copies_->bring_back());
  copies_.reset();
  return true;
}

}  // namespace lpcoll::api
