// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "blasx/config/config.hpp"
#include "blasx/config/messages.hpp"

namespace blasx::config {
namespace {

// Nothing to use is shown as a word, not as nothing.
std::string shown(const std::string& text) { return text.empty() ? "the default" : text; }

void set_or_warn(Settings& settings, size_t option, const std::string& label, std::string_view text,
                 Origin origin, const std::string& where, std::vector<std::string>& warnings) {
  const Status status = settings.set(option, text, origin, where);
  if (!status) {
    warnings.push_back(message_text(
        Message::BadValue, {label, parse::trim(text), status.message(), options()[option].accepted,
                            shown(settings.text(option))}));
  }
}

void apply_file(Settings& settings, const std::string& path, std::string_view content,
                std::vector<std::string>& warnings) {
  int64_t line_number = 0;
  while (!content.empty()) {
    const size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    ++line_number;

    line = parse::trim(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const std::string where = path + ":" + std::to_string(line_number);
    const size_t equals = line.find('=');
    const std::string_view name = parse::trim(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) {
      warnings.push_back(message_text(Message::BadLine, {where, line}));
      continue;
    }
    const auto option = find_option(name);
    if (!option || options()[*option].name == std::string_view("CONFIG")) {
      warnings.push_back(message_text(Message::UnknownName, {where, name}));
      continue;
    }
    set_or_warn(settings, *option, where + ": " + std::string(name), line.substr(equals + 1),
                Origin::File, where, warnings);
  }
}

// The file named by BLASX_CONFIG must be there; those of the default places may be missing.
void apply_files(Settings& settings, const Sources& sources, std::vector<std::string>& warnings) {
  const auto home_of = [&](const char* variable) {
    return sources.variable(variable).value_or(std::string());
  };
  std::vector<std::string> paths;
  const std::string named = settings.values().config;
  if (!named.empty()) {
    paths.push_back(named);
  } else {
    if (const std::string folder = home_of("XDG_CONFIG_HOME"); !folder.empty()) {
      paths.push_back(folder + "/blasx/blasx.conf");
    } else if (const std::string home = home_of("HOME"); !home.empty()) {
      paths.push_back(home + "/.config/blasx/blasx.conf");
    }
    paths.emplace_back("/etc/blasx.conf");
  }
  for (const std::string& path : paths) {
    const auto content = sources.read_file(path);
    if (content) {
      apply_file(settings, path, *content, warnings);
      return;
    }
    if (!named.empty() || content.error().code() != StatusCode::NotFound) {
      warnings.push_back(
          message_text(Message::ConfigUnreadable, {path, content.error().message()}));
    }
  }
}

void apply_environment(Settings& settings, const Sources& sources,
                       std::vector<std::string>& warnings) {
  for (size_t i = 0; i < options().size(); ++i) {
    const char* variable = options()[i].variable;
    const auto text = sources.variable(variable);
    if (text && !parse::trim(*text).empty()) {
      set_or_warn(settings, i, variable, *text, Origin::Environment, variable, warnings);
    }
  }
}

// Edit distance, at most `limit` + 1.
size_t distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// Only near misses: BLASX_ROOT and the like belong to build systems and modules, and are none of
// our business.
void warn_of_misspelt(const Sources& sources, std::vector<std::string>& warnings) {
  constexpr size_t kNear = 2;
  for (const std::string& name : sources.variable_names) {
    if (name.rfind("BLASX_", 0) != 0 || find_option(name)) continue;
    const OptionInfo* nearest = nullptr;
    size_t best = kNear + 1;
    for (const OptionInfo& option : options()) {
      const size_t d = distance(name, option.variable, kNear);
      if (d < best) {
        best = d;
        nearest = &option;
      }
    }
    if (nearest != nullptr) {
      warnings.push_back(message_text(Message::UnknownVariable, {name, nearest->variable}));
    }
  }
}

}  // namespace

Settings load(const Sources& sources, std::vector<std::string>& warnings) {
  Settings settings;
  const auto config_option = find_option("CONFIG");
  if (const auto path = sources.variable("BLASX_CONFIG"); path && !parse::trim(*path).empty()) {
    set_or_warn(settings, *config_option, "BLASX_CONFIG", *path, Origin::Environment,
                "BLASX_CONFIG", warnings);
  }
  apply_files(settings, sources, warnings);
  apply_environment(settings, sources, warnings);
  warn_of_misspelt(sources, warnings);
  return settings;
}

}  // namespace blasx::config
