// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/tune/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "common/log.hpp"
#include "common/parse.hpp"

namespace lpcoll::tune {
namespace {

template <typename Enum, size_t N>
bool read_name(std::string_view text, const std::string_view (&names)[N], Enum& value) {
  const auto* name = std::find(std::begin(names), std::end(names), text);
  if (name == std::end(names)) return false;
  value = static_cast<Enum>(name - std::begin(names));
  return true;
}

bool read_transport(std::string_view text, Transport& value) {
  constexpr std::string_view kNames[] = {"auto", "shm", "mpi", "none"};
  return read_name(text, kNames, value);
}

bool read_progress(std::string_view text, ProgressBy& value) {
  constexpr std::string_view kNames[] = {"auto", "calls"};
  return read_name(text, kNames, value);
}

bool read_copies(std::string_view text, CopyBy& value) {
  constexpr std::string_view kNames[] = {"auto", "1", "2"};
  return read_name(text, kNames, value);
}

bool read_wait(std::string_view text, WaitBy& value) {
  constexpr std::string_view kNames[] = {"poll", "mpi"};
  return read_name(text, kNames, value);
}

bool read_seconds(std::string_view text, int32_t& value) {
  constexpr int64_t kMost = 1000000;
  const auto seconds = blasx::parse::integer_in(text, 0, kMost);
  if (seconds) value = static_cast<int32_t>(*seconds);
  return seconds.has_value();
}

bool read_cost(std::string_view text, double& value) {
  if (text == "auto") {
    value = 0;
    return true;
  }
  const auto seconds = blasx::parse::real(text);
  if (!seconds || !(*seconds > 0)) return false;
  value = *seconds;
  return true;
}

template <size_t N>
bool read_path(std::string_view text, char (&value)[N]) {
  if (text.size() >= N) return false;
  std::copy(text.begin(), text.end(), value);
  value[text.size()] = '\0';
  return true;
}

bool read_size(std::string_view text, int64_t& value) {
  if (text == "auto") {
    value = 0;
    return true;
  }
  const auto bytes = blasx::parse::bytes(text);
  if (!bytes || *bytes < 0) return false;
  // 0 is how "auto" is written inside; whoever says 0 wants the least there is.
  value = *bytes == 0 ? 1 : *bytes;
  return true;
}

bool read_flag(std::string_view text, int32_t& value) {
  const auto flag = blasx::parse::boolean(text);
  if (flag) value = *flag ? 1 : 0;
  return flag.has_value();
}

}  // namespace

Settings read_settings() {
  Settings settings;
#define LPCOLL_SETTING(NAME, field, parser, accepted, help)                                \
  if (const char* text = std::getenv("LPCOLL_" #NAME); text != nullptr && *text != '\0') { \
    if (!read_##parser(text, settings.field))                                              \
      BLASX_WARN_ONCE(std::string("LPCOLL_" #NAME "=") + text +                            \
                      ": accepted is " accepted "; using the default");                    \
  }
#include "lpcoll/config.def"
#undef LPCOLL_SETTING
  return settings;
}

}  // namespace lpcoll::tune
