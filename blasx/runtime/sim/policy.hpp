// SPDX-License-Identifier: Apache-2.0
// Who decides in a simulated run: the runtime's own scheduler, or a policy to compare it with. All speak the scheduler's
// protocol, so that one event loop drives any of them. The run owns its Policy.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::runtime::sim {

enum class PolicyKind : uint8_t {
  Blasx,    // the runtime's scheduler
  NoPeers,  // the same with a cache that never asks a peer
  Static,   // the same, but every task belongs to a device from the start, by the devices' speeds
  Xt,       // as cuBLAS-XT: output tiles in turn to the devices, two streams, no cache, no peers
};
inline constexpr PolicyKind kPolicies[] = {PolicyKind::Blasx, PolicyKind::NoPeers,
                                           PolicyKind::Static, PolicyKind::Xt};
const char* policy_name(PolicyKind kind);

class Policy {
 public:
  virtual ~Policy() = default;
  virtual void start() = 0;
  virtual void on(const schedule::Event& event) = 0;
  // Swaps what was decided since the last time into `out`.
  virtual void take_commands(std::vector<schedule::Command>& out) = 0;
  virtual bool finished() const = 0;
  // Work is left and nobody is left to do it.
  virtual bool exhausted() const = 0;
  virtual const schedule::Traffic& traffic() const = 0;
};

// speeds: operations a second of each device, for Static. The graph must outlive the policy.
std::unique_ptr<Policy> make_policy(PolicyKind kind, const tile::TaskGraph& graph,
                                    std::span<const schedule::DeviceSpec> specs,
                                    const std::vector<double>& links,
                                    const std::vector<double>& speeds);

}  // namespace blasx::runtime::sim
