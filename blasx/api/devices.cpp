// SPDX-License-Identifier: Apache-2.0
#include <blasx/blasx.h>

#include "blasx/api/edge.hpp"
#include "blasx/config/config.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "blasx/runtime/runtime.hpp"

namespace blasx::api {
namespace {

// What holds from the start is settled by opening the devices, as it is by a first call.
runtime::Runtime& opened_runtime() {
  config::close_startup();
  return runtime::process_runtime();
}

Status describe(int32_t index, blasx_device* out) {
  runtime::Runtime& runtime = opened_runtime();
  const std::vector<device::DeviceInfo> devices = runtime.devices();
  if (index < 0 || static_cast<size_t>(index) >= devices.size()) {
    return Status(StatusCode::NotFound, "no such device: " + std::to_string(index));
  }
  const device::DeviceInfo& info = devices[static_cast<size_t>(index)];
  blasx_device full{};
  copy_text(full.name, info.name);
  copy_text(full.description, info.description);
  full.memory_bytes = info.memory_bytes;
  full.compute_units = info.compute_units;
  full.link_rate = info.link_rate;
  return hand_over(full, out);
}

Status describe_host_blas(int32_t integer_bits, blasx_host_blas* out) {
  if (integer_bits != 32 && integer_bits != 64) {
    return Status(StatusCode::InvalidArgument, "integer_bits is neither 32 nor 64");
  }
  using hostblas::Face;
  const hostblas::Library& library =
      hostblas::resolve(integer_bits == 64 ? Face::Fortran64 : Face::Fortran32);
  blasx_host_blas full{};
  copy_text(full.name, hostblas::kind_name(library.kind));
  copy_text(full.version, library.version);
  copy_text(full.path, library.path);
  copy_text(full.found, library.how);
  full.integer_bits = integer_bits;
  full.threads = hostblas::thread_count(library);
  return hand_over(full, out);
}

}  // namespace
}  // namespace blasx::api

namespace api = blasx::api;

extern "C" {

int32_t blasx_device_count(void) {
  int32_t count = 0;
  const blasx_status status = api::guarded([&] {
    count = static_cast<int32_t>(api::opened_runtime().devices().size());
    return blasx::Status();
  });
  return status == BLASX_OK ? count : 0;
}

blasx_status blasx_device_at(int32_t index, blasx_device* out) {
  return api::guarded([&] { return api::describe(index, out); });
}

blasx_status blasx_host_blas_for(int32_t integer_bits, blasx_host_blas* out) {
  return api::guarded([&] { return api::describe_host_blas(integer_bits, out); });
}

}  // extern "C"
