// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "clients/nn/error.hpp"
#include "clients/nn/layers/cuda/kernels.hpp"

namespace nn::cuda {
namespace {

constexpr int64_t kWorkspaceAlignment = 256;

// An algorithm of cuDNN's with its workspace.
struct Way {
  std::string name;
  int number = 0;
  int64_t bytes = 0;
};

// Names by cuDNN's numbers; none: not deterministic, or not there.
using Names = std::array<const char*, 8>;
constexpr Names kForward{"direct", "gemm",      "gemm-all", nullptr,
                         "fft",    "fft-tiles", "winograd", "winograd-nonfused"};
constexpr Names kData{nullptr, "gemm", "fft", "fft-tiles", "winograd", "winograd-nonfused"};
constexpr Names kFilter{nullptr, "gemm", "fft", nullptr, nullptr, "winograd-nonfused", "fft-tiles"};

// Those that work for the layer, in cuDNN's order of preference, those called `first` before.
// `perfs`: what cuDNN recommends; bytes(algorithm, &bytes) asks for a workspace.
template <class Perf, size_t kMost, class Bytes>
std::vector<Way> ways_of(const std::array<Perf, kMost>& perfs, int count, const Names& names,
                         const std::string& first, const Bytes& bytes) {
  std::vector<Way> ways;
  for (const Perf& perf : perfs) {
    if (&perf - perfs.data() >= count) break;
    const auto number = static_cast<int>(perf.algo);
    const char* name = names[static_cast<size_t>(number)];
    const bool listed =
        std::any_of(ways.begin(), ways.end(), [&](const Way& way) { return way.number == number; });
    size_t workspace = 0;
    if (perf.status != CUDNN_STATUS_SUCCESS || name == nullptr || listed ||
        bytes(perf.algo, &workspace) != CUDNN_STATUS_SUCCESS)
      continue;
    // Room to begin on a multiple of the alignment.
    const auto needed = static_cast<int64_t>(workspace);
    ways.push_back({name, number, needed > 0 ? needed + kWorkspaceAlignment : 0});
  }
  if (ways.empty()) throw Error("cuDNN has no deterministic kernel for it");
  std::stable_partition(ways.begin(), ways.end(), [&](const Way& way) {
    return !first.empty() && way.name.starts_with(first);
  });
  return ways;
}

class Convolution : public Kernel {
 public:
  Convolution(const graph::Network& network, int index, CudaDevice& device,
              const std::string& first)
      : layer_(layer_of(network, index)),
        device_(device),
        in_(tensor(input_of(network, index).out)),
        out_(tensor(layer_.out)),
        bias_(vector(layer_.out.c)) {
    describe(input_of(network, index).out);
    list_forward(first);
    list_backward(first, network.needs_gradient(layer_.inputs[0]));
    costs_ = costs_of(layer_, {.reads_input = true});
    costs_.forward.clear();
    costs_.backward.clear();
    for (const Way& way : forward_) costs_.forward.push_back({way.name, way.bytes, 0});
    for (const auto& [data, filter] : backward_)
      costs_.backward.push_back({data.name.empty() ? filter.name : data.name + "+" + filter.name,
                                 std::max(data.bytes, filter.bytes), 0});
  }

  graph::LayerCosts costs() const override { return costs_; }

  void forward(const Buffers& buffers, const Iteration&, int algorithm) override {
    const Way& way = forward_[static_cast<size_t>(algorithm)];
    check(cudnnConvolutionForward(device_.dnn(), &kOne, in_.get(), buffers.inputs[0],
                                  weights_.get(), buffers.parameters[0], shape_.get(),
                                  static_cast<cudnnConvolutionFwdAlgo_t>(way.number),
                                  workspace(buffers, way), bytes(way), &kZero, out_.get(),
                                  buffers.output),
          "cudnnConvolutionForward");
    if (layer_.bias)
      check(cudnnAddTensor(device_.dnn(), &kOne, bias_.get(), buffers.parameters[1], &kOne,
                           out_.get(), buffers.output),
            "cudnnAddTensor");
  }

  void backward(const Buffers& buffers, const Iteration&, int algorithm) override {
    const auto& [data, filter] = backward_[static_cast<size_t>(algorithm)];
    const void* gradient = buffers.output_gradients[0];
    check(
        cudnnConvolutionBackwardFilter(
            device_.dnn(), &kOne, in_.get(), buffers.inputs[0], out_.get(), gradient, shape_.get(),
            static_cast<cudnnConvolutionBwdFilterAlgo_t>(filter.number), workspace(buffers, filter),
            bytes(filter), &kZero, weights_.get(), buffers.parameter_gradients[0]),
        "cudnnConvolutionBackwardFilter");
    if (layer_.bias)
      check(cudnnConvolutionBackwardBias(device_.dnn(), &kOne, out_.get(), gradient, &kZero,
                                         bias_.get(), buffers.parameter_gradients[1]),
            "cudnnConvolutionBackwardBias");
    if (buffers.input_gradients[0] == nullptr) return;
    check(cudnnConvolutionBackwardData(
              device_.dnn(), &kOne, weights_.get(), buffers.parameters[0], out_.get(), gradient,
              shape_.get(), static_cast<cudnnConvolutionBwdDataAlgo_t>(data.number),
              workspace(buffers, data), bytes(data), &kZero, in_.get(), buffers.input_gradients[0]),
          "cudnnConvolutionBackwardData");
  }

