// SPDX-License-Identifier: Apache-2.0
// The texts of messages.def as values. Constant tables, no state.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace blasx {

enum class Message : uint8_t {
#define BLASX_MESSAGE(name, text) name,
#include "blasx/messages.def"
};

// Why a call ran where it did; shown by EXPLAIN.
enum class Reason : uint8_t {
#define BLASX_REASON(name, key, text) name,
#include "blasx/messages.def"
};

// The text with each {} replaced by the next argument.
std::string message_text(Message message, std::initializer_list<std::string_view> arguments);

// `blasx: warning: ...` every time; callers that repeat use their own log::OncePerSite.
void warn(Message message, std::initializer_list<std::string_view> arguments);

const char* reason_key(Reason reason);   // "host-faster": for programs
const char* reason_text(Reason reason);  // a sentence: for people

}  // namespace blasx
