// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/residence.hpp"

#include <algorithm>
#include <limits>

namespace memsched {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max() / 64 / 2 * 64;

}  // namespace

Residence::Residence(const Lives& lives, int64_t capacity_bytes, int steps, Schedule& schedule)
    : lives_(lives),
      schedule_(schedule),
      arena_(capacity_bytes == 0 ? kNoLimit : capacity_bytes / 64 * 64),
      states_(static_cast<size_t>(lives.size())) {
  schedule_.step_peak_bytes.assign(static_cast<size_t>(steps), 0);
  schedule_.step_workspace_bytes.assign(static_cast<size_t>(steps), 0);
  schedule_.step_replays.assign(static_cast<size_t>(steps), 0);
}

void Residence::emit(ActionKind kind, int tensor) {
  Action action;
  action.kind = kind;
  action.tensor = lives_[tensor].id;
  action.step = step_;
  action.layer = action.tensor.layer;
  action.offset_bytes = std::max<int64_t>(at(tensor).offset, 0);
  action.bytes = lives_[tensor].bytes;
  schedule_.actions.push_back(action);
}

void Residence::used(int64_t change_bytes) {
  used_bytes_ += change_bytes;
  int64_t& step_peak = schedule_.step_peak_bytes[static_cast<size_t>(step_)];
  step_peak = std::max(step_peak, used_bytes_);
  schedule_.peak_bytes = std::max(schedule_.peak_bytes, used_bytes_);
  schedule_.block_peak_bytes = std::max(schedule_.block_peak_bytes, arena_.used_bytes());
  schedule_.arena_bytes = arena_.high_water_bytes();
}

void Residence::begin_step(int step) {
  step_ = step;
  used(0);
}

bool Residence::place(int tensor) {
  const auto offset = arena_.allocate(lives_[tensor].bytes);
  if (!offset) return false;
  at(tensor).offset = *offset;
  by_offset_[*offset] = tensor;
  resident_.insert(tensor);
  used(lives_[tensor].bytes);
  emit(ActionKind::Place, tensor);
  return true;
}

bool Residence::compact(int64_t bytes) {
  const auto moves = arena_.compact(bytes);
  for (const Arena::Move& move : moves) {
    const auto moved = by_offset_.extract(move.from);
    const int tensor = moved.mapped();
    at(tensor).offset = move.to;
    by_offset_[move.to] = tensor;
    schedule_.bytes_compacted += lives_[tensor].bytes;
    emit(ActionKind::Move, tensor);
  }
  return !moves.empty();
}

void Residence::release(int tensor) {
  emit(ActionKind::Release, tensor);
  arena_.release(at(tensor).offset);
  by_offset_.erase(at(tensor).offset);
  resident_.erase(tensor);
  at(tensor).offset = -1;
  used(-lives_[tensor].bytes);
}

void Residence::copy_out(int tensor) {
  emit(ActionKind::CopyOut, tensor);
  at(tensor).host = true;
  host_bytes_ += lives_[tensor].bytes;
  schedule_.host_peak_bytes = std::max(schedule_.host_peak_bytes, host_bytes_);
  schedule_.bytes_out += lives_[tensor].bytes;
}

void Residence::copy_in(int tensor) {
  emit(ActionKind::CopyIn, tensor);
  schedule_.bytes_in += lives_[tensor].bytes;
}

void Residence::drop_host(int tensor) {
  emit(ActionKind::DropHost, tensor);
  at(tensor).host = false;
  host_bytes_ -= lives_[tensor].bytes;
}

std::optional<int64_t> Residence::workspace(int64_t bytes) {
  if (bytes == 0) return 0;
  const auto offset = arena_.allocate(bytes);
  if (offset) used(bytes);
  return offset;
}

void Residence::end_workspace(int64_t workspace_bytes, int64_t offset) {
  if (workspace_bytes == 0) return;
  arena_.release(offset);
  used(-workspace_bytes);
}

void Residence::run(int step, int algorithm, int64_t workspace_bytes, int64_t offset) {
  Action action;
  action.step = step;
  action.algorithm = algorithm;
  action.offset_bytes = offset;
  action.bytes = workspace_bytes;
  schedule_.actions.push_back(action);
  schedule_.step_workspace_bytes[static_cast<size_t>(step)] = workspace_bytes;
  end_workspace(workspace_bytes, offset);
}

void Residence::replay(int layer, int algorithm, int64_t workspace_bytes, int64_t offset) {
  Action action;
  action.kind = ActionKind::Replay;
  action.step = step_;
  action.layer = layer;
  action.algorithm = algorithm;
  action.offset_bytes = offset;
  action.bytes = workspace_bytes;
  schedule_.actions.push_back(action);
  ++schedule_.replays;
  ++schedule_.step_replays[static_cast<size_t>(step_)];
  end_workspace(workspace_bytes, offset);
}

}  // namespace memsched
