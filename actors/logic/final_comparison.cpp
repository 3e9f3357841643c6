// SPDX-License-Identifier: MIT
#include "actors/logic/final_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "actors/logic/text.hpp"
#include "messages/json_fields.hpp"

namespace ratchet {

namespace {

/// The fewest pairs whose extremes are a 95 % interval for the median.
constexpr int pairs_of_an_interval = 6;

std::string three_digits(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string signed_percent(double value) {
  return (value > 0 ? "+" : "") + three_digits(value) + " %";
}

std::string seconds_text(double s) { return three_digits(s) + " s"; }

}  // namespace

double time_at_the_end(const session_settings& settings, double elapsed_s) {
  const double total = settings.total_time_budget_s;
  return total > 0 ? total - elapsed_s : std::max(60.0, 0.2 * elapsed_s);
}

comparison_plan plan_comparison(const session_settings& settings, double elapsed_s, double run_s,
                                int pairs) {
  const double total = settings.total_time_budget_s;
  const double left = time_at_the_end(settings, elapsed_s);
  const double pair_s = 2 * run_s;
  if (left >= 0 && pairs * pair_s <= left) return {pairs, ""};
  const int fitting = left > 0 && pair_s > 0 ? static_cast<int>(std::min(1e6, left / pair_s)) : 0;
  const std::string room =
      total > 0
          ? seconds_text(std::max(0.0, left)) + " of total_time_budget_s " + shortest(total) +
                " s are left"
          : "it may take " + seconds_text(left) + " (a minute, or a fifth of the session's time)";
  const std::string one = "a pair of runs takes about " + seconds_text(pair_s) + " and " + room;
  if (fitting >= least_compared_pairs)
    return {std::min(fitting, pairs), std::to_string(std::min(fitting, pairs)) + " of " +
                                          std::to_string(pairs) + " pairs: " + one};
  return {0, one};
}

bool is_sure(const comparison& c) { return c.gain_low_percent && *c.gain_low_percent > 0; }

std::string in_words(const comparison& c) {
  if (!c.error.empty()) return "not measured again: " + one_line(c.error, 300);
  if (!c.baseline_median || !c.best_median) return "not measured again";
  const std::string values = std::to_string(c.pairs) + (c.pairs == 1 ? " pair" : " pairs") +
                             " of runs: " + shortest(*c.baseline_median) + " -> " +
                             shortest(*c.best_median);
  if (!c.gain_percent) return "measured again in " + values;
  std::string text = signed_percent(*c.gain_percent);
  if (c.pairs > 1 && c.gain_low_percent && c.gain_high_percent)
    text += std::string(" (") +
            (c.pairs >= pairs_of_an_interval ? "95 % interval " : "of the pairs: ") +
            signed_percent(*c.gain_low_percent) + " to " + signed_percent(*c.gain_high_percent) +
            ")";
  text += ", measured again in " + values;
  if (!is_sure(c)) text += "; this does not exclude chance: look again before you merge";
  return text;
}

json stored_comparison(const comparison& c, const std::string& head, const std::string& note) {
  json stored = c;
  stored["head"] = head;
  stored["summary"] = in_words(c);
  if (!note.empty()) stored["note"] = note;
  return stored;
}

bool is_comparison_of(const json& stored, const std::string& head) {
  if (!stored.is_object()) return false;
  const auto of = stored.find("head");
  const auto error = stored.find("error");
  const bool failed = error != stored.end() && error->is_string() && *error != "";
  return of != stored.end() && *of == head && !failed;
}

}  // namespace ratchet
