// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/machine_file.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "blasx/device/sim/json_reader.hpp"
#include "blasx/device/sim/routes.hpp"

namespace blasx::device::sim {
namespace {

constexpr const char* kFamilyNames[kFamilyCount] = {"gemm", "symm", "syrk",   "syr2k",
                                                    "trmm", "trsm", "gemm_nt"};
constexpr const char* kTypeNames[kTypeCount] = {"s", "d", "c", "z"};

std::vector<RatePoint> read_curve(const JsonReader& in) {
  constexpr const char* kAccepted = "a list of [edge, GFLOP/s], edges rising";
  in.need_array(kAccepted);
  std::vector<RatePoint> curve;
  for (size_t i = 0; i < in.size(); ++i) {
    const JsonReader point = in.at(i);
    const bool pair = point.value().is_array() && point.size() == 2 &&
                      point.value()[0].is_number() && point.value()[1].is_number();
    if (!pair) point.refuse(std::string("accepted: ") + kAccepted);
    const RatePoint p{point.at(size_t{0}).number(), point.at(size_t{1}).number()};
    const bool rising = p.edge > (curve.empty() ? 0 : curve.back().edge);
    if (!rising || !(p.gflops > 0)) point.refuse(std::string("accepted: ") + kAccepted);
    curve.push_back(p);
  }
  return curve;
}

void read_rates(const JsonReader& in, DeviceKind& kind) {
  in.need_object({"s", "d", "c", "z"});
  if (in.size() == 0) in.refuse("accepted: at least one of s, d, c, z");
  for (size_t t = 0; t < kTypeCount; ++t) {
    if (!in.has(kTypeNames[t])) continue;
    const JsonReader families = in.at(kTypeNames[t], "");
    families.need_object({std::begin(kFamilyNames), std::end(kFamilyNames)});
    kind.rates[t][0] = read_curve(families.at("gemm", "a list of [edge, GFLOP/s], edges rising"));
    for (size_t f = 1; f < kFamilyCount; ++f) {
      const bool own = families.has(kFamilyNames[f]);
      kind.rates[t][f] = own ? read_curve(families.at(kFamilyNames[f], "")) : kind.rates[t][0];
    }
  }
}

DeviceKind read_kind(const JsonReader& in, const std::string& name) {
  in.need_object({"source", "memory_bytes", "at_home", "streams", "units", "copies_in",
                  "copies_out", "copies_from_peers", "copy_bytes_per_s", "copy_in_bytes_per_s",
                  "copy_out_bytes_per_s", "copy_peer_bytes_per_s", "launch_us", "rates"});
  in.text("source");
  DeviceKind kind;
  kind.name = name;
  kind.at_home = in.flag_or("at_home", false);
  kind.memory_bytes = kind.at_home ? 0 : in.positive("memory_bytes");
  kind.units = in.count_or("units", kind.units, 1);
  kind.streams = in.count_or("streams", kind.at_home ? kind.units : kind.streams, 1);
  kind.copies_in = in.count_or("copies_in", kind.copies_in, 1);
  kind.copies_out = in.count_or("copies_out", kind.copies_out, 1);
  kind.copies_from_peers = in.count_or("copies_from_peers", 0, 0);
  const double copies = in.positive_or("copy_bytes_per_s", 0);
  kind.copy_in_bytes_per_s = in.positive_or("copy_in_bytes_per_s", copies);
  kind.copy_out_bytes_per_s = in.positive_or("copy_out_bytes_per_s", copies);
  kind.copy_peer_bytes_per_s = in.positive_or("copy_peer_bytes_per_s", copies);
  kind.launch_us = in.not_negative_or("launch_us", 0);
  read_rates(in.at("rates", "rates by precision and routine"), kind);
  return kind;
}

// Builds a Machine piece by piece; nodes get their numbers as they are first named.
class Assembler {
 public:
  explicit Assembler(const JsonReader& in) : in_(in) {}

  Machine run() {
    in_.need_object({"name", "description", "cores", "kinds", "devices", "links", "peers"});
    machine_.name = in_.text("name");
    machine_.description = in_.text("description");
    machine_.cores = in_.count_or("cores", 0, 1);
    read_kinds();
    read_devices();
    read_links();
    read_peers();
    check_ways();
    return machine_;
  }

 private:
  void read_kinds() {
    const JsonReader kinds = in_.at("kinds", "an object of device kinds");
    if (!kinds.value().is_object() || kinds.size() == 0) {
      kinds.refuse("accepted: an object of device kinds");
    }
    for (const auto& [name, unused] : kinds.value().items()) {
      kinds_[name] = static_cast<int32_t>(machine_.kinds.size());
      machine_.kinds.push_back(read_kind(kinds.at(name.c_str(), ""), name));
    }
  }

  void read_devices() {
    const JsonReader devices = in_.at("devices", "a list of devices");
    devices.need_array("a list of devices");
    add_node("home");
    for (size_t i = 0; i < devices.size(); ++i) {
      const JsonReader entry = devices.at(i);
      entry.need_object({"name", "kind"});
      const std::string name = entry.text("name"), kind = entry.text("kind");
      if (!kinds_.contains(kind))
        entry.refuse("kind", kind + " is none; accepted: " + names(kinds_));
      if (nodes_.contains(name)) entry.refuse("name", name + " is taken");
      machine_.devices.push_back({name, kinds_[kind]});
      add_node(name);
    }
  }

