// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "blasx/tools/info.hpp"
#include "common/parse.hpp"

namespace blasx::tools {
namespace {

using Row = std::vector<std::string>;

std::string padded(const std::string& text, size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

// Two spaces in front, columns left-aligned, no spaces at the ends of lines.
std::string columns(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += "  " + padded(row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string bytes(int64_t count) { return parse::human_bytes(static_cast<double>(count)); }
std::string rate(double operations) {
  return operations > 0 ? parse::human_count(operations) + "FLOP/s" : "-";
}

std::string counted(int32_t count, const char* thing) {
  return std::to_string(count) + ' ' + thing + (count == 1 ? "" : "s");
}

std::string machine_section(const topology::Machine& m) {
  std::vector<Row> rows;
  if (!m.processor.empty()) rows.push_back({"processor", m.processor});
  rows.push_back({"cores", std::to_string(m.cores) + " in " + counted(m.packages, "package") +
                               ", " + counted(m.cpus, "hardware thread") +
                               "; usable here: " + counted(m.usable_cores, "core") + ", " +
                               counted(m.usable_cpus, "thread")});
  rows.push_back(
      {"memory", bytes(m.memory_bytes) + ", usable here: " + bytes(m.usable_memory_bytes)});
  std::string caches;
  for (const topology::Cache& cache : m.caches) {
    caches += (caches.empty() ? "" : ", ") + ("L" + std::to_string(cache.level)) + " " +
              std::to_string(cache.count) + " x " + bytes(cache.bytes);
  }
  if (!caches.empty()) rows.push_back({"caches", caches});
  if (m.numa.size() > 1) {
    for (const topology::NumaNode& node : m.numa) {
      rows.push_back({"NUMA node " + std::to_string(node.number),
                      bytes(node.memory_bytes) + ", " + std::to_string(node.cpus) + " threads"});
    }
  }
  return "Machine (as " + m.source + " sees it)\n" + columns(rows);
}

// The version alone where it names the library already.
std::string full_name(const blasx_host_blas& library) {
  const std::string name = library.name;
  std::string version = library.version;
  if (version.rfind(name, 0) == 0) return version;
  return version.empty() ? name : name + ' ' + version;
}

std::string host_blas_section(const std::vector<blasx_host_blas>& libraries) {
  std::vector<Row> rows;
  for (const blasx_host_blas& library : libraries) {
    rows.push_back({std::to_string(library.integer_bits) + "-bit integers", full_name(library)});
    rows.push_back({"", std::string(library.path) + " (" + library.found + "), " +
                            counted(library.threads, "thread")});
  }
  return "Host BLAS\n" + columns(rows);
}

std::string device_section(const std::vector<blasx_device>& devices) {
  if (devices.empty()) return "Devices\n  none: every call goes to the host BLAS\n";
  std::vector<Row> rows;
  for (const blasx_device& device : devices) {
    std::string link =
        device.memory_bytes == 0 ? "works in the caller's memory" : "link as fast as memory";
    if (device.link_rate < 0) link = "link not measured yet";
    if (device.link_rate > 0) link = "link " + parse::human_bytes(device.link_rate) + "/s";
    rows.push_back({device.name, device.description,
                    device.memory_bytes == 0 ? "" : bytes(device.memory_bytes),
                    counted(device.compute_units, "unit"), link});
  }
  return "Devices\n" + columns(rows);
}

std::string rate_section(const std::vector<blasx_rate>& rates) {
  if (rates.empty()) return "Measured rates\n  none yet; `blasx-info --measure` takes them\n";
  std::vector<Row> rows{{"", "host BLAS", "tiles on cpu"}};
  for (const blasx_rate& r : rates) {
    rows.push_back({r.routine, rate(r.host), rate(r.cpu_tiles)});
  }
  return "Measured rates\n" + columns(rows);
}

std::string settings_section(const std::vector<blasx_setting>& settings) {
  std::vector<Row> rows;
  for (const blasx_setting& setting : settings) {
    const std::string value = setting.value;
    rows.push_back({setting.name, value.empty() ? "-" : value, setting.origin});
  }
  return "Configuration (value, where it came from)\n" + columns(rows);
}

}  // namespace

std::string info_text(const Info& info) {
  std::string text = "libblasx " + info.version;
  if (!info.library.empty()) text += "  " + info.library;
  text += "\n\n" + machine_section(info.machine) + '\n' + host_blas_section(info.host_blas) + '\n';
  text += device_section(info.devices) + '\n' + rate_section(info.rates) + '\n';
  return text + settings_section(info.settings);
}

}  // namespace blasx::tools
