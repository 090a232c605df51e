// SPDX-License-Identifier: Apache-2.0
// Build tool: fills the places @NAME@ of a man page with what the tables say.
//   blasx_write_documents page.in page version
// or writes docs/variables.md with
//   blasx_write_documents --markdown file
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "blasx/tools/documents.hpp"

namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

int write(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (file) return 0;
  std::fprintf(stderr, "cannot write %s\n", path);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  namespace tools = blasx::tools;
  if (argc == 3 && std::strcmp(argv[1], "--markdown") == 0) {
    return write(argv[2], tools::variables_markdown());
  }
  if (argc != 4) return 2;
  std::ifstream file(argv[1]);
  std::stringstream page;
  page << file.rdbuf();
  std::string text = page.str();
  replace_all(text, "@VARIABLES@\n", tools::variables_man());
  replace_all(text, "@REASONS@\n", tools::reasons_man());
  replace_all(text, "@RUN_OPTIONS@\n", tools::run_options_man());
  replace_all(text, "@VERSION@", argv[3]);
  return write(argv[2], text);
}
