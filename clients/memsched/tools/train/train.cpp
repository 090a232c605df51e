// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/tools/train.hpp"

#include <fmt/format.h>

#include "clients/memsched/run/session.hpp"
#include "clients/memsched/tools/text.hpp"
#include "clients/nn/error.hpp"

namespace memsched::tools {
namespace {

Schedule plan_or_refuse(const Setting& setting, const nn::Compiled& compiled, Options options) {
  options.budget_bytes = setting.budget_bytes();
  auto outcome = plan(compiled.network, compiled.costs, options);
  if (!outcome.schedule)
    throw nn::Error(fmt::format("{} does not fit: {}; {} copies of its parameters take {} besides",
                                setting.network.name, outcome.why, setting.memory.copies,
                                in_mib(fixed_bytes(setting.network, setting.memory))));
  return *std::move(outcome.schedule);
}

}  // namespace

int train(const Setting& setting, const Options& options, const TrainArguments& arguments) {
  const nn::Compiled compiled =
      compile_for(setting.network, arguments.device, arguments.convolution);
  const Schedule schedule = plan_or_refuse(setting, compiled, options);
  Setting real = setting;
  real.costs = compiled.costs;
  const int64_t everything =
      nn::graph::keep_everything(compiled.network, compiled.costs)->arena_bytes();
  fmt::print("{}\n{:<34} {:>14}\n{:<34} {:>14}\n{:<34} {:>14}\n{:<34} {:>14}\n{:<34} {:>14}\n",
             heading(real), "everything kept takes", in_mib(everything), "planned high-water mark",
             in_mib(schedule.arena_bytes), "replays each step", schedule.replays,
             "to the host each step", in_mib(schedule.bytes_out), "back each step",
             in_mib(schedule.bytes_in));
  std::fflush(stdout);
  const Report report = memsched::train(
      compiled, schedule, {arguments.steps, arguments.rate, arguments.seed, arguments.compare});
  fmt::print("{:<34} {:>14}\n{:<34} {:>14.4f}\n{:<34} {:>14.4f}\n{:<34} {:>14.6f}\n",
             "measured high-water mark", in_mib(report.high_water_bytes), "loss of the first step",
             report.losses.front(), "loss of the last step", report.losses.back(),
             "seconds a step, median", report.seconds);
  if (arguments.compare)
    fmt::print("{:<34} {:>14.6f}\n{:<34} {:>14.3f}\n{:<34} {:>14}\n", "... when everything is kept",
               report.twin_seconds, "ratio of neighbours, median", report.ratio, "losses beside it",
               report.differs_at ? "different" : "the same bits");
  if (report.high_water_bytes != schedule.arena_bytes)
    throw nn::Error(fmt::format("the high-water mark is {} bytes where {} were planned",
                                report.high_water_bytes, schedule.arena_bytes));
  // With all algorithms to choose from, two plans may sum in different orders.
  if (report.differs_at && arguments.convolution != "auto")
    throw nn::Error(
        fmt::format("the loss of step {} is not what it is without a plan", *report.differs_at));
  return 0;
}

}  // namespace memsched::tools
