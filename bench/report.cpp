// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "common/json.hpp"

namespace blasx::bench {
namespace {

using Cells = std::vector<std::string>;

std::string number(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-";
}

// GFLOP/s where the row counts operations, the time of one call where it does not.
std::string speed(const Row& row, double sample_s) {
  if (!std::isfinite(sample_s)) return "-";
  const double call_s = sample_s / row.calls;
  return row.operations > 0 ? number(row.operations / call_s * 1e-9, 1) : time_text(call_s);
}

double part_of_bound(const Row& row) {
  return row.bound == Bound::None ? NAN : row.bound_s / (row.summary.ours_median_s / row.calls);
}

Cells cells_of(const Row& row) {
  const Summary& s = row.summary;
  return {row.name,
          speed(row, s.ours_median_s),
          speed(row, s.peer_median_s),
          number(s.ratio, 3),
          number(s.ratio_error, 3),
          row.operations > 0 ? "" : time_text(s.difference_s / row.calls),
          number(part_of_bound(row), 3),
          number(spread(s.ours_s), 3),
          std::to_string(s.ours_s.size()),
          std::to_string(s.thrown)};
}

std::string aligned(const std::vector<Cells>& rows) {
  std::vector<size_t> widths(rows.front().size(), 0);
  for (const Cells& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Cells& row : rows) {
    std::string line = fmt::format("{:<{}}", row[0], widths[0]);
    for (size_t i = 1; i < row.size(); ++i) {
      if (widths[i] > 0) line += fmt::format("  {:>{}}", row[i], widths[i]);
    }
    text += line + "\n";
  }
  return text;
}

void write_machine(JsonWriter& json, const Machine& machine) {
  json.key("machine").begin_object();
  json.member("processor", machine.processor).member("cores", machine.cores);
  json.key("caches").begin_array();
  for (const std::string& cache : machine.caches) json.value(cache);
  json.end_array();
  json.member("memory_bytes", machine.memory_bytes).member("kernel", machine.kernel);
  json.member("compiler", machine.compiler).member("commit", machine.commit);
  json.member("host_blas", machine.host_blas).end_object();
}

void write_row(JsonWriter& json, const Row& row) {
  const Summary& s = row.summary;
  json.line().begin_object().member("name", row.name).member("group", row.group);
  json.member("operations", row.operations).member("calls_per_sample", row.calls);
  json.member("ratio_to_peer", s.ratio).member("ours_median_s", s.ours_median_s / row.calls);
  json.member("peer_median_s", s.peer_median_s / row.calls);
  json.member("difference_s", s.difference_s / row.calls);
  json.member("bound", row.bound == Bound::Flops   ? "flops"
                       : row.bound == Bound::Bytes ? "bytes"
                                                   : "none")
      .member("bound_s", row.bound_s);
  json.member("ratio_to_bound", part_of_bound(row)).member("thrown", s.thrown);
  for (const auto& [name, samples] :
       {std::pair("ours_s", &s.ours_s), std::pair("peer_s", &s.peer_s)}) {
    json.key(name).begin_array();
    for (const double sample : *samples) json.value(sample / row.calls);
    json.end_array();
  }
  json.end_object();
}

}  // namespace

std::string time_text(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  const double size = std::fabs(seconds);
  if (size < 1e-6) return fmt::format("{:.1f} ns", seconds * 1e9);
  if (size < 1e-3) return fmt::format("{:.2f} us", seconds * 1e6);
  if (size < 1) return fmt::format("{:.2f} ms", seconds * 1e3);
  return fmt::format("{:.3f} s", seconds);
}

std::vector<std::string> group_lines(const std::vector<Row>& rows) {
  std::map<std::string, std::vector<const Row*>> groups;
  for (const Row& row : rows) {
    if (!row.group.empty() && std::isfinite(row.summary.ratio)) groups[row.group].push_back(&row);
  }
  std::vector<std::string> lines;
  for (const auto& [name, members] : groups) {
    std::vector<double> ratios;
    for (const Row* row : members) ratios.push_back(row->summary.ratio);
    const Row* least = *std::min_element(
        members.begin(), members.end(),
        [](const Row* a, const Row* b) { return a->summary.ratio < b->summary.ratio; });
    lines.push_back(fmt::format("{}: geometric mean {:.3f}, least {:.3f} ({})", name,
                                geometric_mean(ratios), least->summary.ratio, least->name));
  }
  return lines;
}

void Report::set_peak(double operations_per_second) {
  peak_operations_per_second = operations_per_second;
  for (Row& row : rows) {
    if (row.operations <= 0 || operations_per_second <= 0) continue;
    row.bound = Bound::Flops;
    row.bound_s = row.operations / (operations_per_second * (row.operations_are_single ? 2 : 1));
  }
}

std::string Report::table() const {
  const bool flops =
      std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.operations > 0; });
  const std::string unit = flops ? " GFLOP/s" : "";
  std::vector<Cells> cells{{"case", ours + unit, peer + unit, "ratio", "+-",
                            flops ? "" : "difference", "of bound", "spread", "kept", "thrown"}};
  for (const Row& row : rows) cells.push_back(cells_of(row));
  std::string text = aligned(cells);
  for (const std::string& line : group_lines(rows)) text += line + "\n";
  return text;
}

std::string Report::json() const {
  JsonWriter writer;
  writer.begin_object().member("benchmark", benchmark).member("command", command);
  writer.member("ours", ours).member("peer", peer);
  writer.member("peak_operations_per_second", peak_operations_per_second);
  write_machine(writer, machine);
  writer.key("rows").begin_array();
  for (const Row& row : rows) write_row(writer, row);
  writer.end_array().end_object();
  return writer.take() + "\n";
}

}  // namespace blasx::bench
