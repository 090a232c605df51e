// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/run/executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace nn {
namespace {

using graph::TensorId;
using graph::TensorKind;

size_t at(int index) { return static_cast<size_t>(index); }

}  // namespace

Executor::Executor(const Compiled& compiled, graph::MemoryGovernor& governor)
    : compiled_(compiled),
      governor_(governor),
      device_(*compiled.device),
      parameters_(compiled.network, compiled.element_bytes, device_),
      arena_(device_.take(governor.arena_bytes())),
      offsets_(at(compiled.layers())) {
  for (const Parameter& parameter : parameters_.all())
    offsets_[at(parameter.layer)].push_back(parameter.offset_elems);
}

Executor::~Executor() { device_.quiesce(); }

Outcome Executor::train(const void* images, const Iteration& iteration,
                        const std::function<void(int layer)>& ready,
                        const std::function<void(const Outcome&)>& known) {
  Outcome outcome;
  iteration_ = iteration;
  iteration_.loss_sum = &outcome.loss_sum;
  iteration_.correct = &outcome.correct;
  governor_.begin_iteration(*this);
  forward(images);
  if (known) known(outcome);
  for (int layer = compiled_.layers() - 1; layer >= 0; --layer) {
    const int step = 2 * compiled_.layers() - 1 - layer;
    const int algorithm = governor_.before(step, *this);
    backward_layer(layer, algorithm);
    governor_.after(step, *this);
    if (ready) ready(layer);
  }
  governor_.end_iteration(*this);
  return outcome;
}

Outcome Executor::evaluate(const void* images, const Iteration& iteration, void* probabilities) {
  Outcome outcome;
  iteration_ = iteration;
  iteration_.training = false;
  iteration_.loss_sum = &outcome.loss_sum;
  iteration_.correct = &outcome.correct;
  governor_.begin_iteration(*this);
  forward(images);
  const int last = compiled_.layers() - 1;
  if (probabilities != nullptr)
    device_.download(probabilities, data({TensorKind::Output, last, 0}),
                     compiled_.costs.layers[at(last)].output_bytes);
  governor_.end_iteration(*this);
  return outcome;
}

void Executor::forward(const void* images) {
  images_ = images;
  for (int layer = 0; layer < compiled_.layers(); ++layer) {
    const int algorithm = governor_.before(layer, *this);
    forward_layer(layer, iteration_, algorithm);
    governor_.after(layer, *this);
  }
}

void Executor::forward_layer(int layer, const Iteration& iteration, int algorithm) {
  const Buffers all = buffers(layer);
  if (compiled_.network.layers[at(layer)].kind == graph::LayerKind::Data)
    device_.upload(all.output, images_, compiled_.costs.layers[at(layer)].output_bytes);
  compiled_.kernels[at(layer)]->forward(all, iteration, algorithm);
  workspace(0, 0);
}

void Executor::replay(int layer, int algorithm) {
  Iteration again = iteration_;
  again.update_statistics = false;
  again.loss_sum = nullptr;
  forward_layer(layer, again, algorithm);
}

void Executor::backward_layer(int layer, int algorithm) {
  const graph::Network& network = compiled_.network;
  Buffers all = buffers(layer);
  const std::vector<int>& inputs = network.layers[at(layer)].inputs;
  for (size_t slot = 0; slot < inputs.size(); ++slot)
    all.input_gradients.push_back(
        data({TensorKind::Gradient, inputs[slot], network.branch(layer, static_cast<int>(slot))}));
  for (size_t branch = 0; branch < network.consumers[at(layer)].size(); ++branch)
    all.output_gradients.push_back(data({TensorKind::Gradient, layer, static_cast<int>(branch)}));
  for (const int64_t offset : offsets_[at(layer)])
    all.parameter_gradients.push_back(
        offset < parameters_.trained_elems() ? parameters_.gradient(offset) : nullptr);
  compiled_.kernels[at(layer)]->backward(all, iteration_, algorithm);
  workspace(0, 0);
}

Buffers Executor::buffers(int layer) {
  Buffers all;
  for (const int input : compiled_.network.layers[at(layer)].inputs)
    all.inputs.push_back(data({TensorKind::Output, input, 0}));
  all.output = data({TensorKind::Output, layer, 0});
  all.saved = data({TensorKind::Saved, layer, 0});
  all.workspace = workspace_bytes_ > 0 ? arena_.get() + workspace_offset_ : nullptr;
  for (const int64_t offset : offsets_[at(layer)])
    all.parameters.push_back(parameters_.value(offset));
  return all;
}

int64_t Executor::bytes_of(TensorId tensor) const {
  return graph::block_bytes(tensor_bytes(compiled_.costs, tensor));
}

void* Executor::data(TensorId tensor) {
  const auto home = homes_.find(tensor);
  if (home == homes_.end() || home->second.offset < 0) return nullptr;
  device_.await(home->second.copy);
  return arena_.get() + home->second.offset;
}

void Executor::use(int64_t offset, int64_t bytes) {
  const auto next = blocks_.lower_bound(offset);
  const bool over_next = next != blocks_.end() && next->first < offset + bytes;
  const bool over_last =
      next != blocks_.begin() && std::prev(next)->first + std::prev(next)->second > offset;
  if (over_next || over_last || offset < 0 || offset + bytes > governor_.arena_bytes())
    throw std::logic_error(
        fmt::format("a block of {} bytes at {} lies over another, or outside", bytes, offset));
  blocks_.emplace(offset, bytes);
  placed_bytes_ += bytes;
  high_water_bytes_ = std::max(high_water_bytes_, offset + bytes);
  peak_bytes_ = std::max(peak_bytes_, placed_bytes_);
}

void Executor::drop(int64_t offset, int64_t bytes) {
  if (blocks_.erase(offset) == 0) throw std::logic_error("release of what is not placed");
  placed_bytes_ -= bytes;
}

void Executor::place(TensorId tensor, int64_t offset_bytes) {
  use(offset_bytes, bytes_of(tensor));
  homes_[tensor].offset = offset_bytes;
}

void Executor::release(TensorId tensor) {
  Home& home = homes_.at(tensor);
  device_.await(home.copy);
  drop(home.offset, bytes_of(tensor));
  home.offset = -1;
}

void Executor::copy_out(TensorId tensor) {
  Home& home = homes_.at(tensor);
  const int64_t bytes = bytes_of(tensor);
  if (!home.host) home.host = device_.take_host(bytes);
  home.copy = device_.copy_out(home.host.get(), arena_.get() + home.offset, bytes);
}

void Executor::copy_in(TensorId tensor) {
  Home& home = homes_.at(tensor);
  home.copy = device_.copy_in(arena_.get() + home.offset, home.host.get(), bytes_of(tensor));
}

void Executor::move(TensorId tensor, int64_t offset_bytes) {
  const void* from = data(tensor);
  release(tensor);
  place(tensor, offset_bytes);
  device_.copy(arena_.get() + offset_bytes, from, bytes_of(tensor));
}

void Executor::drop_host(TensorId tensor) {
  Home& home = homes_.at(tensor);
  device_.await(home.copy);
  home.host.reset();
}

void Executor::workspace(int64_t offset_bytes, int64_t bytes) {
  if (workspace_bytes_ > 0) drop(workspace_offset_, workspace_bytes_);
  workspace_offset_ = offset_bytes;
  workspace_bytes_ = bytes > 0 ? graph::block_bytes(bytes) : 0;
  if (workspace_bytes_ > 0) use(workspace_offset_, workspace_bytes_);
}

}  // namespace nn
