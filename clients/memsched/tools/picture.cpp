// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/tools/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "clients/memsched/plan/lives.hpp"

namespace memsched::tools {
namespace {

constexpr double kLeft = 90, kTop = 60, kWidth = 1000, kHeight = 420, kRight = 230, kReplays = 70;
constexpr std::array kColours = {"#9d9d9d", "#e0a100", "#0072b2", "#009e73", "#cc3311", "#aa4499"};

class Picture {
 public:
  Picture(const Setting& setting, const std::vector<Row>& rows) : setting_(setting), rows_(rows) {
    for (const Row& row : rows)
      if (row.outcome.schedule) top_ = std::max(top_, row.outcome.schedule->peak_bytes);
    top_ += top_ / 20;
    text_ = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="white"/>
)",
        kLeft + kWidth + kRight, kTop + kHeight + kReplays + 90);
  }

  std::string draw() {
    label(kLeft, 24, "start",
          fmt::format("{}, batch {}: bytes on the device at each step", setting_.network.name,
                      setting_.batch),
          17);
    axes();
    for (size_t i = 0; i < rows_.size(); ++i)
      if (rows_[i].outcome.schedule) line(i);
    const int64_t least = l_peak(setting_.network, setting_.costs);
    level(least, "l_peak " + in_mib(least), "#555555");
    const int64_t budget = setting_.budget_bytes();
    if (budget > 0 && budget < top_) level(budget, "budget " + in_gib(budget), "#cc3311");
    if (rows_.back().outcome.schedule) workspaces(*rows_.back().outcome.schedule);
    const Row* last = nullptr;  // of those that replay anything
    for (const Row& row : rows_)
      if (row.outcome.schedule && row.outcome.schedule->replays > 0) last = &row;
    if (last != nullptr) replays(*last);
    return text_ + "</svg>\n";
  }

 private:
  double x(double step) const {
    return kLeft + kWidth * step / static_cast<double>(setting_.network.steps());
  }
  double y(int64_t bytes) const {
    return kTop + kHeight * (1 - static_cast<double>(bytes) / static_cast<double>(top_));
  }
  void label(double at_x, double at_y, const char* anchor, const std::string& what, int size = 13) {
    text_ += fmt::format(
        R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}" paint-order="stroke" stroke="white" stroke-width="3">{}</text>
)",
        at_x, at_y, anchor, size, what);
  }
  void stroke(double x1, double y1, double x2, double y2, const char* style) {
    text_ += fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" {}/>
)",
                         x1, y1, x2, y2, style);
  }

  void axes() {
    const bool large = top_ > int64_t{4} << 30;
    const double one = large ? 1 << 30 : 1 << 20;
    const double most = static_cast<double>(top_) / one;
    double unit = std::pow(10, std::floor(std::log10(most / 2)));
    while (most / unit > 8) unit *= 2;
    while (most / unit < 4) unit /= 2;
    for (int i = 0; i * unit <= most; ++i) {
      const double height = y(static_cast<int64_t>(i * unit * one));
      stroke(kLeft, height, kLeft + kWidth, height, R"(stroke="#e4e4e4")");
      label(kLeft - 8, height + 4, "end", fmt::format("{:g} {}", i * unit, large ? "GiB" : "MiB"));
    }
    const double bottom = kTop + kHeight;
    stroke(kLeft, bottom, kLeft + kWidth, bottom, R"(stroke="black")");
    stroke(kLeft, kTop, kLeft, bottom, R"(stroke="black")");
    const int layers = setting_.network.size();
    stroke(x(layers), kTop, x(layers), bottom + kReplays,
           R"(stroke="#999999" stroke-dasharray="2 3")");
    label(x(layers / 2.0), bottom + kReplays + 46, "middle", "forward");
    label(x(layers * 1.5), bottom + kReplays + 46, "middle", "backward");
    for (int i = 0; i <= 8; ++i) {
      const int step = static_cast<int>(std::lround(setting_.network.steps() * i / 8.0));
      label(x(step), bottom + kReplays + 26, "middle", std::to_string(step));
    }
  }

  // Steps as stairs; a long network's are fewer than its pixels, so neighbours are joined to their largest.
  void line(size_t row) {
    const auto& peaks = rows_[row].outcome.schedule->step_peak_bytes;
    std::string points;
    for (size_t step = 0; step < peaks.size(); ++step) {
      const double height = y(peaks[step]);
      points += fmt::format("{:.1f},{:.1f} {:.1f},{:.1f} ", x(static_cast<double>(step)), height,
                            x(static_cast<double>(step + 1)), height);
    }
    const char* colour = kColours[row % kColours.size()];
    text_ += fmt::format(
        R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"/>
)",
        points, colour, row + 1 == rows_.size() ? 2.2 : 1.4);
    const double at = kTop + 10 + 40 * static_cast<double>(row);
    stroke(kLeft + kWidth + 14, at, kLeft + kWidth + 40, at,
           fmt::format(R"(stroke="{}" stroke-width="3")", colour).c_str());
    label(kLeft + kWidth + 46, at + 4, "start", rows_[row].name);
    label(kLeft + kWidth + 46, at + 20, "start", in_mib(rows_[row].outcome.schedule->peak_bytes),
          12);
  }

  void level(int64_t bytes, const std::string& what, const char* colour) {
    stroke(kLeft, y(bytes), kLeft + kWidth, y(bytes),
           fmt::format(R"(stroke="{}" stroke-dasharray="7 4")", colour).c_str());
    label(kLeft + kWidth - 6, y(bytes) - 5, "end", what, 12);
  }

  void workspaces(const Schedule& schedule) {
    for (size_t step = 0; step < schedule.step_workspace_bytes.size(); ++step) {
      const int64_t bytes = schedule.step_workspace_bytes[step];
      if (bytes == 0) continue;
      text_ += fmt::format(
          R"(<rect x="{:.2f}" y="{:.1f}" width="{:.2f}" height="{:.1f}" fill="#cc3311" opacity="0.18"/>
)",
          x(static_cast<double>(step)), y(bytes),
          std::max(0.6, kWidth / static_cast<double>(setting_.network.steps())),
          kTop + kHeight - y(bytes));
    }
  }

  void replays(const Row& row) {
    const Schedule& schedule = *row.outcome.schedule;
    const double base = kTop + kHeight + kReplays;
    const int most = *std::max_element(schedule.step_replays.begin(), schedule.step_replays.end());
    stroke(kLeft, base, kLeft + kWidth, base, R"(stroke="black")");
    label(kLeft - 8, base - 4, "end", "replays");
    label(kLeft + kWidth + 14, base - 4, "start",
          fmt::format("{} ({})", schedule.replays, row.name), 12);
    for (size_t step = 0; most > 0 && step < schedule.step_replays.size(); ++step) {
      if (schedule.step_replays[step] == 0) continue;
      const double height = (kReplays - 16) * schedule.step_replays[step] / most;
      text_ += fmt::format(
          R"(<rect x="{:.2f}" y="{:.1f}" width="{:.2f}" height="{:.1f}" fill="#444444"/>
)",
          x(static_cast<double>(step)), base - height,
          std::max(0.6, kWidth / static_cast<double>(setting_.network.steps()) * 0.8), height);
    }
  }

  const Setting& setting_;
  const std::vector<Row>& rows_;
  int64_t top_ = 1;
  std::string text_;
};

}  // namespace

std::string picture(const Setting& setting, const std::vector<Row>& rows) {
  return Picture(setting, rows).draw();
}

}  // namespace memsched::tools
