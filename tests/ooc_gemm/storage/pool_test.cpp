// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <stdexcept>

namespace {

using blasx::Status;
using blasx::StatusCode;
using ooc_gemm::storage::Pool;
using ooc_gemm::storage::Ticket;

TEST(PoolTest, WaitsForAllAndKeepsTheFirstFailure) {
  Pool pool(1);
  Ticket good;
  Ticket bad;
  std::atomic<int> done = 0;
  for (int i = 0; i < 100; ++i) {
    pool.submit(i % 2 == 0 ? good : bad, [&done, i] {
      ++done;
      return i % 2 == 0 ? Status() : Status(StatusCode::IoError, std::to_string(i));
    });
  }
  EXPECT_TRUE(good.wait().ok());
  EXPECT_EQ(bad.wait().message(), "1");
  EXPECT_EQ(done, 100);
  EXPECT_TRUE(good.done());
}

TEST(PoolTest, RequestsAreServedAtOnce) {
  Pool pool(4);
  Ticket ticket;
  std::barrier together(4);  // hangs unless four run at the same time
  for (int i = 0; i < 4; ++i) {
    pool.submit(ticket, [&together] {
      together.arrive_and_wait();
      return Status();
    });
  }
  EXPECT_TRUE(ticket.wait().ok());
}

TEST(PoolTest, ExceptionsAreFailures) {
  Pool pool(1);
  Ticket ticket;
  pool.submit(ticket, []() -> Status { throw std::runtime_error("broken"); });
  EXPECT_EQ(ticket.wait().message(), "broken");
}

TEST(PoolTest, FinishesWhatWasSubmitted) {
  std::atomic<int> done = 0;
  Ticket ticket;
  {
    Pool pool(2);
    for (int i = 0; i < 50; ++i) {
      pool.submit(ticket, [&done] {
        ++done;
        return Status();
      });
    }
  }
  EXPECT_EQ(done, 50);
}

}  // namespace
