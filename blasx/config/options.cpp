// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "blasx/config/config.hpp"

namespace blasx::config {
namespace {

using enum When;

constexpr OptionInfo kOptions[] = {
#define BLASX_OPTION(field, NAME, type, parser, default_text, when, accepted, meaning) \
  {#NAME, "BLASX_" #NAME, default_text, accepted, meaning, when},
#include "blasx/config.def"
#undef BLASX_OPTION
};

using Store = Status (*)(Config&, std::string_view);

// The parser of a row and its field, behind one signature.
template <auto field, auto parser>
Status store(Config& config, std::string_view text) {
  auto value = parser(text);
  if (!value) return value.error();
  config.*field = std::move(*value);
  return {};
}

constexpr Store kStores[] = {
#define BLASX_OPTION(field, NAME, type, parser, default_text, when, accepted, meaning) \
  &store<&Config::field, &parser>,
#include "blasx/config.def"
#undef BLASX_OPTION
};

constexpr std::string_view kPrefix = "BLASX_";

}  // namespace

std::span<const OptionInfo> options() { return kOptions; }

std::optional<size_t> find_option(std::string_view name) {
  name = parse::trim(name);
  if (parse::equals_ignoring_case(name.substr(0, kPrefix.size()), kPrefix)) {
    name.remove_prefix(kPrefix.size());
  }
  for (size_t i = 0; i < std::size(kOptions); ++i) {
    if (parse::equals_ignoring_case(name, kOptions[i].name)) return i;
  }
  return std::nullopt;
}

Settings::Settings() : entries_(std::size(kOptions)) {
  for (size_t i = 0; i < std::size(kOptions); ++i) {
    const Status status = set(i, kOptions[i].default_text, Origin::Default, "default");
    static_cast<void>(status);  // a test reads every default
  }
}

Status Settings::set(size_t option, std::string_view text, Origin origin, std::string where) {
  Status status = kStores[option](values_, text);
  if (status) {
    entries_[option] = Entry{std::string(parse::trim(text)), origin, std::move(where)};
  }
  return status;
}

}  // namespace blasx::config
