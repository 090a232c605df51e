// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/sim/replay.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

namespace blasx::tools::sim {
namespace {

using nlohmann::json;
using runtime::sim::CallText;

// Which argument each of a routine's letters is: s side, u uplo, a and b transpositions, d diagonal.
const char* letters_of(const std::string& routine) {
  const std::string name = routine.substr(1);
  if (name == "gemm" || name == "gemm3m") return "ab";
  if (name == "gemmt") return "uab";
  if (name == "symm" || name == "hemm") return "su";
  if (name == "syrk" || name == "herk" || name == "syr2k" || name == "her2k") return "ua";
  if (name == "trmm" || name == "trsm") return "suad";
  return "";
}

std::string transposition(char letter) {
  return std::string(1, static_cast<char>(letter - 'A' + 'a'));
}

// False where the letters are none of the routine's.
bool set_flags(CallText& call, const std::string& flags) {
  const std::string meaning = letters_of(call.routine);
  if (meaning.empty() || flags.size() != meaning.size()) return false;
  for (size_t i = 0; i < flags.size(); ++i) {
    const char f = flags[i];
    if (std::string(meaning[i] == 's'   ? "LR"
                    : meaning[i] == 'u' ? "UL"
                    : meaning[i] == 'd' ? "NU"
                                        : "NTC")
            .find(f) == std::string::npos) {
      return false;
    }
    if (meaning[i] == 's') call.side = f == 'L' ? "left" : "right";
    if (meaning[i] == 'u') call.uplo = f == 'L' ? "lower" : "upper";
    if (meaning[i] == 'a') call.trans_a = transposition(f);
    if (meaning[i] == 'b') call.trans_b = transposition(f);
  }
  return true;
}

}  // namespace

Result<std::vector<ReplayedCall>> calls_of_log(const std::string& text, const std::string& file) {
  std::vector<ReplayedCall> calls;
  std::map<std::tuple<std::string, std::string, int64_t, int64_t, int64_t>, size_t> seen;
  std::istringstream in(text);
  int64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.rfind("{\"routine\":", 0) != 0) continue;
    const json entry = json::parse(line, nullptr, false);
    const auto size = [&](const char* key) {
      const auto it = entry.find(key);
      return it != entry.end() && it->is_number_integer() ? it->get<int64_t>() : int64_t{0};
    };
    ReplayedCall call;
    bool good = !entry.is_discarded() && entry["routine"].is_string() && entry.contains("flags") &&
                entry["flags"].is_string();
    if (good) {
      call.call.routine = entry["routine"].get<std::string>();
      call.flags = entry["flags"].get<std::string>();
      call.call.m = size("m");
      call.call.n = size("n");
      call.call.k = size("k");
      good = !call.call.routine.empty() && set_flags(call.call, call.flags) &&
             runtime::sim::make_call(call.call).has_value();
    }
    if (!good) {
      return failure(StatusCode::InvalidArgument,
                     fmt::format("{}:{}: no call as BLASX_EXPLAIN=1 writes them", file, number));
    }
    const auto& c = call.call;
    const auto [it, fresh] =
        seen.emplace(std::tuple{c.routine, call.flags, c.m, c.n, c.k}, calls.size());
    if (fresh) calls.push_back(call);
    ReplayedCall& counted = calls[it->second];
    ++counted.count;
    counted.measured_s += static_cast<double>(size("measured_ns")) * 1e-9;
  }
  if (calls.empty()) {
    return failure(StatusCode::InvalidArgument,
                   file +
                       ": no calls; accepted: what a program writes to stderr under "
                       "BLASX_EXPLAIN=1");
  }
  return calls;
}

std::string replay_text(const std::string& machine, const std::vector<ReplayedCall>& calls) {
  std::string text =
      fmt::format("{:<8} {:>7} {:>7} {:>7} {:<5} {:>7} {:>11} {:>11} {:>8}\n", "routine", "m", "n",
                  "k", "flags", "calls", "measured s", "virtual s", "faster");
  double measured = 0, virtual_s = 0;
  int64_t count = 0;
  for (const ReplayedCall& c : calls) {
    const double all = c.virtual_s * static_cast<double>(c.count);
    text += fmt::format("{:<8} {:>7} {:>7} {:>7} {:<5} {:>7} {:>11.4g} {:>11.4g} {:>8.2f}\n",
                        c.call.routine, c.call.m, c.call.n, c.call.k, c.flags, c.count,
                        c.measured_s, all, c.measured_s / all);
    measured += c.measured_s;
    virtual_s += all;
    count += c.count;
  }
  return text +
         fmt::format("{:<8} {:>7} {:>7} {:>7} {:<5} {:>7} {:>11.4g} {:>11.4g} {:>8.2f}\n", "all",
                     "", "", "", "", count, measured, virtual_s, measured / virtual_s) +
         "measured: where the log was written, all calls of the line together. virtual: on " +
         machine + ".\n";
}

}  // namespace blasx::tools::sim
