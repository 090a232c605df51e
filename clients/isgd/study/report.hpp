// SPDX-License-Identifier: Apache-2.0
// The two methods side by side over several seeds.
#pragma once

#include <string>
#include <vector>

#include "clients/isgd/method/batch_size.hpp"
#include "clients/isgd/study/statistics.hpp"

namespace isgd {

// Seed i's runs are sgd[i] and isgd[i].
struct Study {
  std::vector<Curve> sgd, isgd;
  std::vector<int64_t> triggered, extra_gradients;  // of isgd
  double target = 0;  // accuracy; 0: the highest that every run reached
};

double target_of(const Study& study);
std::string table(const Study& study);
// What the model of the batch size says about this machine.
std::string advice(const Machine& machine, double loss);

}  // namespace isgd
