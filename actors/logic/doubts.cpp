// SPDX-License-Identifier: MIT
#include "actors/logic/doubts.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "actors/logic/metric_lines.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t most_doubts = 20;
constexpr double far_better = 10;  // times the baseline

/// The words of a name: "val_accuracy" → val, accuracy; "topK" stays one.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  for (char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)))
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!word.empty())
      words.push_back(std::exchange(word, ""));
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

bool is_share(std::string_view name) {
  constexpr std::array<std::string_view, 16> shares{
      "acc",   "accuracy", "share", "ratio", "precision", "recall",  "f1",   "auc",
      "auroc", "coverage", "iou",   "hit",   "hitrate",   "winrate", "dice", "probability"};
  auto words = words_of(name);
  return std::any_of(words.begin(), words.end(), [&](const std::string& w) {
    return std::find(shares.begin(), shares.end(), w) != shares.end();
  });
}

}  // namespace

std::string doubt_of_unguarded(const session_settings& s) {
  if (!s.gates.empty() || !s.check_command.empty() || !s.guard_metrics.empty() ||
      !s.protected_paths.empty() || !s.constitution.empty())
    return "";
  return "no gate, no check, no guard: nothing but the metric looks at the result; give "
         "check_command, gates, guard_metrics or protected_paths";
}

std::string doubt_of_source(const session_settings& s, const std::string& metric_source) {
  constexpr std::string_view mark = "fallback:";
  if (!metric_source.starts_with(mark)) return "";
  return "the metric " + shown(s.metric_name) + " is nowhere in the output: what counts is " +
         shown(metric_source.substr(mark.size())) +
         " instead; correct metric_name, or set metric_pattern";
}

std::vector<std::string> doubts_of_gain(const session_settings& s, const std::string& unit,
                                        std::optional<double> baseline, double value,
                                        const std::string& diff) {
  std::vector<std::string> doubts;
  const std::string what = one_line(s.metric_name, 80) + " " + shortest(value);
  const bool of_hundred = unit == "%" || (baseline && *baseline > 1 && *baseline <= 100);
  if (is_share(s.metric_name) || unit == "%") {
    const double whole = of_hundred ? 100 : 1;
    if (value > whole && (!baseline || *baseline <= whole))
      doubts.push_back(what + " is more than " + shortest(whole) +
                       ", which no share can be: look at how it is measured before you believe it");
  }
  if (baseline && *baseline != 0 && std::isfinite(value)) {
    const bool higher = s.metric_direction == metric_direction::higher_is_better;
    const bool tenfold = higher ? value >= far_better * *baseline && *baseline > 0
                                : value >= 0 && *baseline > 0 && value * far_better <= *baseline;
    if (tenfold)
      doubts.push_back(what + " is " +
                       (value == 0 ? std::string("nothing at all") : "ten times better, or more,") +
                       " beside the baseline's " + shortest(*baseline) +
                       ": look at what the change does before you believe it");
  }
  if (auto places = metric_places_in_diff(diff, s.metric_name); !places.empty())
    doubts.push_back("the edit changes what computes or prints " + one_line(s.metric_name, 60) +
                     " (" + listed(places, 3) +
                     "): is the result better, or only how it is measured?");
  return doubts;
}

void add_doubts(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const auto& doubt : more)
    if (!doubt.empty() && all.size() < most_doubts &&
        std::find(all.begin(), all.end(), doubt) == all.end())
      all.push_back(doubt);
}

}  // namespace ratchet
