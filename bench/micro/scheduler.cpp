// SPDX-License-Identifier: Apache-2.0
// The state machine alone: graph, scheduler and cache, with devices that answer every command at once in the order given.
// What remains is the price of deciding, a task and an operation.
#include <benchmark/benchmark.h>

#include <variant>
#include <vector>

#include "blasx/schedule/scheduler.hpp"
#include "blasx/tile/graph.hpp"

namespace {

using blasx::BlasCall;
using blasx::Routine;
using blasx::schedule::Command;
using blasx::schedule::DeviceSpec;
using blasx::schedule::LinkTable;
using blasx::schedule::Memory;
using blasx::schedule::OpDone;
using blasx::schedule::Scheduler;
using blasx::tile::TaskGraph;

constexpr int64_t kEdge = 256;

// No kernel runs, so the addresses only have to differ.
BlasCall call_of(Routine routine, int64_t tiles) {
  static double a, b, c;
  BlasCall call;
  call.routine = routine;
  call.m = call.n = call.k = tiles * kEdge;
  call.a = &a;
  call.b = &b;
  call.c = &c;
  call.lda = call.ldb = call.ldc = tiles * kEdge;
  return call;
}

struct Machine {
  std::vector<DeviceSpec> specs;
  std::vector<double> rates;

  Machine(int devices, Memory memory, int blocks) {
    DeviceSpec spec;
    spec.memory = memory;
    spec.streams = 4;
    spec.blocks = blocks;
    specs.assign(static_cast<size_t>(devices), spec);
    const size_t side = static_cast<size_t>(devices) + 1;
    rates.assign(side * side, 1e9);
  }
  LinkTable links() const { return {static_cast<int32_t>(specs.size()), rates.data()}; }
};

struct Work {
  int64_t tasks = 0, operations = 0;
};

// Runs one call to its end.
Work play(const BlasCall& call, const Machine& machine) {
  const TaskGraph graph(call, {kEdge, kEdge, kEdge});
  Scheduler scheduler(graph, machine.specs, machine.links());
  Work work;
  work.tasks = graph.task_count();
  std::vector<Command> commands;
  scheduler.start();
  while (!scheduler.finished()) {
    scheduler.take_commands(commands);
    if (commands.empty()) return {};
    for (const Command& command : commands) {
      scheduler.on(OpDone{std::visit([](const auto& c) { return c.op; }, command), 1000});
      ++work.operations;
    }
  }
  return work;
}

void run(benchmark::State& state, Routine routine, const Machine& machine) {
  const BlasCall call = call_of(routine, state.range(0));
  Work all;
  for (auto _ : state) {
    const Work work = play(call, machine);
    if (work.tasks == 0) {
      state.SkipWithError("the scheduler has nothing to do and is not done");
      return;
    }
    all.tasks += work.tasks;
    all.operations += work.operations;
  }
  using benchmark::Counter;
  const auto inverse_rate = Counter::kIsRate | Counter::kInvert;
  state.counters["time_a_task"] = Counter(static_cast<double>(all.tasks), inverse_rate);
  state.counters["time_an_operation"] = Counter(static_cast<double>(all.operations), inverse_rate);
  state.counters["operations_a_task"] =
      static_cast<double>(all.operations) / static_cast<double>(all.tasks);
}

// The processor alone: one command a task.
void cpu(benchmark::State& state, Routine routine) {
  run(state, routine, Machine(1, Memory::Home, 0));
}

// Two devices whose arenas hold everything.
void roomy(benchmark::State& state, Routine routine) {
  run(state, routine, Machine(2, Memory::Arena, 4096));
}

// Two devices with room for a few tasks: eviction all the time.
void tight(benchmark::State& state, Routine routine) {
  run(state, routine, Machine(2, Memory::Arena, 40));
}

// A fast device with room for a few tiles: blocks of tasks that advance step by step.
void blocks(benchmark::State& state, Routine routine) {
  Machine machine(1, Memory::Arena, 96);
  machine.specs[0].tasks = 64;
  run(state, routine, machine);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgName("tiles")->Arg(4)->Arg(8)->Arg(16)->Unit(benchmark::kMicrosecond);
}

BENCHMARK_CAPTURE(cpu, gemm, Routine::Gemm)->Apply(sizes);
BENCHMARK_CAPTURE(cpu, trsm, Routine::Trsm)->Apply(sizes);
BENCHMARK_CAPTURE(roomy, gemm, Routine::Gemm)->Apply(sizes);
BENCHMARK_CAPTURE(roomy, syrk, Routine::Syrk)->Apply(sizes);
BENCHMARK_CAPTURE(roomy, trsm, Routine::Trsm)->Apply(sizes);
BENCHMARK_CAPTURE(roomy, trmm, Routine::Trmm)->Apply(sizes);
BENCHMARK_CAPTURE(tight, gemm, Routine::Gemm)->Apply(sizes);
BENCHMARK_CAPTURE(blocks, gemm, Routine::Gemm)->Apply(sizes);

}  // namespace

BENCHMARK_MAIN();
