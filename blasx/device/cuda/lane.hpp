// SPDX-License-Identifier: Apache-2.0
// A CUDA stream whose work is answered in order: an event behind each piece of work, asked for until it is over. It owns the stream,
// its events and the answers not yet given; one thread.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "blasx/device/cuda/status.hpp"

namespace blasx::device::cuda {

class Lane {
 public:
  // Steady-clock times between which the work ran, as near as the host can tell.
  using Done = std::function<void(int64_t start_ns, int64_t end_ns)>;

  static Result<Lane> open();

  cudaStream_t stream() const { return stream_.get(); }
  bool busy() const { return !waiting_.empty(); }

  // `done` is called from poll() once everything submitted to the stream so far is over.
  Status mark(Done done);
  // Answers what is over and adds to `answered`. A failure of the device's work comes to light here.
  Status poll(int& answered);
  // Waits for the work, answers what has been done and forgets the rest: for a device that failed.
  void abandon();

 private:
  struct Waiting {
    Event event;
    int64_t submitted_ns = 0;
    Done done;
  };

  Stream stream_;
  std::deque<Waiting> waiting_;
  std::vector<Event> idle_;
  int64_t last_end_ns_ = 0;
};

}  // namespace blasx::device::cuda
