// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clients/nn/layers/cpu/convolution.hpp"
#include "clients/nn/layers/cpu/dnnl_describe.hpp"
#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/memory/block.hpp"

namespace nn::cpu {
namespace {

using dnnl::memory;

// A tensor as we have it and as a kernel wants it: where they differ, a copy of it lies in the workspace.
struct Operand {
  memory::desc ours;
  memory::desc wanted;
  int64_t offset = -1;  // in the workspace; -1: no copy

  memory place(void* data, void* workspace) const {
    if (offset < 0) return view(ours, data);
    return view(wanted, static_cast<std::byte*>(workspace) + offset);
  }
  memory load(const void* data, void* workspace) const {
    memory there = place(const_cast<void*>(data), workspace);
    if (offset >= 0) copy(view(ours, data), there);
    return there;
  }
  void store(const memory& there, void* data) const {
    if (offset >= 0) copy(there, view(ours, data));
  }

 private:
  static void copy(memory from, memory to) {
    run(dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  }
};

class Layout {
 public:
  Operand operand(const memory::desc& ours, const memory::desc& wanted) {
    return {ours, wanted, ours == wanted ? -1 : take(static_cast<int64_t>(wanted.get_size()))};
  }
  int64_t take(int64_t bytes) {
    const int64_t offset = bytes_;
    bytes_ += nn::memory::rounded(bytes);
    return offset;
  }
  int64_t bytes() const { return bytes_; }

 private:
  int64_t bytes_ = 0;
};

// A primitive with its operands and scratch.
template <class Primitive>
struct Pass {
  typename Primitive::primitive_desc desc;
  Primitive primitive;
  Layout layout;
  Operand src, weights, dst;  // or their gradients, in the same places
  int64_t scratch = 0;

  void prepare(const typename Primitive::primitive_desc& from, const memory::desc& src_ours,
               const memory::desc& src_wanted, const memory::desc& weights_ours,
               const memory::desc& weights_wanted, const memory::desc& dst_ours,
               const memory::desc& dst_wanted) {
    desc = from;
    primitive = Primitive(desc);
    src = layout.operand(src_ours, src_wanted);
    weights = layout.operand(weights_ours, weights_wanted);
    dst = layout.operand(dst_ours, dst_wanted);
    scratch = layout.take(static_cast<int64_t>(desc.scratchpad_desc().get_size()));
  }
  memory scratchpad(void* workspace) const {
    return view(desc.scratchpad_desc(), static_cast<std::byte*>(workspace) + scratch);
  }
};

class ByDnnl : public ConvolutionWay {
 public:
  ByDnnl(const graph::Network& network, int index, dnnl::algorithm algorithm)
      : winograd_(algorithm == dnnl::algorithm::convolution_winograd) {
    const graph::Layer& layer = layer_of(network, index);
    const graph::Shape& in = input_of(network, index).out;
    bias_ = layer.bias;
    const memory::desc src = tensor(in);
    const memory::desc dst = tensor(layer.out);
    const memory::desc weights = tensor({layer.out.c, in.c, layer.kernel_h, layer.kernel_w});
    const describe::Convolution its{algorithm, src,
                                    weights,   bias_ ? vector(layer.out.c) : memory::desc(),
                                    dst,       window_of(layer, in)};
    const auto forward = describe::convolution(its);
    forward_.prepare(forward, src, forward.src_desc(), weights, forward.weights_desc(), dst,
                     forward.dst_desc());
    try {
      const auto data = describe::convolution_backward_data(forward, its);
      data_.prepare(data, src, data.diff_src_desc(), weights, data.weights_desc(), dst,
                    data.diff_dst_desc());
      const auto filter = describe::convolution_backward_weights(forward, its);
      filter_.prepare(filter, src, filter.src_desc(), weights, filter.diff_weights_desc(), dst,
                      filter.diff_dst_desc());
      goes_backward_ = true;
    } catch (const dnnl::error&) {
      goes_backward_ = false;  // the forward pass alone is worth having
    }
  }

  std::string name() const override { return winograd_ ? "winograd" : "direct"; }
  bool goes_backward() const override { return goes_backward_; }
  int64_t forward_bytes() const override { return forward_.layout.bytes(); }
  int64_t backward_bytes() const override {
    return std::max(data_.layout.bytes(), filter_.layout.bytes());
  }

  void forward(const Buffers& buffers) override {
    void* workspace = buffers.workspace;
    const memory dst = forward_.dst.place(buffers.output, workspace);
    Arguments arguments{{DNNL_ARG_SRC, forward_.src.load(buffers.inputs[0], workspace)},
                        {DNNL_ARG_WEIGHTS, forward_.weights.load(buffers.parameters[0], workspace)},
                        {DNNL_ARG_DST, dst},
                        {DNNL_ARG_SCRATCHPAD, forward_.scratchpad(workspace)}};
    if (bias_)
      arguments.emplace(DNNL_ARG_BIAS, view(forward_.desc.bias_desc(), buffers.parameters[1]));
    run(forward_.primitive, arguments);
    forward_.dst.store(dst, buffers.output);
  }

  void backward(const Buffers& buffers) override {
    void* workspace = buffers.workspace;
    void* weight_gradient = buffers.parameter_gradients[0];
    const memory weights = filter_.weights.place(weight_gradient, workspace);
    Arguments arguments{
        {DNNL_ARG_SRC, filter_.src.load(buffers.inputs[0], workspace)},
        {DNNL_ARG_DIFF_DST, filter_.dst.load(buffers.output_gradients[0], workspace)},
        {DNNL_ARG_DIFF_WEIGHTS, weights},
        {DNNL_ARG_SCRATCHPAD, filter_.scratchpad(workspace)}};
    if (bias_)
      arguments.emplace(DNNL_ARG_DIFF_BIAS,
                        view(filter_.desc.diff_bias_desc(), buffers.parameter_gradients[1]));
    run(filter_.primitive, arguments);
    filter_.weights.store(weights, weight_gradient);
    if (buffers.input_gradients[0] == nullptr) return;
    const memory src = data_.src.place(buffers.input_gradients[0], workspace);
    run(data_.primitive,
        {{DNNL_ARG_DIFF_SRC, src},
         {DNNL_ARG_WEIGHTS, data_.weights.load(buffers.parameters[0], workspace)},
         {DNNL_ARG_DIFF_DST, data_.dst.load(buffers.output_gradients[0], workspace)},
         {DNNL_ARG_SCRATCHPAD, data_.scratchpad(workspace)}});
    data_.src.store(src, buffers.input_gradients[0]);
  }

 private:
  bool winograd_;
  bool bias_ = false;
  bool goes_backward_ = false;
  Pass<dnnl::convolution_forward> forward_;
  Pass<dnnl::convolution_backward_data> data_;
  Pass<dnnl::convolution_backward_weights> filter_;
};

}  // namespace

std::unique_ptr<ConvolutionWay> by_dnnl(const graph::Network& network, int layer,
                                        dnnl::algorithm algorithm) {
  try {
    return std::make_unique<ByDnnl>(network, layer, algorithm);
  } catch (const dnnl::error& error) {
    if (error.status != dnnl_unimplemented) throw;
    return nullptr;
  }
}

}  // namespace nn::cpu
