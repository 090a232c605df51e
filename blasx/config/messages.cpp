// SPDX-License-Identifier: Apache-2.0
#include "blasx/config/messages.hpp"

#include "common/log.hpp"

namespace blasx {
namespace {

constexpr const char* kMessages[] = {
#define BLASX_MESSAGE(name, text) text,
#include "blasx/messages.def"
};
constexpr const char* kReasonKeys[] = {
#define BLASX_REASON(name, key, text) key,
#include "blasx/messages.def"
};
constexpr const char* kReasonTexts[] = {
#define BLASX_REASON(name, key, text) text,
#include "blasx/messages.def"
};

}  // namespace

std::string message_text(Message message, std::initializer_list<std::string_view> arguments) {
  std::string_view rest = kMessages[static_cast<int>(message)];
  std::string text;
  for (const std::string_view argument : arguments) {
    const size_t at = rest.find("{}");
    if (at == std::string_view::npos) break;
    text += rest.substr(0, at);
    text += argument;
    rest.remove_prefix(at + 2);
  }
  return text.append(rest);
}

void warn(Message message, std::initializer_list<std::string_view> arguments) {
  log::warning(message_text(message, arguments));
}

const char* reason_key(Reason reason) { return kReasonKeys[static_cast<int>(reason)]; }
const char* reason_text(Reason reason) { return kReasonTexts[static_cast<int>(reason)]; }

}  // namespace blasx
