// SPDX-License-Identifier: Apache-2.0
#include "tests/support/gpus.hpp"

#include <cstdlib>
#include <sstream>
#include <string>

namespace blasx::support {
namespace {

std::string variable(const char* name) {
  const char* text = std::getenv(name);
  return text != nullptr ? text : "";
}

}  // namespace

bool on_gpus() { return !variable("BLASX_TEST_GPUS").empty(); }

bool gpus_are_real() { return !variable("BLASX_TEST_GPU_IS_REAL").empty(); }

int64_t gpu_blocks() { return std::atoll(variable("BLASX_TEST_BLOCKS").c_str()); }

std::vector<std::vector<int32_t>> gpu_sets() {
  std::vector<std::vector<int32_t>> sets;
  std::stringstream text(variable("BLASX_TEST_GPUS"));
  for (std::string set; text >> set;) {
    sets.emplace_back();
    std::stringstream numbers(set);
    for (std::string number; std::getline(numbers, number, ',');) {
      sets.back().push_back(std::stoi(number));
    }
  }
  return sets;
}

runtime::ModuleOptions gpus(std::vector<int32_t> numbers) {
  runtime::ModuleOptions options;
  options.file = variable("BLASX_TEST_CUDA_MODULE");
  options.kind = "cuda";
  options.numbers = std::move(numbers);
  options.asked = true;
  return options;
}

}  // namespace blasx::support
