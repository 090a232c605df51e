// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/static_shares.hpp"

#include <numeric>

namespace blasx::runtime::sim {

std::vector<schedule::DeviceId> static_shares(const tile::TaskGraph& graph,
                                              const std::vector<double>& speeds) {
  const auto tasks = static_cast<size_t>(graph.task_count());
  // The work of a whole chain counts for its head.
  std::vector<size_t> head(tasks);
  std::vector<double> work(tasks, 0);
  double all = 0;
  for (size_t i = 0; i < tasks; ++i) {
    const tile::TaskId id{static_cast<int32_t>(i)};
    const tile::Task task = graph.task(id);
    head[i] = task.predecessor == tile::TaskId::None
                  ? i
                  : head[static_cast<size_t>(tile::index(task.predecessor))];
    work[head[i]] += graph.operations(id);
    all += graph.operations(id);
  }
  const double speed = std::accumulate(speeds.begin(), speeds.end(), 0.0);
  std::vector<schedule::DeviceId> owners(tasks);
  size_t device = 0;
  double given = 0, limit = all * speeds[0] / speed;
  for (size_t i = 0; i < tasks; ++i) {
    if (head[i] == i) {
      // A piece of work goes where its middle lies.
      while (device + 1 < speeds.size() && given + work[i] / 2 > limit) {
        limit += all * speeds[++device] / speed;
      }
      given += work[i];
      owners[i] = schedule::DeviceId{static_cast<int32_t>(device)};
    } else {
      owners[i] = owners[head[i]];
    }
  }
  return owners;
}

}  // namespace blasx::runtime::sim
