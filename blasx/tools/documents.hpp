// SPDX-License-Identifier: Apache-2.0
// The settings table as text for people: what `blasx-info --variables`, the man pages and
// docs/variables.md show. Pure functions over config.def and messages.def.
#pragma once

#include <string>
#include <string_view>

namespace blasx::tools {

// For a terminal of `columns` characters.
std::string variables_text(size_t columns);
// A GitHub table, with the line that says where it came from.
std::string variables_markdown();
// troff, for the middle of a man page.
std::string variables_man();
std::string reasons_man();
// The same settings as options of blasx-run.
std::string run_options_man();

// `text` broken at spaces so that no line is longer than `columns` where words allow it; lines
// after the first start with `indent` spaces.
std::string wrapped(std::string_view text, size_t columns, size_t indent);
// Safe inside troff.
std::string troff_escaped(std::string_view text);

}  // namespace blasx::tools
