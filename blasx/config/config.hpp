// SPDX-License-Identifier: Apache-2.0
// The settings of libblasx: default < blasx.conf < environment < blasx_set, each remembering where
// it came from. A Settings is a plain value; the process's own is owned by config.cpp and handed
// out as immutable snapshots.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "blasx/config/values.hpp"
#include "common/status.hpp"

namespace blasx::config {

// One field for each row of config.def, with the row's type.
struct Config {
#define BLASX_OPTION(field, NAME, type, parser, default_text, when, accepted, meaning) type field{};
#include "blasx/config.def"
#undef BLASX_OPTION
};

enum class When : uint8_t { Always, Startup };
enum class Origin : uint8_t { Default, File, Environment, Program };

struct OptionInfo {
  const char* name;      // "TILE"
  const char* variable;  // "BLASX_TILE"
  const char* default_text;
  const char* accepted;
  const char* meaning;
  When when;
};

std::span<const OptionInfo> options();
// Takes "TILE", "tile" and "BLASX_TILE".
std::optional<size_t> find_option(std::string_view name);

class Settings {
 public:
  Settings();  // every default

  const Config& values() const { return values_; }
  // As the user wrote it.
  const std::string& text(size_t option) const { return entries_[option].text; }
  Origin origin(size_t option) const { return entries_[option].origin; }
  // "default", "/etc/blasx.conf:3", "BLASX_TILE", "blasx_set".
  const std::string& where(size_t option) const { return entries_[option].where; }

  // A refused text changes nothing; the failure's message is the parser's few words.
  Status set(size_t option, std::string_view text, Origin origin, std::string where);

 private:
  struct Entry {
    std::string text;
    Origin origin = Origin::Default;
    std::string where = "default";
  };
  Config values_;
  std::vector<Entry> entries_;
};

// Where load() looks; tests put their own world here.
struct Sources {
  std::function<std::optional<std::string>(const char* variable)> variable;
  std::vector<std::string> variable_names;  // all that are set, to find misspelt ones
  // NotFound where there is no such file.
  std::function<Result<std::string>(const std::string& path)> read_file;
};
Sources system_sources();

// Never fails: what cannot be used is told in `warnings`, one line each, and left as it was.
Settings load(const Sources& sources, std::vector<std::string>& warnings);

// The process's settings; the first use loads them and logs the warnings. Any thread.
std::shared_ptr<const Settings> current();
// True once current() has loaded.
bool loaded();
// blasx_set: NotFound, InvalidArgument (both with the full text of the warning), or Unavailable
// after close_startup() for options that hold only at start.
Status set(std::string_view name, std::string_view value);
// Called when the first level-3 call fixes what can no longer change.
void close_startup();
// Grows with every successful set(): users of `When::Always` options compare it to know when to
// look again.
uint64_t generation();
// Forgets everything, so that the next current() reads `sources`. Tests only.
void reset(Sources sources);

}  // namespace blasx::config
