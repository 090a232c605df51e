// SPDX-License-Identifier: Apache-2.0
// Collectives of ranks that share one host, through memory they share or each other's. State: the Node's, see node.hpp.
#pragma once

#include <cstdint>
#include <memory>

#include "lpcoll/transport/operation.hpp"
#include "lpcoll/transport/shm/node.hpp"

namespace lpcoll::shm {

// How often bytes are copied on their way from one rank to another: through slots, also out of them past the caches, or straight into
// its memory.
enum class Copies : uint8_t { Two, TwoStreamed, One };

// All ranks start the same operations in the same order. Several may be under way; they are carried out in that order, so
// a starter who waits for one must advance those before it too. The Node must outlive them.
// One copy is for nodes that reach everybody's memory.
std::unique_ptr<Operation> start_on_node(Node& node, const Call& call, Copies copies = Copies::Two);

}  // namespace lpcoll::shm
