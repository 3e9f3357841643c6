// SPDX-License-Identifier: MIT
//
// What is said where a number was not found, or not in the unit that counts.
#include <algorithm>

#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/metric.hpp"
#include "actors/logic/metric_unit.hpp"
#include "actors/logic/terminal_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t tail_lines = 10;
constexpr std::size_t longest_shown = 200;

std::string shortened(std::string_view line) {
  std::string text(utf8_prefix(line, longest_shown));
  if (text.size() < line.size()) text += "…";
  return text;
}

}  // namespace

metric_reading in_unit(metric_reading reading, const std::string& unit) {
  if (!reading.value || reading.unit == unit) return reading;
  if (auto value = converted(*reading.value, reading.unit, unit)) {
    reading.value = value;
    reading.unit = unit;
    return reading;
  }
  const std::string printed =
      reading.printed.empty() ? shortest(*reading.value) + reading.unit : reading.printed;
  reading.value.reset();
  if (unit.empty())
    reading.missing =
        "the metric had no unit, this run printed " + shown(printed) + ": another kind of unit";
  else if (reading.unit.empty())
    reading.missing =
        "the metric was in " + unit + ", this run printed " + shown(printed) + " without a unit";
  else
    reading.missing = "the metric was in " + unit + ", this run printed " + shown(printed) +
                      ": another kind of unit";
  return reading;
}

std::string no_metric_text(const metric_reading& reading, std::string_view output_tail) {
  std::vector<std::string> lines{"no metric: " + one_line(reading.missing, 700)};
  for (std::size_t i = 0; i < reading.hints.size() && i < 7; ++i)
    lines.push_back(one_line(reading.hints[i], 300));
  const std::string seen = visible_text(output_tail);
  auto all = lines_of(seen);
  std::erase_if(all, [](std::string_view line) {
    return line.find_first_not_of(" \t") == std::string_view::npos;
  });
  if (all.empty()) {
    lines.push_back("the output is empty");
  } else {
    lines.push_back(all.size() > tail_lines ? "the output ends with:" : "the output:");
    std::size_t first =
        all.size() - std::min({all.size(), tail_lines, max_excerpt_lines - lines.size()});
    for (std::size_t i = first; i < all.size(); ++i) lines.push_back("  " + shortened(all[i]));
  }
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return std::string(utf8_prefix(valid_utf8(text), max_excerpt_bytes));
}

}  // namespace ratchet
