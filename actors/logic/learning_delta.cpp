// SPDX-License-Identifier: MIT
#include "actors/logic/learning_delta.hpp"

#include <cmath>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

double rounded(double x, int decimals) {
  double scale = std::pow(10.0, decimals);
  return std::round(x * scale) / scale;
}

json finite_or_null(const std::optional<double>& x) {
  if (!x || !std::isfinite(*x)) return nullptr;
  return *x;
}

json benchmark_export(const std::vector<tool_score>& scores) {
  json out = json::object();
  for (const auto& s : scores) {
    if (s.sample_count < learning_delta_min_samples) continue;
    if (!std::isfinite(s.success_rate) || !std::isfinite(s.avg_time_s)) continue;
    out[s.task_type][s.tool_name] = json{{"success_rate", rounded(s.success_rate, 3)},
                                         {"avg_time_s", rounded(s.avg_time_s, 2)},
                                         {"sample_count", s.sample_count}};
    auto& exported = out[s.task_type][s.tool_name];
    if (s.kept_rate) exported["kept_rate"] = rounded(*s.kept_rate, 4);
    if (s.gain && std::isfinite(*s.gain)) exported["gain"] = rounded(*s.gain, 6);
  }
  return out;
}

}  // namespace

std::optional<json> learning_delta(const progress& session, const session_settings& settings,
                                   const std::vector<tool_score>& scores, std::int64_t now_ms,
                                   const std::string& node_id) {
  if (session.total_improvements < 1) return std::nullopt;
  json delta{{"version", learning_delta_version},
             {"node_id", node_id},
             {"time", rfc3339(now_ms)},
             {"ts", static_cast<double>(now_ms) / 1000}};
  delta["autoresearch"] = json{{"session_id", session.session_id},
                               {"experiment_id", settings.experiment_id},
                               {"metric_name", settings.metric_name},
                               {"baseline", finite_or_null(session.baseline_metric)},
                               {"best", finite_or_null(session.best_metric)},
                               {"total_improvements", session.total_improvements},
                               {"iterations", session.iteration},
                               {"constitutional_rejections", session.constitutional_rejections},
                               {"baseline_rejections", session.baseline_rejections}};
  json benchmarks = benchmark_export(scores);
  if (!benchmarks.empty()) delta["coding_benchmarks"] = std::move(benchmarks);
  return delta;
}

}  // namespace ratchet
