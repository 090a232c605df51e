// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/documents.hpp"

#include "blasx/config/config.hpp"
#include "blasx/config/messages.hpp"
#include "blasx/tools/run_options.hpp"

namespace blasx::tools {
namespace {

using config::OptionInfo;
using config::When;

std::string initial(const OptionInfo& option) {
  return *option.default_text == '\0' ? "none" : option.default_text;
}

const char* when_text(const OptionInfo& option) {
  return option.when == When::Startup ? "Fixed by the first level-3 call."
                                      : "A change by blasx_set holds from the next call on.";
}

// A pipe would end the cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::string wrapped(std::string_view text, size_t columns, size_t indent) {
  std::string result;
  size_t used = 0;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (used != 0 && used + 1 + word.size() > columns) {
      result += '\n' + std::string(indent, ' ');
      used = indent;
    } else if (used != 0) {
      result += ' ';
      ++used;
    }
    result += word;
    used += word.size();
  }
  return result;
}

std::string troff_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (escaped.empty() || escaped.back() == '\n')) escaped += "\\&";
      escaped += c;
    }
  }
  return escaped;
}

std::string variables_text(size_t columns) {
  constexpr size_t kIndent = 4;
  const std::string margin(kIndent, ' ');
  std::string text;
  for (const OptionInfo& option : config::options()) {
    text += std::string(option.variable) + '\n';
    text += margin + wrapped(option.meaning, columns - kIndent, kIndent) + '\n';
    text += margin +
            wrapped("accepted: " + std::string(option.accepted), columns - kIndent, kIndent) + '\n';
    text += margin + "default:  " + initial(option) + "\n\n";
  }
  text += wrapped(
      "In blasx.conf write `name = value`, one a line, names with or without BLASX_, in any case; "
      "# "
      "starts a comment. A program's blasx_set beats the environment, which beats blasx.conf.",
      columns, 0);
  return text + '\n';
}

std::string variables_markdown() {
  std::string text =
      "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
      "<!-- Written by `blasx-info --variables=markdown` from blasx/config.def; edit there. -->\n"
      "# Settings of libblasx\n\n"
      "Default < `blasx.conf` < environment < `blasx_set`. In `blasx.conf` a setting is a line\n"
      "`name = value`, without `BLASX_` and in any case; `#` starts a comment.\n\n"
      "| variable | accepted | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const OptionInfo& option : config::options()) {
    text += "| `" + std::string(option.variable) + "` | " + cell(option.accepted) + " | " +
            initial(option) + " | " + cell(option.meaning) + " |\n";
  }
  return text;
}

std::string variables_man() {
  std::string text;
  for (const OptionInfo& option : config::options()) {
    text +=
        ".TP\n.B " + troff_escaped(option.variable) + "\n" + troff_escaped(option.meaning) + "\n";
    text += "Accepted: " + troff_escaped(option.accepted) + ".\n";
    text += "Default: " + troff_escaped(initial(option)) + ".\n";
    text += troff_escaped(when_text(option)) + "\n";
  }
  return text;
}

std::string reasons_man() {
  std::string text;
#define BLASX_REASON(name, key, meaning) \
  text += ".TP\n.B " + troff_escaped(key) + "\n" + troff_escaped(meaning) + "\n";
#include "blasx/messages.def"
  return text;
}

std::string run_options_man() {
  std::string text;
  for (const OptionInfo& option : config::options()) {
    const std::string name = troff_escaped(option_name(option));
    const bool bare = takes_no_value(option);
    text += ".TP\n.BR " + name + (bare ? " [=\\fIVALUE\\fR]\n" : " \\ \\fIVALUE\\fR\n");
    text += troff_escaped(option.meaning) + "\nSets " + troff_escaped(option.variable) + ".\n";
  }
  return text;
}

}  // namespace blasx::tools
