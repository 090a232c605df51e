// SPDX-License-Identifier: Apache-2.0
// blasx-info: what libblasx finds on this machine and how it is set.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "blasx/tools/documents.hpp"
#include "blasx/tools/info.hpp"
#include "common/program/command_line.hpp"

namespace {

// Of the terminal; a comfortable width where the output goes elsewhere.
size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return std::clamp<size_t>(size.ws_col, 60, 120);
}

int print(const std::string& text) {
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? 0 : 1;
}

int print_variables(const std::string& format) {
  namespace tools = blasx::tools;
  if (format == "markdown") return print(tools::variables_markdown());
  if (format == "man") return print(tools::variables_man());
  return print(tools::variables_text(terminal_columns()));
}

int measure() {
  std::fputs("measuring; this takes some seconds ...\n", stderr);
  if (blasx_measure() == BLASX_OK) return 0;
  std::fprintf(stderr, "blasx-info: %s\n", blasx_last_message());
  return 1;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  CLI::App app(
      "Shows what libblasx finds on this machine: the BLAS underneath, devices, measured rates, "
      "and\n"
      "every setting with where it came from. The environment and blasx.conf count as they would\n"
      "for a program: BLASX_DEVICES=cpu,host:2 blasx-info");
  bool json = false;
  bool measure_again = false;
  std::string variables, machine_file;
  app.add_flag("--json", json, "Print JSON");
  app.add_flag("--measure", measure_again, "Measure the rates again first, and keep them");
  app.add_option("--machine-file", machine_file,
                 "Measure kernels and copies and write a machine file for blasx-sim instead")
      ->expected(0, 1)
      ->default_str("this-machine.json")
      ->type_name("FILE");
  app.add_option("--variables", variables,
                 "Explain every setting instead; FORMAT is text (the default), markdown or man")
      ->expected(0, 1)
      ->default_str("text")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "markdown", "man"}));
  app.set_version_flag("--version", std::string("blasx-info, libblasx ") + blasx_version());
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;

  if (app.count("--variables") > 0) return print_variables(variables);
  if (measure_again) {
    const int status = measure();
    if (status != 0) return status;
  }
  const blasx::tools::Info info = blasx::tools::collect_info();
  if (app.count("--machine-file") > 0) {
    return blasx::tools::write_machine_file(
        info, machine_file.empty() ? "this-machine.json" : machine_file);
  }
  return print(json ? blasx::tools::info_json(info) : blasx::tools::info_text(info));
}
