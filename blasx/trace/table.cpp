// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include "blasx/trace/counters.hpp"
#include "common/parse.hpp"

namespace blasx::trace {
namespace {

struct Column {
  const char* heading;
  std::string (*text)(const RoutineCount&);
  bool (*used)(const RoutineCount& total);
};

std::string fixed(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

bool always(const RoutineCount&) { return true; }

std::string count_at(const RoutineCount& c, Place place) {
  return std::to_string(c.calls[static_cast<int>(place)]);
}
bool used_at(const RoutineCount& c, Place place) { return c.calls[static_cast<int>(place)] != 0; }

std::string gflops(const RoutineCount& c) {
  return c.seconds > 0 ? fixed(c.operations / c.seconds * 1e-9, 2) : "-";
}

int64_t moved_bytes(const Traffic& t) {
  return t.home_to_device_bytes + t.device_to_device_bytes + t.device_to_home_bytes;
}
bool moved(const RoutineCount& c) { return moved_bytes(c.traffic) != 0; }

std::string bytes(int64_t count) { return parse::human_bytes(static_cast<double>(count)); }

constexpr Column kColumns[] = {
    {"calls", [](const RoutineCount& c) { return std::to_string(c.all_calls()); }, always},
    {"on host", [](const RoutineCount& c) { return count_at(c, Place::Host); }, always},
    {"cpu tiles", [](const RoutineCount& c) { return count_at(c, Place::CpuTiles); }, always},
    {"devices", [](const RoutineCount& c) { return count_at(c, Place::Devices); },
     [](const RoutineCount& c) { return used_at(c, Place::Devices); }},
    {"operations", [](const RoutineCount& c) { return parse::human_count(c.operations); }, always},
    {"seconds", [](const RoutineCount& c) { return fixed(c.seconds, 4); }, always},
    {"GFLOP/s", gflops, always},
    {"to device", [](const RoutineCount& c) { return bytes(c.traffic.home_to_device_bytes); },
     moved},
    {"dev-dev", [](const RoutineCount& c) { return bytes(c.traffic.device_to_device_bytes); },
     moved},
    {"to host", [](const RoutineCount& c) { return bytes(c.traffic.device_to_home_bytes); }, moved},
    {"least", [](const RoutineCount& c) { return parse::human_bytes(c.lower_bound_bytes); },
     [](const RoutineCount& c) { return c.lower_bound_bytes > 0; }},
    {"L1 hits", [](const RoutineCount& c) { return std::to_string(c.traffic.level1_hits); }, moved},
    {"L2 hits", [](const RoutineCount& c) { return std::to_string(c.traffic.level2_hits); }, moved},
    {"misses", [](const RoutineCount& c) { return std::to_string(c.traffic.misses); }, moved},
};

using Row = std::vector<std::string>;

Row row_of(std::string label, const RoutineCount& count, const RoutineCount& total) {
  Row row{std::move(label)};
  for (const Column& column : kColumns) {
    if (column.used(total)) row.push_back(column.text(count));
  }
  return row;
}

// First column left, numbers right, two spaces between.
std::string aligned(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      text += i == 0 ? row[i] + padding : "  " + padding + row[i];
    }
    text += '\n';
  }
  return text;
}

}  // namespace

std::string counts_table(const Counts& counts, const std::string& title) {
  const RoutineCount total = counts.total();
  Row heading{"routine"};
  for (const Column& column : kColumns) {
    if (column.used(total)) heading.emplace_back(column.heading);
  }
  std::vector<Row> rows{heading};
  for (int r = 0; r < kRoutineCount; ++r) {
    for (int t = 0; t < kTypeCount; ++t) {
      const RoutineCount& count = counts.at[r][t];
      if (count.all_calls() == 0) continue;
      const std::string name = routine_name(static_cast<Routine>(r));
      rows.push_back(row_of(type_letter(static_cast<Type>(t)) + name, count, total));
    }
  }
  rows.push_back(row_of("total", total, total));
  return title + '\n' + aligned(rows);
}

}  // namespace blasx::trace
