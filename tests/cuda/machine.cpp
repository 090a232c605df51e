// SPDX-License-Identifier: Apache-2.0
#include "tests/cuda/machine.hpp"

#include <algorithm>

#include "common/log.hpp"

namespace blasx::cuda_test {

runtime::Options options(const std::vector<int32_t>& numbers) {
  runtime::Options options;
  options.gpus = support::gpus(numbers);
  options.cpu = false;
  options.cores = 2;
  options.tile = kTile;
  options.streams = 2;
  options.device_memory_bytes = kArena;
  return options;
}

BlasCall shape_of(Routine routine, int64_t side) {
  BlasCall call;
  call.routine = routine;
  call.m = side;
  call.n = support::writes_triangle(routine) ? side : side - 7;
  call.k = support::has_inner_dimension(routine) ? side + 3 : 0;
  call.uplo = Uplo::Lower;
  call.alpha = 0.75;
  call.beta = support::is_triangular(routine) ? 0.0 : -0.5;
  return call;
}

OnStandIn::OnStandIn() {
  log::set_sink(
      [](log::Level, std::string_view line, void* context) {
        static_cast<std::vector<std::string>*>(context)->emplace_back(line);
      },
      &warnings);
}

OnStandIn::~OnStandIn() { log::set_sink(nullptr, nullptr); }

runtime::CallReport OnStandIn::run(runtime::Runtime& runtime, const BlasCall& shape,
                                   uint64_t seed) {
  support::CallCase<double> test(shape, 2, seed);
  const Result<runtime::CallReport> report = runtime.run(test.call, runtime::Where::Devices);
  EXPECT_TRUE(report);
  if (!report) return {};
  EXPECT_EQ(report->internal_error, "");
  EXPECT_EQ(report->finished_here, 0) << "the processor stands in as a device";
  test.check(2 * std::max({shape.m, shape.n, shape.k}) / kTile + 4);
  return *report;
}

int64_t OnStandIn::warnings_with(const std::string& text) const {
  return std::count_if(warnings.begin(), warnings.end(), [&](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
}

int64_t OnStandIn::gpu_tasks(const runtime::CallReport& report) {
  int64_t tasks = 0;
  for (const runtime::DeviceShare& share : report.shares) {
    if (share.name.rfind("cuda", 0) == 0) tasks += share.tasks;
  }
  return tasks;
}

}  // namespace blasx::cuda_test
