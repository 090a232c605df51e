// SPDX-License-Identifier: Apache-2.0
// The GPU's kernels, single precision: products by cuBLAS, the rest by cuDNN, copies and sums by both. All are told to the device's
// stream and do not wait for it, but for the loss, which is read.
#pragma once

#include <memory>
#include <string>

#include "clients/nn/layers/costs.hpp"
#include "clients/nn/layers/cuda/cuda_device.hpp"
#include "clients/nn/layers/kernel.hpp"

namespace nn::cuda {

std::unique_ptr<Kernel> make_data(const graph::Network& network, int layer);
// `first`: the algorithm that is listed first, where the layer has it.
std::unique_ptr<Kernel> make_convolution(const graph::Network& network, int layer,
                                         CudaDevice& device, const std::string& first);
std::unique_ptr<Kernel> make_fc(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_pooling(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_lrn(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_batch_norm(const graph::Network& network, int layer,
                                        CudaDevice& device);
std::unique_ptr<Kernel> make_relu(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_dropout(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_softmax_loss(const graph::Network& network, int layer,
                                          CudaDevice& device);
std::unique_ptr<Kernel> make_concat(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_add(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_rnn(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_lstm(const graph::Network& network, int layer, CudaDevice& device);
std::unique_ptr<Kernel> make_last_step(const graph::Network& network, int layer,
                                       CudaDevice& device);
std::unique_ptr<Kernel> make_fork(const graph::Network& network, int layer, CudaDevice& device);

}  // namespace nn::cuda
