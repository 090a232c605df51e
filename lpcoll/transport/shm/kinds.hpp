// SPDX-License-Identifier: Apache-2.0
// The operations on a Node of two ranks and more. Each owns its own place in its chunks.
#pragma once

#include <memory>

#include "lpcoll/transport/operation.hpp"
#include "lpcoll/transport/shm/copy.hpp"
#include "lpcoll/transport/shm/node.hpp"

namespace lpcoll::shm {

std::unique_ptr<Operation> make_broadcast(Node& node, const Call& call, Destination destination);
// MPI_Reduce and MPI_Allreduce, with the sums divided among all.
std::unique_ptr<Operation> make_reduction(Node& node, const Call& call, Destination destination);
// MPI_Reduce, with the sums all at the root.
std::unique_ptr<Operation> make_gathering(Node& node, const Call& call);

// In one copy, on a Node that reaches everybody's memory.
std::unique_ptr<Operation> make_direct_broadcast(Node& node, const Call& call);
std::unique_ptr<Operation> make_direct_reduction(Node& node, const Call& call);

}  // namespace lpcoll::shm
