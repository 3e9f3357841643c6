// SPDX-License-Identifier: MIT
#include "actors/logic/baseline_delta.hpp"

#include <cmath>
#include <cstdio>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

std::string percent(double share, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, share * 100);
  return text;
}

std::optional<std::string> regression(const guard_metric& guard, double before, double now) {
  double worse =
      guard.direction == metric_direction::higher_is_better ? before - now : now - before;
  if (worse <= 0) return std::nullopt;
  std::string change = guard.name + " " + shortest(before) + " -> " + shortest(now) + " (";
  std::string allowed = "allowed " + percent(guard.max_regression, "%.6g") + " %)";
  if (before == 0) return change + "worse than 0, " + allowed;
  // 0.3 -> 0.285 is 5 %, whatever the last bit of the quotient says.
  if (worse / std::abs(before) <= guard.max_regression + 1e-9) return std::nullopt;
  return change + percent((now - before) / std::abs(before), "%+.1f") + " %, " + allowed;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

}  // namespace

gate_verdict baseline_delta(const std::vector<guard_metric>& guards,
                            const std::map<std::string, double>& measured,
                            const std::optional<snapshot>& before) {
  gate_verdict verdict{"baseline_delta"};
  if (guards.empty()) {
    verdict.reason = "no guard metrics";
    return verdict;
  }
  if (!before) {
    verdict.enforced = false;
    verdict.reason = "there is no baseline to compare with";
    return verdict;
  }
  std::vector<std::string> unknown;
  for (const auto& guard : guards) {
    auto now = measured.find(guard.name);
    if (now == measured.end() || !std::isfinite(now->second)) {
      verdict.regressions.push_back("guard " + guard.name + " was not measured");
      continue;
    }
    auto old = before->metrics.find(guard.name);
    if (old == before->metrics.end() || !std::isfinite(old->second))
      unknown.push_back(guard.name);
    else if (auto r = regression(guard, old->second, now->second))
      verdict.regressions.push_back(*r);
  }
  verdict.allowed = verdict.regressions.empty();
  verdict.reason = verdict.allowed ? "no guard metric got worse" : joined(verdict.regressions);
  if (verdict.allowed && !unknown.empty()) {
    verdict.enforced = false;
    verdict.reason = "not compared, as the baseline has no value of it: " + listed(unknown);
  }
  return verdict;
}

std::map<std::string, guard_finding> guards_found(const std::vector<guard_metric>& guards,
                                                  const std::map<std::string, double>& measured,
                                                  const std::map<std::string, double>& before) {
  std::map<std::string, guard_finding> found;
  for (const auto& guard : guards) {
    auto& one = found[guard.name];
    if (auto now = measured.find(guard.name); now != measured.end()) one.value = now->second;
    auto was = before.find(guard.name);
    if (was == before.end()) continue;
    one.baseline = was->second;
    const double worse = guard.max_regression * std::abs(was->second);
    one.allowed = guard.direction == metric_direction::higher_is_better ? was->second - worse
                                                                        : was->second + worse;
  }
  return found;
}

gate_verdict settled(const std::string& gate, const expected<gate_verdict>& answer,
                     gate_error_policy policy) {
  gate_verdict verdict;
  if (answer) verdict = *answer;
  verdict.gate = gate;
  if (answer) return verdict;
  verdict.allowed = policy == gate_error_policy::open;
  verdict.enforced = false;
  verdict.reason = "could not be asked: " + answer.error().text;
  return verdict;
}

}  // namespace ratchet
