// SPDX-License-Identifier: Apache-2.0
// Memory that an operation takes from its communicator and gives back with its own end.
#pragma once

#include <memory>
#include <utility>

#include "lpcoll/api/communicator.hpp"

namespace lpcoll::api {

// Memory from the communicator's store, for as long as the operation that works in it.
class Borrowed {
 public:
  // At least so many bytes.
  Borrowed(Communicator& from, int64_t bytes) : from_(&from), memory_(from.store.take()) {
    if (memory_.size() < static_cast<size_t>(bytes)) memory_.resize(static_cast<size_t>(bytes));
  }
  Borrowed(Borrowed&& other) noexcept
      : from_(std::exchange(other.from_, nullptr)), memory_(std::move(other.memory_)) {}
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  Borrowed& operator=(Borrowed&&) = delete;
  ~Borrowed() {
    if (from_ != nullptr) from_->store.put_back(std::move(memory_));
  }
  Workspace& get() { return memory_; }

 private:
  Communicator* from_;
  Workspace memory_;
};

class WithMemory final : public Operation {
 public:
  WithMemory(Borrowed memory, std::unique_ptr<Operation> inner)
      : memory_(std::move(memory)), inner_(std::move(inner)) {}
  Result<Advance> advance() override { return inner_->advance(); }
  void rest() override { inner_->rest(); }
  bool calls_mpi() const override { return inner_->calls_mpi(); }

 private:
  Borrowed memory_;
  std::unique_ptr<Operation> inner_;
};

}  // namespace lpcoll::api
