// SPDX-License-Identifier: Apache-2.0
// Stands in for train.cpp where there is no oneDNN.
#include "clients/memsched/tools/train.hpp"
#include "clients/nn/error.hpp"

namespace memsched::tools {

int train(const Setting&, const Options&, const TrainArguments&) {
  throw nn::Error(
      "this memsched was built without oneDNN (libdnnl-dev, zlib1g-dev): it can plan, not train");
}

}  // namespace memsched::tools
