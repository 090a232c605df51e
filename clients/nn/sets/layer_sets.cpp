// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/sets/layer_sets.hpp"

#include <blasx/blasx.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "clients/nn/error.hpp"
#include "clients/nn/layers/module.hpp"

namespace nn {
namespace {

// Beside libblasx, wherever that was found.
std::filesystem::path module_file() {
  Dl_info found{};
  if (dladdr(reinterpret_cast<const void*>(&blasx_version), &found) == 0) return {};
  return std::filesystem::path(found.dli_fname).parent_path() / kLayerModuleFile;
}

LayerModule open_module() {
  const std::filesystem::path file = module_file();
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    throw Error(fmt::format(
        "device cuda: this program was built without CUDA and cuDNN ({} is not beside libblasx)",
        kLayerModuleFile));
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error(fmt::format("device cuda: {}", dlerror()));
  auto* entry = reinterpret_cast<LayerModule>(dlsym(library, kLayerModule));
  if (entry == nullptr) throw Error(fmt::format("device cuda: {}", dlerror()));
  return entry;
}

std::unique_ptr<LayerSet> cuda_layers(const CudaOptions& options) {
  std::unique_ptr<LayerSet> set(open_module()(NN_MODULE_STAMP, options));
  if (!set) throw Error(fmt::format("device cuda: {} is of another build", kLayerModuleFile));
  return set;
}

}  // namespace

std::unique_ptr<LayerSet> layers_on(const std::string& device, const SetOptions& options) {
  if (device == "cpu") return std::make_unique<cpu::CpuLayers>(options.convolution, options.norms);
  CudaOptions cuda{
      .device = options.neighbour, .wraps = device == "cuda", .convolution = options.convolution};
  const std::string prefix = "cuda:";
  bool known = cuda.wraps;
  if (device.starts_with(prefix)) {
    const char* end = device.data() + device.size();
    const auto [at, wrong] = std::from_chars(device.data() + prefix.size(), end, cuda.device);
    known = wrong == std::errc() && at == end && cuda.device >= 0;
  }
  if (!known) throw Error(fmt::format("device {}: accepted are cpu, cuda and cuda:N", device));
  if (options.norms.sum)
    throw Error(
        "batch norm over all ranks' images is not there for GPUs: --sync-batch-norm needs --device "
        "cpu");
  return cuda_layers(cuda);
}

}  // namespace nn
