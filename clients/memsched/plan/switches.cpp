// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/switches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "clients/nn/error.hpp"

namespace memsched {
namespace {

using Named = std::pair<const char*, bool Switches::*>;
constexpr std::array<Named, 5> kSwitches{{{"liveness", &Switches::liveness},
                                          {"offload", &Switches::offload},
                                          {"cache", &Switches::cache},
                                          {"recompute", &Switches::recompute},
                                          {"workspaces", &Switches::workspaces}}};

template <typename T, size_t kCount>
T one_of(const char* what, std::string_view text,
         const std::array<std::pair<const char*, T>, kCount>& known) {
  std::string names;
  for (const auto& [name, value] : known) {
    if (text == name) return value;
    names += std::string(names.empty() ? "" : ", ") + name;
  }
  throw nn::Error(fmt::format("{}: no such {}; accepted are {}", text, what, names));
}

}  // namespace

Switches Switches::complete() const {
  Switches all = *this;
  all.offload = all.offload || all.cache;
  all.liveness = all.liveness || all.offload || all.recompute;
  return all;
}

Switches parse_switches(std::string_view text) {
  if (text == "all") return kAll;
  Switches switches;
  if (text == "none") return switches;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view name = text.substr(0, comma);
    const auto it = std::find_if(kSwitches.begin(), kSwitches.end(),
                                 [&](const Named& known) { return known.first == name; });
    if (it == kSwitches.end())
      throw nn::Error(
          fmt::format("{}: no such technique; accepted are all, none, or liveness, offload, cache, "
                      "recompute, workspaces "
                      "joined by commas",
                      name));
    switches.*it->second = true;
    if (comma == std::string_view::npos) return switches.complete();
    text.remove_prefix(comma + 1);
  }
}

std::string to_string(const Switches& switches) {
  std::string text;
  for (const auto& [name, member] : kSwitches)
    if (switches.*member) text += std::string(text.empty() ? "" : ",") + name;
  return text.empty() ? "none" : text;
}

std::vector<Switches> every_combination() {
  std::vector<Switches> all;
  for (unsigned bits = 0; bits < 1U << kSwitches.size(); ++bits) {
    Switches switches;
    for (size_t i = 0; i < kSwitches.size(); ++i)
      switches.*kSwitches[i].second = (bits >> i & 1U) != 0;
    if (switches == switches.complete()) all.push_back(switches);
  }
  return all;
}

Replay parse_replay(std::string_view text) {
  static constexpr std::array<std::pair<const char*, Replay>, 3> kKnown{
      {{"speed", Replay::SpeedCentric},
       {"memory", Replay::MemoryCentric},
       {"cost", Replay::CostAware}}};
  return one_of("way to replay", text, kKnown);
}

Policy parse_policy(std::string_view text) {
  static constexpr std::array<std::pair<const char*, Policy>, 3> kKnown{
      {{"superneurons", Policy::SuperNeurons}, {"dtr", Policy::Dtr}, {"chain", Policy::Chain}}};
  return one_of("policy", text, kKnown);
}

}  // namespace memsched
