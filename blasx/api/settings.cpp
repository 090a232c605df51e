// SPDX-License-Identifier: Apache-2.0
#include <blasx/blasx.h>

#include "blasx/api/edge.hpp"
#include "blasx/config/config.hpp"
#include "blasx/offload/offload.hpp"
#include "blasx/trace/record.hpp"

namespace blasx::api {
namespace {

Status describe(size_t index, blasx_setting* out) {
  const config::OptionInfo& info = config::options()[index];
  const auto settings = config::current();
  blasx_setting full{};
  full.name = info.name;
  full.initial = info.default_text;
  full.accepted = info.accepted;
  full.meaning = info.meaning;
  full.at_start = info.when == config::When::Startup ? 1 : 0;
  copy_text(full.value, settings->text(index));
  copy_text(full.origin, settings->where(index));
  return hand_over(full, out);
}

Status no_such_setting(const std::string& what) {
  return Status(StatusCode::NotFound, "no such setting: " + what);
}

}  // namespace
}  // namespace blasx::api

using blasx::Status;
using blasx::StatusCode;
namespace api = blasx::api;
namespace config = blasx::config;

extern "C" {

blasx_status blasx_set(const char* name, const char* value) {
  return api::guarded([&] {
    if (name == nullptr || value == nullptr) {
      return Status(StatusCode::InvalidArgument, "name or value is null");
    }
    Status status = config::set(name, value);
    if (!status) return status;
    blasx::trace::configure(config::current()->values());
    blasx::offload::settings_changed();
    return status;
  });
}

int32_t blasx_setting_count(void) { return static_cast<int32_t>(config::options().size()); }

blasx_status blasx_setting_at(int32_t index, blasx_setting* out) {
  return api::guarded([&] {
    if (index < 0 || index >= blasx_setting_count()) {
      return api::no_such_setting(std::to_string(index));
    }
    return api::describe(static_cast<size_t>(index), out);
  });
}

blasx_status blasx_get(const char* name, blasx_setting* out) {
  return api::guarded([&] {
    if (name == nullptr) return Status(StatusCode::InvalidArgument, "name is null");
    const auto option = config::find_option(name);
    return option ? api::describe(*option, out) : api::no_such_setting(name);
  });
}

}  // extern "C"
