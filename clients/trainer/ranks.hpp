// SPDX-License-Identifier: Apache-2.0
// The ranks of a run as one: what they sum, and how they fail together. Whatever has a result of all ranks
// communicates.
#pragma once

#include <mpi.h>

#include <functional>
#include <stdexcept>
#include <string>

#include <lpcoll/lpcoll.h>

namespace trainer {

// Somebody has told the user; the process is to end with status 1.
class Ended : public std::exception {};

class Ranks {
 public:
  explicit Ranks(MPI_Comm comm);

  int rank() const { return rank_; }
  int size() const { return size_; }
  int neighbour() const;  // this rank's number among those of its host. For all ranks.
  MPI_Comm comm() const { return comm_; }

  // Runs `work`, which does not communicate, on each rank. Where it throws nn::Error on any, the lowest of these prints the error and
  // all throw Ended.
  void together(const std::function<void()>& work) const;
  // What all ranks know of: rank 0 prints it, all throw Ended.
  [[noreturn]] void end(const std::string& message) const;
  // Over all ranks, in place. The second only begins: LP_Wait the request.
  void sum(double* numbers, int count) const;
  LP_Request begin_sum(double* numbers, int count) const;
  // Ends all unless each rank has the text that rank 0 has; says which line is another.
  void same(const std::string& lines, const std::string& program) const;
  // The same, for bytes: ends all with `message`.
  void same_bits(const void* data, size_t bytes, const std::string& message) const;

 private:
  MPI_Comm comm_;
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace trainer
