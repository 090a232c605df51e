// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/run_options.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "blasx/tools/documents.hpp"
#include "common/parse.hpp"

namespace blasx::tools {
namespace {

using config::OptionInfo;

tl::unexpected<Status> refuse(std::string why) {
  return failure(StatusCode::InvalidArgument, std::move(why));
}

std::optional<size_t> find_setting(std::string_view option) {
  for (size_t i = 0; i < config::options().size(); ++i) {
    if (option_name(config::options()[i]) == option) return i;
  }
  return std::nullopt;
}

// The words of a command line, one after the other.
class Words {
 public:
  explicit Words(const std::vector<std::string>& words) : words_(words) {}

  bool more() const { return at_ < words_.size(); }
  const std::string& peek() const { return words_[at_]; }
  const std::string& next() { return words_[at_++]; }
  std::vector<std::string> rest() const {
    return {words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end()};
  }

 private:
  const std::vector<std::string>& words_;
  size_t at_ = 0;
};

// What follows "=", or the next word.
Result<std::string> value_of(const std::string& option, std::optional<std::string> attached,
                             Words& words) {
  if (attached) return *attached;
  if (!words.more()) return refuse(option + " needs a value");
  return words.next();
}

Status add_setting(size_t setting, const std::string& option, const std::string& value,
                   RunOptions& options) {
  const OptionInfo& info = config::options()[setting];
  config::Settings probe;
  const Status status = probe.set(setting, value, config::Origin::Program, option);
  if (!status) {
    return Status(StatusCode::InvalidArgument,
                  option + "=" + value + ": " + status.message() + "; accepted " + info.accepted);
  }
  options.environment.emplace_back(info.variable, value);
  return {};
}

}  // namespace

std::string option_name(const OptionInfo& option) {
  std::string name = "--";
  for (const char* c = option.name; *c != '\0'; ++c) {
    name += *c == '_' ? '-' : static_cast<char>(*c + (*c >= 'A' && *c <= 'Z' ? 'a' - 'A' : 0));
  }
  return name;
}

bool takes_no_value(const OptionInfo& option) {
  return std::string_view(option.accepted).rfind("0, 1", 0) == 0 ||
         std::string_view(option.accepted) == "0 or 1";
}

Result<RunOptions> parse_run_options(const std::vector<std::string>& arguments) {
  RunOptions options;
  Words words(arguments);
  while (words.more() && words.peek().size() > 1 && words.peek()[0] == '-') {
    const std::string word = words.next();
    if (word == "--") break;
    const size_t equals = word.find('=');
    const std::string option = word.substr(0, equals);
    std::optional<std::string> attached;
    if (equals != std::string::npos) attached = word.substr(equals + 1);

    if (option == "--help" || option == "-h") {
      options.help = true;
    } else if (option == "--version") {
      options.version = true;
    } else if (option == "--dry-run") {
      options.dry_run = true;
    } else if (option == "--library") {
      const auto value = value_of(option, attached, words);
      if (!value) return failure(value.error());
      options.library = *value;
    } else if (const auto setting = find_setting(option)) {
      if (!attached && takes_no_value(config::options()[*setting])) attached = "1";
      const auto value = value_of(option, attached, words);
      if (!value) return failure(value.error());
      if (const Status status = add_setting(*setting, option, *value, options); !status) {
        return failure(status);
      }
    } else {
      return refuse("no such option: " + option + "; `blasx-run --help` lists them");
    }
  }
  options.command = words.rest();
  return options;
}

std::string run_help() {
  constexpr size_t kColumns = 92;
  constexpr size_t kIndent = 8;
  std::string text =
      "usage: blasx-run [options] program [arguments]\n"
      "\n"
      "Runs a program, unchanged, with its level-3 BLAS calls taken by libblasx.\n"
      "\n"
      "  blasx-run --stats python3 job.py         a table of all BLAS calls when it ends\n"
      "  blasx-run --trace=t.json octave job.m    a timeline to open in ui.perfetto.dev\n"
      "  blasx-run --explain ./solver             for each call, where it ran and why\n"
      "  blasx-run --devices cpu,host:2 --threshold 0 --tile 256 ./solver\n"
      "                                           every call as tiles, on two devices of host "
      "memory\n"
      "                                           and the processor\n"
      "  mpirun -n 4 blasx-run --stats=s.%p ./solver\n"
      "                                           one table for each process\n"
      "\n"
      "Every option is a setting of the library: `--tile 512` sets BLASX_TILE=512, and could stand "
      "as\n"
      "`tile = 512` in blasx.conf. Options end at the program's name or at `--`.\n"
      "\n";
  for (const OptionInfo& option : config::options()) {
    const bool bare = takes_no_value(option);
    text += "  " + option_name(option) + (bare ? "[=VALUE]" : " VALUE") + '\n';
    text += std::string(kIndent, ' ') +
            wrapped(std::string(option.meaning) + " Accepted: " + option.accepted + ".", kColumns,
                    kIndent) +
            '\n';
  }
  text +=
      "  --library FILE\n        Preload this libblasx.so instead of the one beside blasx-run.\n"
      "  --dry-run\n        Print the command that would be run, and stop.\n"
      "  --version, --help\n"
      "\n"
      "Exit status: the program's own; 2 for a wrong option, 125 if libblasx is not found, 126 if "
      "the\n"
      "program cannot be run, 127 if it is not found.\n";
  return text;
}

Result<std::string> preload_value(const std::string& library, const std::string& existing) {
  if (library.find_first_of(": \t") != std::string::npos) {
    return refuse(library + ": LD_PRELOAD cannot hold a path with a colon or a space");
  }
  for (const std::string_view entry : parse::split(existing, ':')) {
    if (entry == library) return existing;
  }
  return existing.empty() ? library : library + ':' + existing;
}

}  // namespace blasx::tools
