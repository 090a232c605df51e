// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/policy.hpp"

#include "blasx/runtime/sim/static_shares.hpp"
#include "blasx/runtime/sim/xt_policy.hpp"
#include "blasx/schedule/scheduler.hpp"

namespace blasx::runtime::sim {
namespace {

class SchedulerPolicy final : public Policy {
 public:
  SchedulerPolicy(const tile::TaskGraph& graph, std::span<const schedule::DeviceSpec> specs,
                  const std::vector<double>& links)
      : scheduler_(graph, specs, {static_cast<int32_t>(specs.size()), links.data()}) {}

  schedule::Scheduler& scheduler() { return scheduler_; }
  void start() override { scheduler_.start(); }
  void on(const schedule::Event& event) override { scheduler_.on(event); }
  void take_commands(std::vector<schedule::Command>& out) override {
    scheduler_.take_commands(out);
  }
  bool finished() const override { return scheduler_.finished(); }
  bool exhausted() const override { return scheduler_.exhausted(); }
  const schedule::Traffic& traffic() const override { return scheduler_.traffic(); }

 private:
  schedule::Scheduler scheduler_;
};

std::vector<double> without_peers(std::vector<double> links, size_t side) {
  for (size_t i = 1; i < side; ++i) {
    for (size_t j = 1; j < side; ++j) links[i * side + j] = 0;
  }
  return links;
}

}  // namespace

const char* policy_name(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::Blasx:
      return "blasx";
    case PolicyKind::NoPeers:
      return "no-peers";
    case PolicyKind::Static:
      return "static";
    case PolicyKind::Xt:
      return "xt";
  }
  return "?";
}

std::unique_ptr<Policy> make_policy(PolicyKind kind, const tile::TaskGraph& graph,
                                    std::span<const schedule::DeviceSpec> specs,
                                    const std::vector<double>& links,
                                    const std::vector<double>& speeds) {
  switch (kind) {
    case PolicyKind::Blasx:
      return std::make_unique<SchedulerPolicy>(graph, specs, links);
    case PolicyKind::NoPeers:
      return std::make_unique<SchedulerPolicy>(graph, specs,
                                               without_peers(links, specs.size() + 1));
    case PolicyKind::Static: {
      auto policy = std::make_unique<SchedulerPolicy>(graph, specs, links);
      policy->scheduler().assign(static_shares(graph, speeds));
      return policy;
    }
    case PolicyKind::Xt:
      return std::make_unique<XtPolicy>(graph, specs);
  }
  return nullptr;
}

}  // namespace blasx::runtime::sim
