// SPDX-License-Identifier: Apache-2.0
// Exported functions out of a form's two templates: macros that stamp out names and nothing else.
#pragma once

#include "blasx/abi/entry.hpp"
#include "blasx/abi/spellings.h"

#define BLASX_BODY(body, face, T, R, Name_)                                   \
  blasx::abi::body<blasx::abi::Face::face, blasx::Routine::R, blasx::Type::T, \
                   blasx::abi::Name::Name_>

// Under hidden visibility the version script can only export what is marked.
#define BLASX_EXPORT extern "C" __attribute__((visibility("default")))
#define BLASX_ALIAS(symbol, primary, ...) \
  BLASX_EXPORT decltype(primary) symbol __attribute__((alias(#primary)));
