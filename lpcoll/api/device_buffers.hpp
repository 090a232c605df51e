// SPDX-License-Identifier: Apache-2.0
// Calls whose buffers may be in the memory of a GPU: they are staged through the host's. A matter of this rank alone.
#pragma once

#include <memory>

#include "lpcoll/api/borrowed.hpp"
#include "lpcoll/api/start.hpp"
#include "lpcoll/transport/device/staged.hpp"

namespace lpcoll::api {

// begin(), wherever the buffers are.
std::unique_ptr<Operation> begin_anywhere(Communicator& state, const tune::Choice& choice,
                                          const Call& call);

// A broadcast's elements with the gaps between them, on the host: where they are, or an image of them if that is on a GPU.
class HostImage {
 public:
  HostImage(Communicator& state, const Arguments& call);
  void* elements() const { return elements_; }
  // `operation`, which reads or writes the elements, and then the image back on the GPU where they were received.
  std::unique_ptr<Operation> brought_back_by(std::unique_ptr<Operation> operation) &&;

 private:
  device::DeviceMemory* devices_ = nullptr;  // null: no image
  device::Staging staging_;
  std::unique_ptr<Borrowed> memory_;
  void* elements_;
};

}  // namespace lpcoll::api
