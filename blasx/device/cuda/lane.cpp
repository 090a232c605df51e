// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/lane.hpp"

#include <algorithm>
#include <utility>

#include "blasx/device/clock.hpp"

namespace blasx::device::cuda {

Result<Lane> Lane::open() {
  Result<Stream> stream = new_stream();
  if (!stream) return failure(stream.error());
  Lane lane;
  lane.stream_ = std::move(*stream);
  return lane;
}

Status Lane::mark(Done done) {
  Event event;
  if (!idle_.empty()) {
    event = std::move(idle_.back());
    idle_.pop_back();
  } else {
    Result<Event> fresh = new_event();
    if (!fresh) return fresh.error();
    event = std::move(*fresh);
  }
  Status status = status_of(cudaEventRecord(event.get(), stream()), "cudaEventRecord");
  if (!status.ok()) return status;
  waiting_.push_back({std::move(event), now_ns(), std::move(done)});
  return {};
}

Status Lane::poll(int& answered) {
  while (!waiting_.empty()) {
    const cudaError_t state = cudaEventQuery(waiting_.front().event.get());
    if (state == cudaErrorNotReady) return {};
    if (state != cudaSuccess) return status_of(state, "work of a stream");
    Waiting over = std::move(waiting_.front());
    waiting_.pop_front();
    idle_.push_back(std::move(over.event));
    const int64_t end = now_ns();
    const int64_t start = std::max(over.submitted_ns, last_end_ns_);
    last_end_ns_ = end;
    ++answered;
    over.done(start, end);  // may submit more
  }
  return {};
}

void Lane::abandon() {
  if (stream_ == nullptr) return;
  (void)cudaStreamSynchronize(stream());
  // A store into a GPU's memory that did happen must not be taken for one that did not.
  int answered = 0;
  (void)poll(answered);
  waiting_.clear();
}

}  // namespace blasx::device::cuda
