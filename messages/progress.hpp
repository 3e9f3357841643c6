// SPDX-License-Identifier: MIT
//
// How far a session is, and which there are: the tools that look, and change nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/experiments.hpp"
#include "messages/json.hpp"
#include "messages/rounds.hpp"
#include "messages/settings.hpp"
#include "messages/steering.hpp"

namespace ratchet {

enum class session_status : std::uint8_t { pending, running, completed, failed, budget_exhausted };
template <>
struct enum_names<session_status> {
  static constexpr std::array<std::pair<session_status, std::string_view>, 5> value{
      {{session_status::pending, "pending"},
       {session_status::running, "running"},
       {session_status::completed, "completed"},
       {session_status::failed, "failed"},
       {session_status::budget_exhausted, "budget_exhausted"}}};
};

/// The steps, named as the tools are: what a session expects next, or is at.
enum class session_step : std::uint8_t { setup, edit, run, decide, finalize, none };
template <>
struct enum_names<session_step> {
  static constexpr std::array<std::pair<session_step, std::string_view>, 6> value{
      {{session_step::setup, "autoresearch_setup"},
       {session_step::edit, "autoresearch_edit"},
       {session_step::run, "autoresearch_run"},
       {session_step::decide, "autoresearch_decide"},
       {session_step::finalize, "autoresearch_finalize"},
       {session_step::none, "none"}}};
};

/// Waits up to `wait_ms` for a step in progress to end, then answers the progress.
struct get_status {
  std::string session_id;
  std::int64_t wait_ms = 0;

  static constexpr auto fields() {
    return field_list{field{"session_id", &get_status::session_id},
                      field{"wait_ms", &get_status::wait_ms}};
  }
};

struct progress {
  std::string session_id;
  session_status status = session_status::pending;
  int iteration = 0;
  int max_iterations = 0;
  std::optional<double> baseline_metric;
  std::optional<double> best_metric;
  int best_iteration = 0;
  int total_improvements = 0;
  int spark_consumed = 0;
  int spark_budget = 0;
  usage_totals usage;
  double max_cost_usd = 0;   ///< 0 is no limit
  long long max_tokens = 0;  ///< 0 is no limit
  double elapsed_s = 0;
  bool baseline_enforced = true;
  bool benchmark_gain_enforced = true;
  bool federation_export_enforced = true;
  bool constitutional_enforced = true;
  bool baseline_delta_enforced = true;
  bool federation_broadcast_enforced = true;
  int constitutional_rejections = 0;
  int baseline_rejections = 0;
  std::string last_rejection_reason;
  session_step step = session_step::setup;  ///< what is expected next; none once finalized
  std::string state;                        ///< "running" while a step is at work, else "idle"
  int side_by_side = 0;                     ///< candidates with hive_parallel that are undecided
  std::string last_output;                  ///< the line that a run at work printed last
  json last_result;  ///< {step, answer} of the step answered last; null before
  std::string metric_name;
  ratchet::metric_direction metric_direction = metric_direction::higher_is_better;
  std::string repo_path;
  std::string branch;
  std::string report_path;
  std::string recovered;  ///< what was rolled back or resumed after an interruption
  std::string metric_source;
  std::string metric_unit;
  metric_noise noise;             ///< of the baseline
  json comparison;                ///< baseline against best, measured again in pairs; null without
  std::string pruned;             ///< what was taken back at the end, as it brought nothing
  std::string instructions;       ///< the user's words for whoever writes edits, as they are now
  std::vector<steering> steered;  ///< those that came while it ran, the last 20
  bool paused = false;            ///< no further edit until the user says so
  std::vector<lesson> lessons;    ///< of replies, the best supported first
  std::vector<std::string> not_enforced;
  std::vector<std::string> warnings;

  static constexpr auto fields() {
    using p = progress;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"session_id", &p::session_id},
                      field{"status", &p::status},
                      field{"iteration", &p::iteration},
                      field{"max_iterations", &p::max_iterations},
                      field{"baseline_metric", &p::baseline_metric},
                      field{"best_metric", &p::best_metric},
                      field{"best_iteration", &p::best_iteration},
                      field{"total_improvements", &p::total_improvements},
                      field{"spark_consumed", &p::spark_consumed},
                      field{"spark_budget", &p::spark_budget},
                      field{"usage", &p::usage},
                      field{"max_cost_usd", &p::max_cost_usd},
                      field{"max_tokens", &p::max_tokens},
                      field{"elapsed_s", &p::elapsed_s},
                      field{"baseline_enforced", &p::baseline_enforced},
                      field{"benchmark_gain_enforced", &p::benchmark_gain_enforced},
                      field{"federation_export_enforced", &p::federation_export_enforced},
                      field{"constitutional_enforced", &p::constitutional_enforced},
                      field{"baseline_delta_enforced", &p::baseline_delta_enforced},
                      field{"federation_broadcast_enforced", &p::federation_broadcast_enforced},
                      field{"constitutional_rejections", &p::constitutional_rejections},
                      field{"baseline_rejections", &p::baseline_rejections},
                      field{"last_rejection_reason", &p::last_rejection_reason},
                      field{"step", &p::step},
                      field{"state", &p::state},
                      field{"side_by_side", &p::side_by_side, if_set},
                      field{"last_output", &p::last_output, if_set},
                      field{"last_result", &p::last_result},
                      field{"metric_name", &p::metric_name},
                      field{"metric_direction", &p::metric_direction},
                      field{"repo_path", &p::repo_path},
                      field{"branch", &p::branch, if_set},
                      field{"report_path", &p::report_path, if_set},
                      field{"recovered", &p::recovered, if_set},
                      field{"metric_source", &p::metric_source, if_set},
                      field{"metric_unit", &p::metric_unit, if_set},
                      field{"noise", &p::noise},
                      field{"comparison", &p::comparison, if_set},
                      field{"pruned", &p::pruned, if_set},
                      field{"instructions", &p::instructions, if_set},
                      field{"steered", &p::steered, if_set},
                      field{"paused", &p::paused, if_set},
                      field{"lessons", &p::lessons, if_set},
                      field{"not_enforced", &p::not_enforced, if_set},
                      field{"warnings", &p::warnings, if_set}};
  }
};

struct list_sessions {
  bool finished_too = false;

  static constexpr auto fields() {
    return field_list{field{"finished_too", &list_sessions::finished_too}};
  }
};

struct session_list {
  std::vector<progress> active_sessions;

  static constexpr auto fields() {
    return field_list{field{"active_sessions", &session_list::active_sessions}};
  }
};

}  // namespace ratchet
