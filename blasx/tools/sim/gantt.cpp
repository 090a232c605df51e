// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "blasx/tools/sim/report.hpp"

namespace blasx::tools::sim {
namespace {

using runtime::sim::Outcome;
using runtime::sim::Span;

constexpr double kLeft = 110, kWidth = 1000, kBar = 12, kGap = 3, kTop = 50, kBetween = 10;
constexpr int kLanes = 3;
constexpr const char* kLaneNames[kLanes] = {"kernels", "copies in", "copies out"};
// Neighbours closer than this on the picture become one bar: nobody could tell them apart.
constexpr double kLeastGap = 0.4;

int lane_of(Span::Kind kind) {
  if (kind == Span::Kind::Compute) return 0;
  return kind == Span::Kind::Store ? 2 : 1;
}

const char* colour_of(Span::Kind kind) {
  switch (kind) {
    case Span::Kind::Compute:
      return "#4c78a8";
    case Span::Kind::Fetch:
      return "#f58518";
    case Span::Kind::FetchFromPeer:
      return "#54a24b";
    case Span::Kind::Store:
      return "#b279a2";
  }
  return "#000000";
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

double y_of(size_t device, int lane) {
  const double each = kLanes * (kBar + kGap) + kBetween;
  return kTop + static_cast<double>(device) * each + lane * (kBar + kGap);
}

std::string bars(std::vector<Span> spans, double scale) {
  std::stable_sort(spans.begin(), spans.end(),
                   [](const Span& a, const Span& b) { return a.start_s < b.start_s; });
  using Key = std::pair<int32_t, Span::Kind>;
  std::map<Key, std::pair<double, double>> open;  // a bar that may still grow
  std::string text;
  const auto draw = [&](const Key& key, const std::pair<double, double>& bar) {
    text += fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\" height=\"{:.0f}\" fill=\"{}\"/>\n",
        kLeft + bar.first, y_of(static_cast<size_t>(key.first), lane_of(key.second)),
        std::max(bar.second - bar.first, 0.2), kBar, colour_of(key.second));
  };
  for (const Span& span : spans) {
    const Key key{span.device, span.kind};
    const double from = span.start_s * scale, to = span.end_s * scale;
    const auto it = open.find(key);
    if (it != open.end() && from - it->second.second < kLeastGap) {
      it->second.second = std::max(it->second.second, to);
      continue;
    }
    if (it != open.end()) draw(key, it->second);
    open[key] = {from, to};
  }
  for (const auto& [key, bar] : open) draw(key, bar);
  return text;
}

}  // namespace

std::string gantt_svg(const Row& row) {
  const Outcome& o = row.outcome;
  const double height = y_of(o.devices.size(), 0) + 40;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"11\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      kLeft + kWidth + 20, height);
  svg += fmt::format(
      "<text x=\"8\" y=\"18\" font-size=\"14\">{}: {} n={} tile {} policy {}, {:.1f} GFLOP/s, "
      "{:.4g} "
      "s</text>\n",
      escaped(row.machine), row.routine, row.n, o.shape.m, policy_name(o.policy), o.gflops(),
      o.seconds);
  double x = 8;
  for (const auto& [kind, name] : {std::pair{Span::Kind::Compute, "kernel"},
                                   {Span::Kind::Fetch, "copy from host"},
                                   {Span::Kind::FetchFromPeer, "copy from a peer"},
                                   {Span::Kind::Store, "copy to host"}}) {
    svg += fmt::format(
        "<rect x=\"{:.0f}\" y=\"28\" width=\"10\" height=\"10\" fill=\"{}\"/><text x=\"{:.0f}\" "
        "y=\"37\">{}</text>\n",
        x, colour_of(kind), x + 14, name);
    x += 130;
  }
  for (size_t d = 0; d < o.devices.size(); ++d) {
    for (int lane = 0; lane < kLanes; ++lane) {
      svg += fmt::format("<text x=\"8\" y=\"{:.0f}\">{} {}</text>\n", y_of(d, lane) + kBar - 2,
                         escaped(o.devices[d].name), kLaneNames[lane]);
    }
  }
  svg += bars(o.spans, kWidth / o.seconds);
  for (int tick = 0; tick <= 10; ++tick) {
    const double at = kLeft + kWidth * tick / 10;
    svg += fmt::format(
        "<line x1=\"{0:.0f}\" y1=\"{1:.0f}\" x2=\"{0:.0f}\" y2=\"{2:.0f}\" stroke=\"#bbbbbb\" "
        "stroke-width=\"0.5\"/><text x=\"{0:.0f}\" y=\"{3:.0f}\" text-anchor=\"middle\">{4:.3g} "
        "s</text>\n",
        at, kTop - 4, height - 30, height - 14, o.seconds * tick / 10);
  }
  return svg + "</svg>\n";
}

}  // namespace blasx::tools::sim
