// SPDX-License-Identifier: MIT
#include "runtime/report/chart_points.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "runtime/report/chart_scale.hpp"

namespace ratchet::chart {

namespace {

/// Keeps differences between any two values finite, and shares of them above nothing.
std::optional<double> drawable(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return std::abs(*value) < 1e-290 ? 0 : std::clamp(*value, -1e300, 1e300);
}

std::optional<double> number_in(const json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  auto it = object.find(key);
  if (it == object.end() || !it->is_number()) return std::nullopt;
  return drawable(it->get<double>());
}

}  // namespace

std::vector<value_point> history::steps() const {
  std::vector<value_point> all;
  if (baseline) all.push_back(*baseline);
  all.insert(all.end(), kept.begin(), kept.end());
  return all;
}

history history_of(const json& session, const std::vector<iteration_record>& results) {
  std::vector<const iteration_record*> ordered;
  for (const auto& r : results) ordered.push_back(&r);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](auto* a, auto* b) { return a->iteration < b->iteration; });
  history h;
  for (const auto* r : ordered) {
    h.last = std::max(h.last, r->iteration);
    const auto value = r->result ? drawable(r->result->metric_value) : std::nullopt;
    const bool failed = r->result && r->result->error;
    if (r->iteration == 0) {
      if (value && !failed) h.baseline = {0, *value, r};
      if (!h.baseline && r->result) h.crashed.push_back(0);
    } else if (!r->result) {
      h.unusable.push_back(r->iteration);
    } else if (!value || failed) {
      h.crashed.push_back(r->iteration);
    } else {
      auto& kind = r->decision == "kept"               ? h.kept
                   : r->decision == "rejected_by_gate" ? h.rejected
                                                       : h.discarded;
      kind.push_back({r->iteration, *value, r});
    }
  }
  if (!h.baseline)
    if (auto value = number_in(session, "baseline_metric")) h.baseline = {0, *value, nullptr};
  return h;
}

std::vector<point> thinned(const std::vector<point>& points, std::size_t most) {
  if (points.size() <= most) return points;
  for (double cell = 2;; cell *= 1.3) {
    std::set<std::pair<long, long>> taken;
    std::vector<point> left;
    for (const auto& p : points)
      if (taken.insert({std::lround(p.x / cell), std::lround(p.y / cell)}).second)
        left.push_back(p);
    if (left.size() <= most) return left;
  }
}

std::string compared_words(const json& session) {
  if (!session.is_object() || !session.contains("comparison")) return "";
  const json& c = session["comparison"];
  const auto from = number_in(c, "baseline_median"), to = number_in(c, "best_median");
  const auto gain = number_in(c, "gain_percent"), low = number_in(c, "gain_low_percent");
  if (!from || !to) return "";
  std::string text = readable(*from) + " → " + readable(*to);
  if (!gain) return text;
  text += std::string(" (") + (*gain < 0 ? "worse by " : "better by ") +
          readable(std::round(std::abs(*gain) * 10) / 10) + " % in pairs";
  return text + (low && *low > 0 ? ")" : ", chance not excluded)");
}

}  // namespace ratchet::chart
