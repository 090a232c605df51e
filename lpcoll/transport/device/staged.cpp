// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/device/staged.hpp"

#include <utility>

#include "lpcoll/trace/trace.hpp"

namespace lpcoll::device {
namespace {

class Staged final : public Operation {
 public:
  Staged(DeviceMemory& devices, Staging staging, std::unique_ptr<Operation> inner)
      : devices_(devices), staging_(std::move(staging)), inner_(std::move(inner)) {}

  Result<Advance> advance() override {
    if (staging_.values != nullptr) {
      const int64_t bytes = staging_.call.count * staging_.call.extent;
      const trace::Span span("copy from device", bytes);
      staging_.copied =
          devices_.copy(const_cast<std::byte*>(staging_.call.send), staging_.values, bytes);
      staging_.values = nullptr;
    }
    Result<Advance> advanced = inner_->advance();
    if (!advanced || *advanced != Advance::Complete) return advanced;
    if (staging_.copied && staging_.result != nullptr) {
      const int64_t bytes = staging_.call.count * staging_.call.extent;
      const trace::Span span("copy to device", bytes);
      staging_.copied = devices_.copy(staging_.result, staging_.call.recv, bytes);
    }
    if (!staging_.copied) return failure(staging_.copied);
    return advanced;
  }
  void rest() override { inner_->rest(); }
  bool calls_mpi() const override { return inner_->calls_mpi(); }

 private:
  DeviceMemory& devices_;
  Staging staging_;
  std::unique_ptr<Operation> inner_;
};

}  // namespace

bool needs_staging(DeviceMemory& devices, const Call& call) {
  return (call.send != nullptr && devices.holds(call.send)) ||
         (call.recv != nullptr && call.recv != call.send && devices.holds(call.recv));
}

Staging staging_of(DeviceMemory& devices, const Call& call, int rank, std::byte* host) {
  Staging staging{call, nullptr, nullptr, {}};
  if (call.recv != nullptr && devices.holds(call.recv)) {
    // A broadcast's root has it there already.
    if (call.kind != Kind::Bcast || rank != call.root) staging.result = call.recv;
    staging.call.recv = host;
  }
  if (call.kind == Kind::Bcast && rank != call.root) {
    staging.call.send = staging.call.recv;
  } else if (devices.holds(call.send)) {
    // In place: there is one buffer, and a result on the host is one too.
    staging.values = call.send;
    staging.call.send = staging.call.recv != nullptr ? staging.call.recv : host;
  }
  return staging;
}

std::unique_ptr<Operation> staged(DeviceMemory& devices, Staging staging,
                                  std::unique_ptr<Operation> inner) {
  return std::make_unique<Staged>(devices, std::move(staging), std::move(inner));
}

}  // namespace lpcoll::device
