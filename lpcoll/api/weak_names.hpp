// SPDX-License-Identifier: Apache-2.0
// The names that programs call: weak ones of the PLP_ functions, so that a tool can take them (see lpcoll/profile.h).
#pragma once

#include "lpcoll/profile.h"

// In the file that defines P<name>.
#define LPCOLL_WEAK_NAME(name) \
  extern LPCOLL_API decltype(P##name) name __attribute__((weak, alias("P" #name)))
