// SPDX-License-Identifier: Apache-2.0
#include "blasx/abi/entry.hpp"

#include <exception>

#include "blasx/hostblas/kernels.hpp"
#include "common/log.hpp"

namespace blasx::abi {

void carry_out(const BlasCall& call, Face face, HostCaller host) noexcept {
  try {
    offload::Decision decision = offload::decide(call, face);
    if (offload::run_tiles(call, decision)) return;
    const offload::HostCall scope(call, decision);
    if (const Function function = hostblas::function(face, call.routine, call.type))
      host.call(host.context, function);
    else
      hostblas::run_call(call);
  } catch (const std::exception& error) {
    // Only work without a host function can throw; there is nothing left to give the call to.
    log::error(error.what());
  }
}

}  // namespace blasx::abi