 private:
  static size_t bytes(const Way& way) {
    return static_cast<size_t>(way.bytes > 0 ? way.bytes - kWorkspaceAlignment : 0);
  }
  static void* workspace(const Buffers& buffers, const Way& way) {
    if (way.bytes == 0) return nullptr;
    const auto place = reinterpret_cast<uintptr_t>(buffers.workspace);
    constexpr auto kStep = static_cast<uintptr_t>(kWorkspaceAlignment);
    return static_cast<std::byte*>(buffers.workspace) + (kStep - place % kStep) % kStep;
  }

  void describe(const graph::Shape& in) {
    cudnnFilterDescriptor_t filter = nullptr;
    check(cudnnCreateFilterDescriptor(&filter), "cudnnCreateFilterDescriptor");
    weights_.reset(filter);
    check(cudnnSetFilter4dDescriptor(filter, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NCHW,
                                     static_cast<int>(layer_.out.c), static_cast<int>(in.c),
                                     static_cast<int>(layer_.kernel_h),
                                     static_cast<int>(layer_.kernel_w)),
          "cudnnSetFilter4dDescriptor");
    cudnnConvolutionDescriptor_t shape = nullptr;
    check(cudnnCreateConvolutionDescriptor(&shape), "cudnnCreateConvolutionDescriptor");
    shape_.reset(shape);
    const auto stride = static_cast<int>(layer_.stride);
    check(cudnnSetConvolution2dDescriptor(shape, static_cast<int>(layer_.pad_h),
                                          static_cast<int>(layer_.pad_w), stride, stride, 1, 1,
                                          CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT),
          "cudnnSetConvolution2dDescriptor");
    // Without it tensor cores round to 10 bits.
    check(cudnnSetConvolutionMathType(shape, CUDNN_FMA_MATH), "cudnnSetConvolutionMathType");
  }

  void list_forward(const std::string& first) {
    std::array<cudnnConvolutionFwdAlgoPerf_t, CUDNN_CONVOLUTION_FWD_ALGO_COUNT> perfs{};
    int count = 0;
    check(cudnnGetConvolutionForwardAlgorithm_v7(
              device_.dnn(), in_.get(), weights_.get(), shape_.get(), out_.get(),
              static_cast<int>(perfs.size()), &count, perfs.data()),
          "cudnnGetConvolutionForwardAlgorithm_v7");
    forward_ = ways_of(perfs, count, kForward, first, [&](auto algorithm, size_t* bytes) {
      return cudnnGetConvolutionForwardWorkspaceSize(device_.dnn(), in_.get(), weights_.get(),
                                                     shape_.get(), out_.get(), algorithm, bytes);
    });
  }

  // Pairs: by the input and by the weights; the latter alone where nobody wants the former.
  void list_backward(const std::string& first, bool by_input) {
    std::array<cudnnConvolutionBwdFilterAlgoPerf_t, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT>
        filters{};
    std::array<cudnnConvolutionBwdDataAlgoPerf_t, CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT> datas{};
    int count = 0;
    check(cudnnGetConvolutionBackwardFilterAlgorithm_v7(
              device_.dnn(), in_.get(), out_.get(), shape_.get(), weights_.get(),
              static_cast<int>(filters.size()), &count, filters.data()),
          "cudnnGetConvolutionBackwardFilterAlgorithm_v7");
    const auto filter = ways_of(filters, count, kFilter, first, [&](auto algorithm, size_t* bytes) {
      return cudnnGetConvolutionBackwardFilterWorkspaceSize(
          device_.dnn(), in_.get(), out_.get(), shape_.get(), weights_.get(), algorithm, bytes);
    });
    std::vector<Way> data{{}};
    if (by_input) {
      check(cudnnGetConvolutionBackwardDataAlgorithm_v7(
                device_.dnn(), weights_.get(), out_.get(), shape_.get(), in_.get(),
                static_cast<int>(datas.size()), &count, datas.data()),
            "cudnnGetConvolutionBackwardDataAlgorithm_v7");
      data = ways_of(datas, count, kData, first, [&](auto algorithm, size_t* bytes) {
        return cudnnGetConvolutionBackwardDataWorkspaceSize(
            device_.dnn(), weights_.get(), out_.get(), shape_.get(), in_.get(), algorithm, bytes);
      });
    }
    for (const Way& one : data)
      for (const Way& other : filter) backward_.emplace_back(one, other);
  }

  graph::Layer layer_;
  CudaDevice& device_;
  Tensor in_, out_, bias_;
  Filter weights_;
  ConvolutionShape shape_;
  std::vector<Way> forward_;
  std::vector<std::pair<Way, Way>> backward_;  // by the input, by the weights
  graph::LayerCosts costs_;
};

}  // namespace

std::unique_ptr<Kernel> make_convolution(const graph::Network& network, int layer,
                                         CudaDevice& device, const std::string& first) {
  return std::make_unique<Convolution>(network, layer, device, first);
}

}  // namespace nn::cuda
