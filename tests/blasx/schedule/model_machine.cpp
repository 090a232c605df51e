// SPDX-License-Identifier: Apache-2.0
#include "tests/blasx/schedule/model_machine.hpp"

#include <stdexcept>

namespace blasx::schedule {

ModelMachine::ModelMachine(const tile::TaskGraph& graph, const std::vector<DeviceSpec>& specs)
    : graph_(graph),
      specs_(specs),
      blocks_(specs.size()),
      home_(static_cast<size_t>(graph.tile_count())),
      writes_(static_cast<size_t>(graph.task_count()), 0) {
  for (size_t d = 0; d < specs.size(); ++d) {
    blocks_[d].resize(static_cast<size_t>(std::max(0, specs[d].blocks)));
  }
  for (int32_t t = 0; t < graph.tile_count(); ++t) {
    home_[static_cast<size_t>(t)].content = {Content::Kind::Tile, TileId{t}, false, TaskId::None,
                                             0};
  }
  for (int32_t t = 0; t < graph.task_count(); ++t) {
    writer_of_[graph.task(TaskId{t}).output] = TaskId{t};
  }
}

void ModelMachine::complain(const std::string& what) const { throw std::runtime_error(what); }

ModelMachine::Place& ModelMachine::block(DeviceId d, BlockId b) {
  auto& blocks = blocks_.at(static_cast<size_t>(index(d)));
  if (index(b) < 0 || static_cast<size_t>(index(b)) >= blocks.size()) complain("no such block");
  return blocks[static_cast<size_t>(index(b))];
}

bool ModelMachine::is_output(TileId t) const { return writer_of_.count(t) != 0; }

void ModelMachine::check_input(const Place& place, TileId wanted) const {
  const Content& c = place.content;
  if (c.kind != Content::Kind::Tile || c.tile != wanted) complain("a kernel reads the wrong tile");
  if (place.writers > 0) complain("a kernel reads a block that is being written");
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

void ModelMachine::issue(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    const OpId op = std::visit([](const auto& c) { return c.op; }, command);
    std::visit([this](const auto& c) { begin(c); }, command);
    if (!running_.emplace(static_cast<int64_t>(op), Running{command, issued_++}).second) {
      complain("an operation's name is used twice");
    }
  }
}

void ModelMachine::set_torn(TileId t, bool torn) {
  for (auto& [id, r] : running_) {
    const auto* fetch = std::get_if<Fetch>(&r.command);
    if (fetch != nullptr && fetch->source == DeviceId::Home && fetch->tile == t) r.torn = torn;
  }
}

void ModelMachine::begin(const Fetch& f) {
  Place& from = f.source == DeviceId::Home ? home(f.tile) : block(f.source, f.source_block);
  if (from.content.kind != Content::Kind::Tile || from.content.tile != f.tile) {
    complain("a copy reads a place that does not hold its tile");
  }
  if (from.writers > 0) complain("a copy reads a place that is being written");
  Place& to = block(f.device, f.block);
  if (to.readers > 0 || to.writers > 0) complain("a copy overwrites a block in use");
  ++from.readers;
  ++to.writers;
  to.content = {};
}

void ModelMachine::begin(const Compute& c) {
  if (specs_[static_cast<size_t>(index(c.device))].memory == Memory::Home) {
    check_home_inputs(c.task);
    Place& out = home(graph_.task(c.task).output);
    if (out.writers > 0) complain("a kernel at home overwrites a tile that is being written");
    set_torn(graph_.task(c.task).output, true);
    if (c.first_step != 0 || c.step_count != graph_.task(c.task).step_count) {
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
  Place& to = home(task.output);
  if (to.writers > 0) complain("two stores of one tile");
  if (to.content.committed_version) complain("a tile is stored twice");
  set_torn(task.output, true);
  ++from.readers;
  ++to.writers;
}

std::vector<OpId> ModelMachine::answerable() const {
  std::map<std::pair<int32_t, int32_t>, std::pair<int64_t, OpId>> first_of_stream;
  std::vector<OpId> ops;
  for (const auto& [id, r] : running_) {
    const auto* c = std::get_if<Compute>(&r.command);
    if (c == nullptr) {
      ops.push_back(OpId{id});
      continue;
    }
    const auto key = std::make_pair(index(c->device), c->stream);
    const auto it = first_of_stream.find(key);
    if (it == first_of_stream.end() || r.order < it->second.first) {
      first_of_stream[key] = {r.order, OpId{id}};
    }
  }
  for (const auto& [key, first] : first_of_stream) ops.push_back(first.second);
  return ops;
}

DeviceId ModelMachine::obstacle(OpId op) const {
  const Command& command = running_.at(static_cast<int64_t>(op)).command;
  const DeviceId d = std::visit([](const auto& c) { return c.device; }, command);
  if (is_lost(d)) return d;
  const auto* fetch = std::get_if<Fetch>(&command);
  if (fetch != nullptr && fetch->source != DeviceId::Home && is_lost(fetch->source)) {
    return fetch->source;
  }
  return DeviceId::Home;
}

OpDone ModelMachine::finish(OpId op) {
  const Running r = running_.at(static_cast<int64_t>(op));
  running_.erase(static_cast<int64_t>(op));
  torn_ = r.torn;
  std::visit([this](const auto& c) { end(c, true); }, r.command);
  return {op, 0};
}

OpFailed ModelMachine::fail(OpId op) {
  const DeviceId lost = obstacle(op);
  const Running r = running_.at(static_cast<int64_t>(op));
  running_.erase(static_cast<int64_t>(op));
  std::visit([this](const auto& c) { end(c, false); }, r.command);
  return {op, lost};
}

void ModelMachine::end(const Fetch& f, bool done) {
  Place& from = f.source == DeviceId::Home ? home(f.tile) : block(f.source, f.source_block);
  Place& to = block(f.device, f.block);
  --to.writers;
  to.content = {};
  if (done && !torn_) {
    to.content = from.content;
    // The output's own block: its old value, no step done yet.
    const auto writer = writer_of_.find(f.tile);
    if (writer != writer_of_.end() && !from.content.committed_version) {
      to.content.task = writer->second;
    }
  }
  --from.readers;
}

void ModelMachine::end(const Compute& c, bool done) {
  const tile::Task task = graph_.task(c.task);
  if (specs_[static_cast<size_t>(index(c.device))].memory == Memory::Home) {
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
  for (size_t t = 0; t < writes_.size(); ++t) {
    if (writes_[t] != 1) {
      complain("output of task " + std::to_string(t) + " written " + std::to_string(writes_[t]) +
               " times");
    }
  }
  if (!running_.empty()) complain("operations left");
}

}  // namespace blasx::schedule
