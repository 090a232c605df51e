// SPDX-License-Identifier: Apache-2.0
#include "tests/blasx/schedule/model_machine.hpp"

#include <stdexcept>

namespace blasx::schedule {
namespace {

constexpr int32_t kMostQueued = 2;  // kernels of one stream

OpId op_of(const Command& command) {
  return std::visit([](const auto& c) { return c.op; }, command);
}
DeviceId device_of(const Command& command) {
  return std::visit([](const auto& c) { return c.device; }, command);
}

}  // namespace

ModelMachine::ModelMachine(const Scenario& scenario, const tile::TaskGraph& graph, bool quiet)
    : scenario_(scenario),
      graph_(graph),
      quiet_(quiet),
      blocks_(scenario.devices.size()),
      home_(static_cast<size_t>(graph.tile_count())),
      writer_of_(static_cast<size_t>(graph.tile_count()), TaskId::None),
      writes_(static_cast<size_t>(graph.task_count()), 0),
      lost_(scenario.devices.size(), false),
      told_(scenario.devices.size(), false) {
  for (size_t d = 0; d < blocks_.size(); ++d) {
    const DeviceSpec& spec = scenario.devices[d];
    if (spec.memory == Memory::Arena) blocks_[d].resize(static_cast<size_t>(spec.blocks));
  }
  for (int32_t t = 0; t < graph.tile_count(); ++t) {
    home_[static_cast<size_t>(t)].content = {Content::Kind::Tile, TileId{t}, false, TaskId::None,
                                             0};
  }
  for (int32_t t = 0; t < graph.task_count(); ++t) {
    writer_of_[static_cast<size_t>(tile::index(graph.task(TaskId{t}).output))] = TaskId{t};
  }
}

void ModelMachine::complain(const std::string& what) const { throw std::runtime_error(what); }

ModelMachine::Place& ModelMachine::block(DeviceId d, BlockId b) {
  auto& blocks = blocks_.at(static_cast<size_t>(index(d)));
  if (index(b) < 0 || static_cast<size_t>(index(b)) >= blocks.size()) complain("no such block");
  return blocks[static_cast<size_t>(index(b))];
}

void ModelMachine::issue(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    for (const Running& r : running_) {
      if (r.op == op_of(command)) complain("an operation's name is used twice");
    }
    if (told_[static_cast<size_t>(index(device_of(command)))]) complain("a lost device is used");
    std::visit([this](const auto& c) { begin(c); }, command);
    running_.push_back({op_of(command), command, issued_++, false});
  }
}

size_t ModelMachine::find(OpId op) const {
  for (size_t i = 0; i < running_.size(); ++i) {
    if (running_[i].op == op) return i;
  }
  complain("no such operation");
}

ModelMachine::Running ModelMachine::remove(OpId op) {
  const size_t i = find(op);
  const Running r = running_[i];
  running_[i] = running_.back();
  running_.pop_back();
  torn_ = r.torn;
  return r;
}

OpId ModelMachine::answerable(size_t i) const {
  const Running* first = &running_[i];
  const auto* c = std::get_if<Compute>(&first->command);
  if (c == nullptr) return first->op;
  for (const Running& r : running_) {
    const auto* other = std::get_if<Compute>(&r.command);
    if (other == nullptr || other->device != c->device || other->stream != c->stream) continue;
    if (r.order < first->order) first = &r;
  }
  return first->op;
}

DeviceId ModelMachine::obstacle(OpId op) const {
  const Command& command = running_[find(op)].command;
  if (is_lost(device_of(command))) return device_of(command);
  const auto* fetch = std::get_if<Fetch>(&command);
  if (fetch != nullptr && fetch->source != DeviceId::Home && is_lost(fetch->source)) {
    return fetch->source;
  }
  return DeviceId::Home;
}

OpDone ModelMachine::finish(OpId op, int64_t duration_ns) {
  const Running r = remove(op);
  std::visit([this](const auto& c) { end(c, true); }, r.command);
  return {op, duration_ns};
}

OpFailed ModelMachine::fail(OpId op) {
  const DeviceId lost = obstacle(op);
  const Running r = remove(op);
  std::visit([this](const auto& c) { end(c, false); }, r.command);
  return {op, lost};
}

void ModelMachine::set_torn(TileId t, bool torn) {
  for (Running& r : running_) {
    const auto* fetch = std::get_if<Fetch>(&r.command);
    if (fetch != nullptr && fetch->source == DeviceId::Home && fetch->tile == t) r.torn = torn;
  }
}

