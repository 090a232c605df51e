// SPDX-License-Identifier: Apache-2.0
#include "tests/blasx/tile/plain_executor.hpp"

#include <limits>

#include "tests/support/call_case.hpp"

namespace blasx::tile {
namespace {

using Element = PlainExecutor::Element;

constexpr Element kNan{std::numeric_limits<double>::quiet_NaN(),
                       std::numeric_limits<double>::quiet_NaN()};

Routine routine_of(Kernel kernel) {
  constexpr Routine kRoutines[] = {Routine::Gemm, Routine::Gemmt, Routine::Symm,  Routine::Hemm,
                                   Routine::Syrk, Routine::Herk,  Routine::Syr2k, Routine::Her2k,
                                   Routine::Trmm, Routine::Trsm,  Routine::Gemm};
  return kRoutines[static_cast<int>(kernel)];
}

// op(A) X = alpha C or X op(A) = alpha C by substitution, X over C.
void solve(const BlasCall& call, Element* c) {
  const auto* a = static_cast<const Element*>(call.a);
  const bool left = call.side == Side::Left;
  const bool lower = (call.uplo == Uplo::Lower) == (call.trans_a == Op::NoTrans);
  const int64_t size = left ? call.m : call.n;
  const int64_t lanes = left ? call.n : call.m;
  const auto op_a = [&](int64_t i, int64_t j) {
    if (call.trans_a == Op::NoTrans) return a[i + j * call.lda];
    const Element x = a[j + i * call.lda];
    return call.trans_a == Op::ConjTrans ? std::conj(x) : x;
  };
  for (int64_t lane = 0; lane < lanes; ++lane) {
    const auto x = [&](int64_t l) -> Element& {
      return left ? c[l + lane * call.ldc] : c[lane + l * call.ldc];
    };
    for (int64_t s = 0; s < size; ++s) {
      const int64_t l = lower == left ? s : size - 1 - s;
      Element sum = call.alpha * x(l);
      for (int64_t t = 0; t < s; ++t) {
        const int64_t known = lower == left ? t : size - 1 - t;
        sum -= (left ? op_a(l, known) : op_a(known, l)) * x(known);
      }
      x(l) = call.diag == Diag::Unit ? sum : sum / op_a(l, l);
    }
  }
}

}  // namespace

bool in_region(Region region, int64_t i, int64_t j) {
  return region == Region::Full || (region == Region::Upper ? i <= j : i >= j);
}

PlainExecutor::PlainExecutor(const TaskGraph& graph, uint64_t seed)
    : graph_(graph),
      random_(seed),
      progress_(static_cast<size_t>(graph.task_count())),
      stores_(static_cast<size_t>(graph.call().m * graph.call().n), 0) {}

bool PlainExecutor::run(bool fused) {
  std::vector<TaskId> open;
  for (int32_t t = 0; t < graph_.task_count(); ++t) open.push_back(TaskId{t});
  while (!open.empty()) {
    // From a random place on, the first that may.
    const size_t start = random_() % open.size();
    size_t tried = 0;
    while (tried < open.size() && !may_advance(open[(start + tried) % open.size()])) ++tried;
    if (tried == open.size()) return false;
    const size_t at = (start + tried) % open.size();
    advance(open[at], fused);
    if (of(open[at]).committed) {
      open[at] = open.back();
      open.pop_back();
    }
  }
  return true;
}

bool PlainExecutor::may_advance(TaskId id) const {
  const Task task = graph_.task(id);
  if (task.edge == Edge::None) return true;
  const Progress& before = of(task.predecessor);
  if (!of(id).begun) return task.edge == Edge::ReadAfterWrite ? before.committed : before.begun;
  return of(id).steps_done < task.step_count || before.committed;
}

void PlainExecutor::advance(TaskId id, bool fused) {
  Progress& p = progress_[static_cast<size_t>(index(id))];
  if (!p.begun) return begin(id);
  if (p.steps_done == graph_.task(id).step_count) return commit(id);
  int32_t count = 1;
  compute(id, fused ? graph_.fused_step(id, p.steps_done, count) : graph_.step(id, p.steps_done));
  p.steps_done += count;
}

// What a task need not read of its output is not there.
void PlainExecutor::begin(TaskId id) {
  const Task task = graph_.task(id);
  Progress& p = progress_[static_cast<size_t>(index(id))];
  p.begun = true;
  const int64_t m = graph_.rows(task.output), n = graph_.cols(task.output);
  p.c.assign(static_cast<size_t>(m * n), kNan);
  if (!task.reads_output) return;
  const auto* home = reinterpret_cast<const Element*>(graph_.home(task.output));
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < m; ++i) {
      if (in_region(task.region, i, j))
        p.c[static_cast<size_t>(i + j * m)] = home[i + j * graph_.home_ld(task.output)];
    }
  }
}

void PlainExecutor::compute(TaskId id, const Step& step) {
  Progress& p = progress_[static_cast<size_t>(index(id))];
  BlasCall call;
  call.routine = routine_of(step.kernel);
  call.type = Type::Z;
  call.side = step.side;
  call.uplo = step.uplo;
  call.trans_a = step.trans_a;
  call.trans_b = step.trans_b;
  call.diag = step.diag;
  call.m = step.m;
  call.n = step.n;
  call.k = step.k;
  call.alpha = step.alpha;
  call.beta = step.beta;
  if (step.a != TileId::None) {
    call.a = graph_.home(step.a);
    call.lda = graph_.home_ld(step.a);
  }
  if (step.b != TileId::None) {
    call.b = graph_.home(step.b);
    call.ldb = graph_.home_ld(step.b);
  }
  call.ldc = step.m;
  if (step.kernel == Kernel::Trsm) return solve(call, p.c.data());
  const std::vector<Element> old = p.c;
  const support::Reference<Element> reference(call, old.data(), step.m);
  const Region region = support::written_region(call);
  for (int64_t j = 0; j < step.n; ++j) {
    for (int64_t i = 0; i < step.m; ++i) {
      if (!in_region(region, i, j)) continue;
      const support::Exact x = reference.result(i, j).value;
      p.c[static_cast<size_t>(i + j * step.m)] = {static_cast<double>(x.real()),
                                                  static_cast<double>(x.imag())};
    }
  }
}

void PlainExecutor::commit(TaskId id) {
  const Task task = graph_.task(id);
  Progress& p = progress_[static_cast<size_t>(index(id))];
  p.committed = true;
  auto* home = reinterpret_cast<Element*>(graph_.home(task.output));
  const int64_t m = graph_.rows(task.output), ld = graph_.home_ld(task.output);
  const int64_t offset = home - static_cast<const Element*>(graph_.call().c);
  const int64_t row = offset % ld, column = offset / ld;
  for (int64_t j = 0; j < graph_.cols(task.output); ++j) {
    for (int64_t i = 0; i < m; ++i) {
      if (!in_region(task.region, i, j)) continue;
      home[i + j * ld] = p.c[static_cast<size_t>(i + j * m)];
      ++stores_[static_cast<size_t>(row + i + (column + j) * graph_.call().m)];
    }
  }
}

}  // namespace blasx::tile
