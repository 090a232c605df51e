// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/dnnl_use.hpp"

namespace nn::cpu {

const dnnl::engine& engine() {
  static const dnnl::engine the_engine(dnnl::engine::kind::cpu, 0);
  return the_engine;
}

dnnl::memory view(const dnnl::memory::desc& desc, const void* data) {
  return {desc, engine(), const_cast<void*>(data)};  // oneDNN's memory does not know of const
}

void run(const dnnl::primitive& primitive, const Arguments& arguments) {
  thread_local dnnl::stream stream(engine());
  primitive.execute(stream, arguments);
  stream.wait();
}

dnnl::memory::desc tensor(const graph::Shape& shape) {
  return {{shape.n, shape.c, shape.h, shape.w},
          dnnl::memory::data_type::f32,
          dnnl::memory::format_tag::nchw};
}

dnnl::memory::desc vector(int64_t elems) {
  return {{elems}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::x};
}

dnnl::primitive_attr own_scratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

}  // namespace nn::cpu
