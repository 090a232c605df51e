// SPDX-License-Identifier: Apache-2.0
#include "tests/fake_cuda/configuration.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>
#include <vector>

namespace blasx::fake_cuda {
namespace {

[[noreturn]] void refuse(const std::string& word) {
  std::fprintf(stderr,
               "fake_cuda: %s: unknown word or value; tests/fake_cuda/fake_cuda.h lists them\n",
               word.c_str());
  std::abort();
}

// A number with K, M or G behind it or not.
int64_t amount(const std::string& text) {
  char* end = nullptr;
  const int64_t number = std::strtoll(text.c_str(), &end, 10);
  const std::string unit = end;
  const std::map<std::string, int> shifts{{"", 0}, {"K", 10}, {"M", 20}, {"G", 30}};
  const auto shift = shifts.find(unit);
  if (end == text.c_str() || shift == shifts.end() || number < 0) refuse(text);
  return number << shift->second;
}

template <typename T>
T choice(const std::string& text, const std::map<std::string, T>& known) {
  const auto found = known.find(text);
  if (found == known.end()) refuse(text);
  return found->second;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

void set_peers(Configuration& c, const std::string& text) {
  c.all_peers = text == "all";
  c.peers.clear();
  if (c.all_peers || text == "none") return;
  for (const std::string& pair : split(text, ',')) {
    const auto ends = split(pair, '-');
    if (ends.size() != 2) refuse("peers=" + text);
    const auto a = static_cast<int>(amount(ends[0])), b = static_cast<int>(amount(ends[1]));
    c.peers.insert({std::min(a, b), std::max(a, b)});
  }
}

void set_fault(Configuration& c, const std::string& text) {
  const auto parts = split(text, ':');
  if (parts.size() != 3) refuse("fail=" + text);
  c.fault.function = parts[0];
  c.fault.call = amount(parts[1]);
  c.fault.kind = choice<FaultKind>(
      parts[2],
      {{"refuse", FaultKind::Refuse}, {"late", FaultKind::Late}, {"lost", FaultKind::Lost}});
}

using Setter = std::function<void(Configuration&, const std::string&)>;
const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all{
      {"devices", [](auto& c, const auto& v) { c.devices = static_cast<int>(amount(v)); }},
      {"memory", [](auto& c, const auto& v) { c.memory_bytes = amount(v); }},
      {"peers", set_peers},
      {"most_peers", [](Configuration& c, const std::string& v) { c.most_peers = amount(v); }},
      {"most_pitch", [](Configuration& c, const std::string& v) { c.most_pitch = amount(v); }},
      {"order",
       [](auto& c, const auto& v) {
         c.order = choice<Order>(
             v, {{"late", Order::Late}, {"random", Order::Random}, {"eager", Order::Eager}});
       }},
      {"seed", [](auto& c, const auto& v) { c.seed = static_cast<uint64_t>(amount(v)); }},
      {"races",
       [](auto& c, const auto& v) {
         c.abort_on_race = choice<bool>(v, {{"abort", true}, {"count", false}});
       }},
      {"driver",
       [](auto& c, const auto& v) {
         c.driver_too_old = choice<bool>(v, {{"old", true}, {"new", false}});
       }},
      {"cublas", [](auto& c, const auto& v) { c.cublas_version = static_cast<int>(amount(v)); }},
      {"compute", [](auto& c, const auto& v) { c.compute = static_cast<int>(amount(v)); }},
      {"fail", set_fault}};
  return all;
}

}  // namespace

bool Configuration::may_access(int device, int peer) const {
  if (device == peer) return true;
  return all_peers || peers.contains({std::min(device, peer), std::max(device, peer)});
}

Configuration parse_configuration(const char* text) {
  Configuration c;
  std::stringstream words(text != nullptr ? text : "");
  for (std::string word; words >> word;) {
    const size_t equals = word.find('=');
    const auto setter = setters().find(word.substr(0, equals));
    if (equals == std::string::npos || setter == setters().end()) refuse(word);
    setter->second(c, word.substr(equals + 1));
  }
  return c;
}

}  // namespace blasx::fake_cuda