  void read_links() {
    const JsonReader links = in_.at("links", "a list of links");
    if (!links.value().is_array()) links.refuse("accepted: a list of links");
    for (size_t i = 0; i < links.size(); ++i) {
      const JsonReader entry = links.at(i);
      entry.need_object(
          {"from", "to", "bytes_per_s", "bytes_per_s_back", "duplex", "latency_us", "source"});
      entry.text("source");
      Link link;
      link.from = node(entry.text("from"));
      link.to = node(entry.text("to"));
      if (link.from == link.to) entry.refuse("to", "accepted: another node than from");
      link.bytes_per_s = entry.positive("bytes_per_s");
      link.bytes_per_s_back = entry.positive_or("bytes_per_s_back", link.bytes_per_s);
      link.duplex = entry.flag_or("duplex", true);
      if (!link.duplex && entry.has("bytes_per_s_back")) {
        entry.refuse("bytes_per_s_back", "a link that is not duplex has one rate");
      }
      link.latency_us = entry.not_negative_or("latency_us", 0);
      machine_.links.push_back(link);
    }
  }

  void read_peers() {
    const size_t count = machine_.devices.size();
    const char* const accepted = "accepted: \"all\", \"none\", or a list of groups of devices";
    machine_.peers.assign(count, std::vector<bool>(count, false));
    const JsonReader peers = in_.at("peers", "\"all\", \"none\", or a list of groups of devices");
    if (peers.value() == "none") return;
    if (peers.value() == "all") {
      for (size_t i = 0; i < count; ++i) join(i, i);
      std::vector<size_t> all(count);
      for (size_t i = 0; i < count; ++i) all[i] = i;
      join_all(all);
      return;
    }
    if (!peers.value().is_array()) peers.refuse(accepted);
    for (size_t i = 0; i < peers.size(); ++i) {
      const JsonReader group = peers.at(i);
      if (!group.value().is_array()) group.refuse(accepted);
      std::vector<size_t> members;
      for (size_t j = 0; j < group.size(); ++j) {
        const std::string name = group.at(j).text();
        const auto it = nodes_.find(name);
        const auto known =
            it != nodes_.end() && it->second >= 1 && it->second <= static_cast<int32_t>(count);
        if (!known) group.at(j).refuse(name + " is no device");
        members.push_back(static_cast<size_t>(it->second) - 1);
      }
      join_all(members);
    }
  }

  void join(size_t a, size_t b) {
    const bool arenas = !machine_.kind_of(a).at_home && !machine_.kind_of(b).at_home;
    if (a != b && arenas) machine_.peers[a][b] = machine_.peers[b][a] = true;
  }
  void join_all(const std::vector<size_t>& members) {
    for (const size_t a : members) {
      for (const size_t b : members) join(a, b);
    }
  }

  // A device that cannot be reached would be found only in the middle of a run.
  void check_ways() {
    const Routes routes(machine_);
    const size_t count = machine_.devices.size();
    for (size_t d = 0; d < count; ++d) {
      const bool reached =
          !routes.way(0, d + 1).links.empty() && !routes.way(d + 1, 0).links.empty();
      if (!machine_.kind_of(d).at_home && !reached) {
        in_.refuse("links", "no way from home to " + machine_.devices[d].name);
      }
    }
    for (size_t d = 0; d < count; ++d) {
      for (size_t e = 0; e < count; ++e) {
        if (machine_.peers[d][e] && routes.way(d + 1, e + 1).links.empty()) {
          in_.refuse("peers",
                     "no way from " + machine_.devices[d].name + " to " + machine_.devices[e].name);
        }
      }
    }
  }

  int32_t add_node(const std::string& name) {
    const auto number = static_cast<int32_t>(machine_.nodes.size());
    machine_.nodes.push_back(name);
    nodes_[name] = number;
    return number;
  }
  int32_t node(const std::string& name) {
    const auto it = nodes_.find(name);
    return it != nodes_.end() ? it->second : add_node(name);
  }
  static std::string names(const std::map<std::string, int32_t>& of) {
    std::string list;
    for (const auto& [name, unused] : of) list += (list.empty() ? "" : ", ") + name;
    return list;
  }

  const JsonReader& in_;
  Machine machine_;
  std::map<std::string, int32_t> kinds_, nodes_;
};

}  // namespace

const char* family_name(Family f) { return kFamilyNames[static_cast<int>(f)]; }

Result<Machine> parse_machine(const std::string& text, const std::string& file) {
  try {
    const nlohmann::json document = nlohmann::json::parse(text);
    return Assembler(JsonReader(document, file, "")).run();
  } catch (const FileFault& fault) {
    return failure(StatusCode::InvalidArgument, fault.what());
  } catch (const nlohmann::json::exception& fault) {
    return failure(StatusCode::InvalidArgument, file + ": no JSON: " + fault.what());
  }
}

Result<Machine> read_machine(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  if (in) text << in.rdbuf();
  if (!in) return failure(StatusCode::NotFound, path + ": cannot be read");
  return parse_machine(text.str(), path);
}

}  // namespace blasx::device::sim
