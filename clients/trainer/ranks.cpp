// SPDX-License-Identifier: Apache-2.0
#include "clients/trainer/ranks.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <cstdio>
#include <sstream>

#include <lpcoll/lpcoll.h>

#include "clients/nn/error.hpp"

namespace trainer {

Ranks::Ranks(MPI_Comm comm) : comm_(comm) {
  MPI_Comm_rank(comm, &rank_);
  MPI_Comm_size(comm, &size_);
}

int Ranks::neighbour() const {
  MPI_Comm host = MPI_COMM_NULL;
  MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
  int number = 0;
  MPI_Comm_rank(host, &number);
  MPI_Comm_free(&host);
  return number;
}

void Ranks::together(const std::function<void()>& work) const {
  std::string message;
  int first = size_;  // the lowest rank that failed
  try {
    work();
  } catch (const nn::Error& error) {
    message = error.what();
    first = rank_;
  }
  LP_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, comm_);
  if (first == size_) return;
  if (first == rank_) fmt::print(stderr, "bsp-train: {}\n", message);
  throw Ended();
}

void Ranks::end(const std::string& message) const {
  if (rank_ == 0) fmt::print(stderr, "bsp-train: {}\n", message);
  throw Ended();
}

void Ranks::sum(double* numbers, int count) const {
  if (size_ > 1) LP_Allreduce(MPI_IN_PLACE, numbers, count, MPI_DOUBLE, MPI_SUM, comm_);
}

LP_Request Ranks::begin_sum(double* numbers, int count) const {
  LP_Request request = LP_REQUEST_NULL;
  if (size_ > 1) LP_Iallreduce(MPI_IN_PLACE, numbers, count, MPI_DOUBLE, MPI_SUM, comm_, &request);
  return request;
}

void Ranks::same(const std::string& lines, const std::string& program) const {
  int bytes = static_cast<int>(lines.size());
  LP_Bcast(&bytes, 1, MPI_INT, 0, comm_);
  std::string first = lines;
  first.resize(static_cast<size_t>(bytes));
  LP_Bcast(first.data(), bytes, MPI_CHAR, 0, comm_);
  together([&] {
    std::istringstream theirs(first);
    std::istringstream ours(lines);
    std::string their;
    std::string our;
    while (std::getline(theirs, their) && std::getline(ours, our))
      if (their != our)
        throw nn::Error(
            fmt::format("rank {} was started with {}, rank 0 with {}: {} wants the same on all",
                        rank_, our, their, program));
  });
}

void Ranks::same_bits(const void* data, size_t bytes, const std::string& message) const {
  const auto sum = static_cast<double>(crc32_z(0, static_cast<const Bytef*>(data), bytes));
  std::array<double, 2> extremes{sum, -sum};
  LP_Allreduce(MPI_IN_PLACE, extremes.data(), 2, MPI_DOUBLE, MPI_MAX, comm_);
  together([&] {
    if (extremes[0] != -extremes[1]) throw nn::Error(message);
  });
}

}  // namespace trainer
