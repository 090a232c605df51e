// SPDX-License-Identifier: Apache-2.0
// What an interface looks like to a compiler: values, offsets and types by name.
#pragma once

#include <map>
#include <string>

namespace blasx::fake_cuda {

using AbiTable = std::map<std::string, std::string>;
AbiTable abi_of_ours();
AbiTable abi_of_toolkit();

}  // namespace blasx::fake_cuda
