// SPDX-License-Identifier: MIT
#include "runtime/report/chart_labels.hpp"

#include <algorithm>
#include <cmath>

namespace ratchet::chart {

namespace {

constexpr double character_width = 5.9;  // of 11 units high text, about
constexpr double text_distance = 8;      // from the dot
constexpr double line_height = 13;
constexpr double sample_every = 6;

double distance(const point& a, const point& b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// To a level or upright stretch from a to b.
double distance(const point& p, const point& a, const point& b) {
  const point nearest{std::clamp(p.x, std::min(a.x, b.x), std::max(a.x, b.x)),
                      std::clamp(p.y, std::min(a.y, b.y), std::max(a.y, b.y))};
  return distance(p, nearest);
}

std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Characters outside ASCII may be twice as wide.
double width_of(const std::string& text) {
  const auto ascii = std::count_if(text.begin(), text.end(), [](char c) { return !(c & 0x80); });
  const auto wide = static_cast<double>(characters_of(text)) - static_cast<double>(ascii);
  return character_width * (static_cast<double>(ascii) + 1.8 * wide);
}

struct direction {
  double angle;  // of the text
  bool ends_here;
  point outward() const {
    const double radians = angle * M_PI / 180, sign = ends_here ? -1 : 1;
    return {sign * std::cos(radians), sign * std::sin(radians)};
  }
};

/// Points along the text: what they are near to, the text covers.
std::vector<point> samples(const point& at, const direction& d, double width) {
  const auto out = d.outward();
  std::vector<point> points;
  for (double along = text_distance; along <= text_distance + width; along += sample_every)
    points.push_back({at.x + out.x * along, at.y + out.y * along});
  return points;
}

double cost_of(const std::vector<point>& text, const point& own, const std::vector<point>& line,
               const std::vector<point>& dots, const std::vector<point>& faint) {
  double cost = 0;
  for (const auto& p : text) {
    for (const auto& dot : dots)
      if (distance(dot, own) > 1 && distance(p, dot) < 8) cost += 3;
    for (std::size_t i = 1; i < line.size(); ++i)
      if (distance(p, line[i - 1], line[i]) < 5 && distance(p, own) > 16) cost += 1;
    for (const auto& dot : faint)
      if (distance(p, dot) < 6) cost += 0.4;
  }
  return cost;
}

}  // namespace

std::string shortened(const std::string& text, std::size_t characters) {
  if (characters_of(text) <= characters) return text;
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end)
    if ((text[end] & 0xc0) != 0x80 && ++count > characters) break;
  auto out = text.substr(0, end);
  while (out.ends_with(' ')) out.pop_back();
  return out + "…";
}

std::vector<label> place_labels(std::vector<wish> wishes, const frame& inside,
                                const std::vector<point>& line, const std::vector<point>& dots,
                                const std::vector<point>& faint, bool rising, std::size_t most) {
  std::stable_sort(wishes.begin(), wishes.end(),
                   [](const wish& a, const wish& b) { return a.weight > b.weight; });
  // First where the line has not been: above a rising one to the left, below a falling one.
  const direction up_left{30, true}, down_left{-30, true}, up_right{-30, false},
      down_right{30, false};
  const std::vector<direction> directions =
      rising ? std::vector{up_left, up_right, down_right, down_left}
             : std::vector{down_left, up_right, down_right, up_left};
  constexpr double bearable = 6;

  std::vector<label> placed;
  std::vector<point> taken;
  for (const auto& w : wishes) {
    if (placed.size() >= most) break;
    if (w.text.empty()) continue;
    label best;
    std::vector<point> best_samples;
    double best_cost = bearable;
    for (std::size_t characters : {std::size_t{34}, std::size_t{22}, std::size_t{14}}) {
      const auto text = shortened(w.text, characters);
      for (const auto& d : directions) {
        const auto covered = samples(w.at, d, width_of(text));
        const auto inside_frame = [&](const point& p) {
          return p.x > inside.left + 6 && p.x < inside.right - 4 && p.y > inside.top + 8 &&
                 p.y < inside.bottom - 8;
        };
        const auto free = [&](const point& p) {
          return std::none_of(taken.begin(), taken.end(),
                              [&](const point& other) { return distance(p, other) < line_height; });
        };
        if (!std::all_of(covered.begin(), covered.end(), inside_frame) ||
            !std::all_of(covered.begin(), covered.end(), free))
          continue;
        const double cost = cost_of(covered, w.at, line, dots, faint);
        if (cost >= best_cost) continue;
        best_cost = cost;
        best_samples = covered;
        const auto out = d.outward();
        best = {{w.at.x + out.x * text_distance, w.at.y + out.y * text_distance},
                text,
                d.angle,
                d.ends_here};
      }
      if (best_cost < 2) break;  // shorter would not read better
    }
    if (best_samples.empty()) continue;
    placed.push_back(best);
    taken.insert(taken.end(), best_samples.begin(), best_samples.end());
  }
  return placed;
}

}  // namespace ratchet::chart
