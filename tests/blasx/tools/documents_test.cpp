// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/documents.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "blasx/config/config.hpp"

namespace blasx::tools {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Documents, WrapAtSpaces) {
  EXPECT_EQ(wrapped("one two three", 7, 2), "one two\n  three");
  EXPECT_EQ(wrapped("unbreakable", 3, 0), "unbreakable");
  EXPECT_EQ(wrapped("", 10, 0), "");
}

TEST(Documents, TroffNeverSeesARequestInText) {
  EXPECT_EQ(troff_escaped(".conf's a-b\\"), "\\&.conf's a\\-b\\e");
  EXPECT_EQ(troff_escaped("a\n.b"), "a\n\\&.b");
}

TEST(Documents, EveryFormHasEverySetting) {
  for (const config::OptionInfo& option : config::options()) {
    const std::string variable = option.variable;
    EXPECT_TRUE(contains(variables_text(80), variable + "\n    ")) << variable;
    EXPECT_TRUE(contains(variables_markdown(), "| `" + variable + "` |")) << variable;
    EXPECT_TRUE(contains(variables_man(), ".B " + variable + "\n")) << variable;
  }
  EXPECT_TRUE(contains(reasons_man(), ".B host\\-faster\n"));
}

TEST(Documents, TextFits) {
  size_t line = 0;
  for (const char c : variables_text(70)) {
    line = c == '\n' ? 0 : line + 1;
    EXPECT_LE(line, 70U);
  }
}

TEST(Documents, TheTableInDocsIsCurrent) {
  std::ifstream file(BLASX_VARIABLES_PAGE);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), variables_markdown())
      << "write it again: blasx_write_documents --markdown docs/variables.md";
}

}  // namespace
}  // namespace blasx::tools