void ModelMachine::check_input(const Place& place, TileId wanted) const {
  const Content& c = place.content;
  if (c.tile != wanted) complain("a kernel reads the wrong tile");
  if (place.writers > 0) complain("a kernel reads a block that is being written");
  if (c.kind == Content::Kind::Output) {
    // A result that is not home yet, where it was computed.
    if (!reads_committed() || c.steps_done != graph_.task(c.task).step_count)
      complain("a kernel reads an output that is not done");
    return;
  }
  if (c.kind != Content::Kind::Tile) complain("a kernel reads garbage");
  if (is_output(wanted) && c.committed_version != reads_committed()) {
    complain("a kernel reads the wrong version of an output tile");
  }
}

void ModelMachine::check_home_inputs(TaskId task) {
  const int32_t steps = graph_.task(task).step_count;
  for (int32_t s = 0; s < steps; ++s) {
    const tile::Step step = graph_.step(task, s);
    for (const TileId t : {step.a, step.b}) {
      if (t != TileId::None) check_input(home(t), t);
    }
  }
}

void ModelMachine::check_may_write_home(TaskId id) const {
  const tile::Task task = graph_.task(id);
  if (task.edge != tile::Edge::None && !is_home(task.predecessor)) {
    complain("home memory is written before the predecessor's result is there");
  }
}

void ModelMachine::check_source(const Fetch& f) const {
  if (f.source == f.device) {
    if (f.source_block == f.block) complain("a copy of a block to itself");
    return;
  }
  const double rate = scenario_.rate(f.source, f.device);
  if (rate <= 0) complain("a copy where there is no way");
  if (f.source != DeviceId::Home && told_[static_cast<size_t>(index(f.source))]) {
    complain("a copy from a lost device");
  }
  if (!quiet_ || is_output(f.tile)) return;
  for (const Running& r : running_) {
    const auto* other = std::get_if<Fetch>(&r.command);
    if (other == nullptr || other->tile != f.tile) continue;
    if (other->device == f.device) complain("one device fetches a tile twice at once");
    if (f.source == DeviceId::Home && scenario_.rate(other->device, f.device) > rate) {
      complain("home is asked while a better peer is fetching the tile");
    }
  }
}

// Where blocks for outputs are larger than others.
void ModelMachine::check_kind(DeviceId d, BlockId b, bool output) const {
  const int32_t outputs = spec(d).outputs;
  if (outputs > 0 && b != BlockId::None && (index(b) < outputs) != output)
    complain("a tile in a block that is not meant for it");
}

void ModelMachine::begin(const Fetch& f) {
  check_source(f);
  const Region region = is_output(f.tile) ? graph_.task(writer_of(f.tile)).region : Region::Full;
  if (f.region != region) complain("a copy of the wrong part of a tile");
  Place& from = f.source == DeviceId::Home ? home(f.tile) : block(f.source, f.source_block);
  if (from.content.kind != Content::Kind::Tile || from.content.tile != f.tile) {
    complain("a copy reads a place that does not hold its tile");
  }
  if (from.writers > 0) complain("a copy reads a place that is being written");
  check_kind(f.device, f.block, is_output(f.tile));
  Place& to = block(f.device, f.block);
  if (to.readers > 0 || to.writers > 0) complain("a copy overwrites a block in use");
  ++from.readers;
  ++to.writers;
  to.content = {};
}

void ModelMachine::begin(const Compute& c) {
  const tile::Task task = graph_.task(c.task);
  steps_begun_ += c.step_count;
  if (c.stream < 0 || c.stream >= spec(c.device).streams) complain("no such stream");
  int32_t queued = 1;
  for (const Running& r : running_) {
    const auto* other = std::get_if<Compute>(&r.command);
    if (other == nullptr || other->device != c.device) continue;
    if (other->stream != c.stream) {
      if (other->task == c.task) complain("a task in two streams");
      continue;
    }
    const bool shared = spec(c.device).tasks > spec(c.device).streams;
    if (++queued > kMostQueued || (other->task != c.task && !shared))
      complain("too much in one stream");
  }
  if (is_home(c.task)) complain("a task is computed that is home already");
  if (spec(c.device).memory == Memory::Home) {
    check_home_inputs(c.task);
    check_may_write_home(c.task);
    Place& out = home(task.output);
    if (out.writers > 0) complain("a kernel at home overwrites a tile that is being written");
    set_torn(task.output, true);
    if (c.first_step != 0 || c.step_count != task.step_count) {
      complain("a device at home got a part of a task");
    }
    ++out.writers;
    return;
  }
  if (c.step_count != 1) complain("more than one step on an arena device");
  const tile::Step step = graph_.step(c.task, c.first_step);
  if (step.a != TileId::None) {
    check_input(block(c.device, c.a), step.a);
    ++block(c.device, c.a).readers;
  }
  if (step.b != TileId::None) {
    check_input(block(c.device, c.b), step.b);
    ++block(c.device, c.b).readers;
  }
  // Kernels queued in one stream share C: only the first of them finds it idle, which end() checks by the steps' order.
  check_kind(c.device, c.c, true);
  Place& out = block(c.device, c.c);
  if (out.readers > 0) complain("a kernel overwrites a block that is being read");
  ++out.writers;
}

