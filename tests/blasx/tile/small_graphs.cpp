// SPDX-License-Identifier: Apache-2.0
#include "tests/blasx/tile/small_graphs.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace blasx::tile {
namespace {

constexpr int64_t kEdge = 10;
constexpr Routine kFamilies[] = {Routine::Gemm,  Routine::Gemmt, Routine::Syrk,
                                 Routine::Syr2k, Routine::Trmm,  Routine::Trsm};

}  // namespace

TaskGraph graph_of(Routine routine, int64_t mt, int64_t nt, int64_t kt, bool other,
                   int64_t fine_from) {
  static double a, b, c;
  BlasCall call;
  call.routine = routine;
  call.m = mt * kEdge;
  call.n = nt * kEdge;
  call.k = kt * kEdge;
  call.uplo = other ? Uplo::Upper : Uplo::Lower;
  call.side = other ? Side::Right : Side::Left;
  call.a = &a;
  call.b = &b;
  call.c = &c;
  call.lda = call.ldb = call.ldc = 1000 * kEdge;
  TileShape shape{kEdge, kEdge, kEdge};
  shape.near_first = true;
  if (fine_from >= 0) {
    shape.fine_from = fine_from * kEdge;
    shape.fine = kEdge / 2;
  }
  return {call, shape};
}

void for_each_with_blocks(const std::function<void(const TaskGraph&, const Order&)>& look) {
  for (const Routine routine : kFamilies) {
    for (const bool other : {false, true}) {
      for (const int32_t zones : {1, 2}) {
        for (const int64_t fine_from : {-1, 8}) {
          const TaskGraph graph = graph_of(routine, 13, 13, 13, other, fine_from);
          const Zone zone{.share = 1, .blocks = 40, .streams = 2, .tasks = 24};
          const Order order = order_tasks(graph, std::vector<Zone>(zones, zone));
          SCOPED_TRACE(std::string(routine_name(routine)) + (other ? " other " : " ") +
                       std::to_string(zones) + " " + std::to_string(fine_from));
          ASSERT_GT(order.zones[0].block.tasks(), 2);
          look(graph, order);
        }
      }
    }
  }
}

}  // namespace blasx::tile
