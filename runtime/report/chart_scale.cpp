// SPDX-License-Identifier: MIT
#include "runtime/report/chart_scale.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ratchet::chart {

namespace {

std::string in_format(double value, std::chars_format format, int precision) {
  char text[400];
  auto end = std::to_chars(text, text + sizeof text, value, format, precision).ptr;
  return {text, end};
}

double round_step(double span, int wanted) {
  const double raw = span / std::max(1, wanted);
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power * 1.0000001) return factor * power;
  return 10 * power;
}

}  // namespace

range visible_range(const std::vector<double>& core, const std::vector<double>& others) {
  const auto [low, high] = std::minmax_element(core.begin(), core.end());
  range shown{*low, *high};
  std::vector<double> all(core);
  all.insert(all.end(), others.begin(), others.end());
  std::sort(all.begin(), all.end());
  range fence{all.front(), all.back()};
  // Of few values none can be called far out.
  if (all.size() >= 8) {
    const double q1 = all[all.size() / 4], q3 = all[all.size() * 3 / 4];
    const double reach = 2.5 * (q3 - q1);
    fence = {q1 - reach, q3 + reach};
    // What was kept takes at least a fifth of the height or so.
    if (const double span = shown.high - shown.low; span > 0)
      fence = {std::max(fence.low, shown.low - 4 * span),
               std::min(fence.high, shown.high + 4 * span)};
  }
  for (double v : others) {
    if (!fence.holds(v)) continue;
    shown.low = std::min(shown.low, v);
    shown.high = std::max(shown.high, v);
  }
  return shown;
}

range padded(range r, double below, double above) {
  double span = r.high - r.low;
  const double size = std::max(std::abs(r.low), std::abs(r.high));
  // Differences below what a double can tell apart are none.
  if (!(span > size * 1e-13)) {
    const double half = size > 0 ? size * 0.05 : 1;
    r = {r.low - half, r.high + half};
    span = r.high - r.low;
  }
  return {r.low - span * below, r.high + span * above};
}

std::vector<tick> ticks(range r, int wanted, bool whole) {
  double step = round_step(r.high - r.low, wanted);
  if (whole) step = std::max(1.0, step);
  const double size = std::max(std::abs(r.low), std::abs(r.high));
  const auto power = [](double v) { return static_cast<int>(std::floor(std::log10(v) + 1e-9)); };
  const int digits = std::clamp(power(size) - power(step), 0, 15),
            decimals = std::max(0, -power(step));
  std::vector<tick> out;
  const double first = std::ceil(r.low / step - 1e-9);
  for (int i = 0; i <= 4 * wanted; ++i) {
    const double value = (first + i) * step;
    if (value > r.high + step * 1e-9) break;
    std::string text;
    if (std::abs(value) < step * 1e-6)
      text = "0";
    else if (size >= 1e7 || decimals > 7)
      text = in_format(value, std::chars_format::scientific, digits);
    else
      text = in_format(value, std::chars_format::fixed, decimals);
    out.push_back({value, text});
  }
  return out;
}

std::string readable(double value) { return in_format(value, std::chars_format::general, 6); }

std::string unit(double value) {
  auto text = in_format(value, std::chars_format::fixed, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

}  // namespace ratchet::chart
