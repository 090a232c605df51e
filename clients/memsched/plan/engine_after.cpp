// SPDX-License-Identifier: Apache-2.0
// Engine: what leaves after a step, and what comes back before it is asked for.
#include <algorithm>

#include "clients/memsched/plan/engine.hpp"
#include "clients/memsched/plan/segments.hpp"

namespace memsched {

using nn::graph::TensorKind;

// Not wanted again before the backward pass.
bool Engine::backward_later(int tensor) const {
  return lives_.next_use(tensor, step_) >= network_.size();
}

void Engine::after_step() {
  if (with_.liveness) release_dead();
  if (lazy_) return;
  if (with_.recompute) drop_replayable();
  if (with_.offload) move_checkpoints();
}

void Engine::release_dead() {
  for (const int tensor : lives_.ending_after(step_)) {
    if (where_.on_device(tensor)) where_.release(tensor);
    if (where_.on_host(tensor)) where_.drop_host(tensor);
  }
}

void Engine::drop_replayable() {
  const std::set<int> resident = where_.resident();
  for (const int tensor : resident) {
    if (!lives_[tensor].recomputable) continue;
    const bool forward = is_forward(network_, step_);
    const bool sparing = memory_centric_[static_cast<size_t>(lives_[tensor].id.layer)];
    const bool goes = forward ? backward_later(tensor) : sparing;
    if (goes && lives_.next_use(tensor, step_) != step_ + 1) where_.release(tensor);
  }
}

// The copy out starts behind the step that made it and goes on beside the next; so it leaves after the first step that
// does not name it. In backward its host copy is there already, and the same rule gives replays a source that stays
// for one step more.
void Engine::move_checkpoints() {
  const auto is_moved = [&](int tensor) {
    const Tensor& t = lives_[tensor];
    return t.id.kind == TensorKind::Output && !t.recomputable && t.end >= network_.size() &&
           is_checkpoint(network_.layers[static_cast<size_t>(t.id.layer)].kind);
  };
  if (is_forward(network_, step_))
    for (const int tensor : lives_.named(step_).writes)
      if (is_moved(tensor) && where_.on_device(tensor)) where_.copy_out(tensor);
  const std::set<int> resident = where_.resident();
  for (const int tensor : resident) {
    const auto i = static_cast<size_t>(tensor);
    if (!where_.on_host(tensor) || touched_at_[i] == step_ || awaited_at_[i] > step_) continue;
    if (backward_later(tensor) && lives_.next_use(tensor, step_) != step_ + 1)
      where_.release(tensor);
  }
}

// What the steps up to the next checkpoint's backward need from the host comes while this step runs.
void Engine::prefetch() {
  if (!with_.offload || step_ + 1 < network_.size()) return;
  if (guide_ == nullptr && !lazy_) return;
  for (int later = step_ + 1; later < network_.steps(); ++later) {
    if (!prefetch_for(later)) return;
    const int layer = layer_of_step(network_, later);
    if (is_checkpoint(network_.layers[static_cast<size_t>(layer)].kind)) return;
  }
}

bool Engine::prefetch_for(int later) {
  for (int tensor : lives_.named(later).reads) {
    // Replays will start from the first that is not to be replayed itself.
    while (!where_.on_device(tensor) && !where_.on_host(tensor) && lives_[tensor].recomputable)
      tensor =
          lives_.output(network_.layers[static_cast<size_t>(lives_[tensor].id.layer)].inputs[0]);
    if (where_.on_device(tensor) || !where_.on_host(tensor)) continue;
    if (!may_prefetch(tensor, later) || !where_.place(tensor)) return false;
    where_.copy_in(tensor);
    const auto i = static_cast<size_t>(tensor);
    awaited_at_[i] = later;
    used_at_[i] = now_;
    for (int s = step_; s < later; ++s) reserved_[static_cast<size_t>(s)] += lives_[tensor].bytes;
  }
  return true;
}

bool Engine::may_prefetch(int tensor, int later) const {
  if (guide_ == nullptr) return true;
  const int64_t bytes = lives_[tensor].bytes;
  if (where_.used_bytes() + bytes > guide_->limit_bytes) return false;
  for (int s = step_ + 1; s < later; ++s) {
    const auto i = static_cast<size_t>(s);
    if (guide_->step_peak_bytes[i] + reserved_[i] + bytes > guide_->limit_bytes) return false;
  }
  return true;
}

}  // namespace memsched
