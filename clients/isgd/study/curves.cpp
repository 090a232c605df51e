// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/study/curves.hpp"

#include <fmt/format.h>

#include <cinttypes>
#include <cstdio>
#include <sstream>

#include "clients/nn/error.hpp"

namespace isgd {
namespace {

std::string head(std::string_view arguments) {
  return fmt::format(R"({{"arguments":"{}"}})", arguments);
}

std::string moments(const char* method, uint64_t seed, const Curve& curve) {
  std::string text;
  for (const Moment& m : curve)
    text += fmt::format(
        R"({{"method":"{}","seed":{},"gradients":{},"seconds":{:.4f},"loss":{:.6f},"accuracy":{:.6f}}})"
        "\n",
        method, seed, m.gradients, m.seconds, m.loss, m.accuracy);
  return text;
}

// False where the line is none of a moment.
bool moment_of(const std::string& line, const char* method, Curve& curve) {
  Moment m;
  uint64_t seed = 0;
  const std::string form =
      fmt::format(R"({{"method":"{}","seed":%)" SCNu64 R"(,"gradients":%)" SCNd64
                  R"(,"seconds":%lf,"loss":%lf,"accuracy":%lf}})",
                  method);
  // NOLINTNEXTLINE(cert-err34-c): how many numbers were read is looked at
  if (std::sscanf(line.c_str(), form.c_str(), &seed, &m.gradients, &m.seconds, &m.loss,
                  &m.accuracy) != 5)
    return false;
  curve.push_back(m);
  return true;
}

}  // namespace

std::string lines(const Study& study, uint64_t first_seed, std::string_view arguments) {
  std::string text = head(arguments) + "\n";
  for (size_t i = 0; i < study.sgd.size(); ++i) {
    const uint64_t seed = first_seed + i;
    text += moments("sgd", seed, study.sgd[i]) + moments("isgd", seed, study.isgd[i]);
    text += fmt::format(R"({{"seed":{},"triggered":{},"extra_gradients":{}}})"
                        "\n",
                        seed, study.triggered[i], study.extra_gradients[i]);
  }
  return text;
}

Study study_of(const std::string& lines, uint64_t first_seed, std::string_view arguments) {
  std::istringstream text(lines);
  std::string line;
  if (!std::getline(text, line) || line != head(arguments))
    throw nn::Error(fmt::format("these curves are of {}, not of {}", line, head(arguments)));
  Study study;
  Curve sgd, isgd;
  while (std::getline(text, line)) {
    if (moment_of(line, "sgd", sgd) || moment_of(line, "isgd", isgd)) continue;
    uint64_t seed = 0;
    int64_t triggered = 0, extra = 0;
    // NOLINTNEXTLINE(cert-err34-c): how many numbers were read is looked at
    const int read = std::sscanf(line.c_str(),
                                 R"({"seed":%)" SCNu64 R"(,"triggered":%)" SCNd64
                                 R"(,"extra_gradients":%)" SCNd64 "}",
                                 &seed, &triggered, &extra);
    if (read != 3 || seed != first_seed + study.sgd.size() || sgd.empty() || isgd.empty())
      throw nn::Error(fmt::format("no line of a study's curves: {}", line));
    study.sgd.push_back(std::move(sgd));
    study.isgd.push_back(std::move(isgd));
    study.triggered.push_back(triggered);
    study.extra_gradients.push_back(extra);
    sgd.clear();
    isgd.clear();
  }
  return study;
}

}  // namespace isgd