void ModelMachine::begin(const Store& s) {
  Place& from = block(s.device, s.c);
  const tile::Task task = graph_.task(s.task);
  if (from.content.kind != Content::Kind::Output || from.content.task != s.task ||
      from.content.steps_done != task.step_count || from.writers > 0) {
    complain("a store of something else than the finished output");
  }
  check_may_write_home(s.task);
  Place& to = home(task.output);
  if (to.writers > 0) complain("two stores of one tile");
  if (to.content.committed_version) complain("a tile is stored twice");
  set_torn(task.output, true);
  ++from.readers;
  ++to.writers;
}

void ModelMachine::end(const Fetch& f, bool done) {
  Place& from = f.source == DeviceId::Home ? home(f.tile) : block(f.source, f.source_block);
  Place& to = block(f.device, f.block);
  --to.writers;
  to.content = {};
  if (done && !torn_) {
    to.content = from.content;
    // The output's own block: its old value, no step done yet.
    if (is_output(f.tile) && !from.content.committed_version) to.content.task = writer_of(f.tile);
  }
  --from.readers;
}

void ModelMachine::end(const Compute& c, bool done) {
  const tile::Task task = graph_.task(c.task);
  if (spec(c.device).memory == Memory::Home) {
    Place& out = home(task.output);
    --out.writers;
    if (!done) {
      set_torn(task.output, false);
      return;
    }
    check_home_inputs(c.task);
    if (out.content.committed_version) complain("a tile is computed twice at home");
    out.content.committed_version = true;
    ++writes_[static_cast<size_t>(tile::index(c.task))];
    return;
  }
  const tile::Step step = graph_.step(c.task, c.first_step);
  Place& out = block(c.device, c.c);
  --out.writers;
  if (step.a != TileId::None) --block(c.device, c.a).readers;
  if (step.b != TileId::None) --block(c.device, c.b).readers;
  if (!done) {
    out.content = {};
    return;
  }
  if (step.a != TileId::None) check_input(block(c.device, c.a), step.a);
  if (step.b != TileId::None) check_input(block(c.device, c.b), step.b);
  const Content& now = out.content;
  if (c.first_step == 0) {
    const bool has_old =
        now.kind == Content::Kind::Tile && now.tile == task.output && !now.committed_version;
    if (task.reads_output && !has_old) complain("a first step without the old value of C");
  } else if (now.kind == Content::Kind::Garbage) {
    return;  // after a failed kernel of the same task: its result is never stored, which begin(Store) checks
  } else if (now.kind != Content::Kind::Output || now.task != c.task ||
             now.steps_done != c.first_step) {
    complain("a step out of order");
  }
  out.content = {Content::Kind::Output, task.output, false, c.task, c.first_step + 1};
}

void ModelMachine::end(const Store& s, bool done) {
  Place& from = block(s.device, s.c);
  --from.readers;
  const tile::Task task = graph_.task(s.task);
  Place& to = home(task.output);
  --to.writers;
  if (!done) {
    set_torn(task.output, false);
    return;
  }
  to.content.committed_version = true;
  ++writes_[static_cast<size_t>(tile::index(s.task))];
  // The block now holds a valid copy of the new value.
  from.content = {Content::Kind::Tile, task.output, true, TaskId::None, 0};
}

void ModelMachine::check_complete() const {
  int64_t steps = 0;
  for (size_t t = 0; t < writes_.size(); ++t) {
    steps += graph_.task(TaskId{static_cast<int32_t>(t)}).step_count;
    if (writes_[t] != 1) {
      complain("output of task " + std::to_string(t) + " written " + std::to_string(writes_[t]) +
               " times");
    }
  }
  if (!running_.empty()) complain("operations left");
  if (quiet_ && steps != steps_begun_) complain("steps computed more than once");
}

}  // namespace blasx::schedule
