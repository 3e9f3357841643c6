// SPDX-License-Identifier: MIT
//
// The steps of a session as typed messages: a request for each tool and its answer. The JSON form
// of an answer is the tool's answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/experiments.hpp"
#include "messages/json.hpp"
#include "messages/progress.hpp"
#include "messages/rounds.hpp"
#include "messages/settings.hpp"

namespace ratchet {

// -- setup ----------------------------------------------------------------------------------------

/// Opens a session and measures the unmodified code.
struct setup_session {
  shared_settings settings;
  std::string session_id;  ///< 12 hexadecimal digits that are free; empty: the registry picks

  static constexpr auto fields() {
    return field_list{field{"settings", &setup_session::settings},
                      field{"session_id", &setup_session::session_id, presence::if_set}};
  }
};

/// What a guard metric was, for whoever writes the next edit.
struct guard_finding {
  std::optional<double> value;     ///< none: it was not found, which its gate refuses
  std::optional<double> baseline;  ///< of the best code so far
  std::optional<double> allowed;   ///< the worst value that its gate lets pass

  static constexpr auto fields() {
    using g = guard_finding;
    return field_list{field{"value", &g::value}, field{"baseline", &g::baseline},
                      field{"allowed", &g::allowed}};
  }
};

struct session_opened {
  std::string session_id;  ///< 12 hexadecimal digits
  session_status status = session_status::running;
  std::optional<double> baseline_metric;
  std::string metric_name;
  ratchet::metric_direction metric_direction = metric_direction::higher_is_better;
  int max_iterations = 0;
  std::string metric_source;
  std::string workspace;                 ///< where the work tree is
  std::string branch;                    ///< where kept commits will be published
  std::string instructions_from;         ///< "program.md" where the user's words are from there
  std::vector<std::string> uncommitted;  ///< the user's uncommitted paths, left out
  /// The files that folders and patterns of target_files give, the first 100 of `target_count`.
  std::vector<std::string> targets;
  std::optional<int> target_count;
  std::string metric_unit;            ///< as the baseline printed it; later values have it too
  metric_noise noise;                 ///< of the baseline
  std::vector<std::string> warnings;  ///< what a person should know before believing the result
  std::optional<double> wall_s;       ///< of one run of the unmodified code: as in run_findings
  std::optional<double> cpu_s;
  std::optional<double> max_rss_mb;
  std::map<std::string, guard_finding> guards;
  std::string output_tail;  ///< what that run printed last: as in run_answer
  long long output_bytes = 0;
  std::string instruction;

  static constexpr auto fields() {
    using s = session_opened;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"session_id", &s::session_id},
                      field{"status", &s::status},
                      field{"baseline_metric", &s::baseline_metric},
                      field{"metric_name", &s::metric_name},
                      field{"metric_direction", &s::metric_direction},
                      field{"max_iterations", &s::max_iterations},
                      field{"metric_source", &s::metric_source, if_set},
                      field{"workspace", &s::workspace, if_set},
                      field{"branch", &s::branch, if_set},
                      field{"instructions_from", &s::instructions_from, if_set},
                      field{"uncommitted", &s::uncommitted, if_set},
                      field{"targets", &s::targets, if_set},
                      field{"target_count", &s::target_count, if_set},
                      field{"metric_unit", &s::metric_unit, if_set},
                      field{"noise", &s::noise},
                      field{"warnings", &s::warnings, if_set},
                      field{"wall_s", &s::wall_s, if_set},
                      field{"cpu_s", &s::cpu_s, if_set},
                      field{"max_rss_mb", &s::max_rss_mb, if_set},
                      field{"guards", &s::guards, if_set},
                      field{"output_tail", &s::output_tail, if_set},
                      field{"output_bytes", &s::output_bytes},
                      field{"instruction", &s::instruction}};
  }
};

// -- edit -----------------------------------------------------------------------------------------

struct edit_candidate {
  std::string session_id;
  given_edit edit;
  std::optional<std::string> instructions;  ///< in place of the session's so far

  static constexpr auto fields() {
    return field_list{field{"session_id", &edit_candidate::session_id},
                      field{"edit", &edit_candidate::edit},
                      field{"instructions", &edit_candidate::instructions, presence::if_set}};
  }
};

/// Applied (success), not usable (no success, a reason) or budget_exhausted.
struct edit_answer {
  std::optional<bool> success;
  std::optional<bool> budget_exhausted;
  std::optional<bool> paused;     ///< the user wants no further edit now; no iteration
  std::optional<bool> permanent;  ///< the reason will not go away by asking again; no iteration
  std::optional<int> iteration;
  std::optional<std::string> hypothesis;
  std::optional<std::vector<std::string>> files_changed;
  std::string reason;
  std::optional<int> spark_consumed;
  std::optional<int> spark_budget;
  std::optional<edit_usage> usage;
  std::vector<edited_variant> variants;  ///< of candidates side by side; the rest is the first's
  std::string recovered;                 ///< what was rolled back or resumed before this step
  std::string instruction;

  static constexpr auto fields() {
    using e = edit_answer;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"success", &e::success, if_set},
                      field{"budget_exhausted", &e::budget_exhausted, if_set},
                      field{"paused", &e::paused, if_set},
                      field{"permanent", &e::permanent, if_set},
                      field{"iteration", &e::iteration, if_set},
                      field{"hypothesis", &e::hypothesis, if_set},
                      field{"files_changed", &e::files_changed, if_set},
                      field{"reason", &e::reason, if_set},
                      field{"spark_consumed", &e::spark_consumed, if_set},
                      field{"spark_budget", &e::spark_budget, if_set},
                      field{"usage", &e::usage, if_set},
                      field{"variants", &e::variants, if_set},
                      field{"recovered", &e::recovered, if_set},
                      field{"instruction", &e::instruction}};
  }
};

// -- run ------------------------------------------------------------------------------------------

struct run_candidate {
  std::string session_id;
  int more_pairs = 0;  ///< > 0: not anew, but so many pairs more than it has had
  /// Of candidates side by side: answer when all are measured, not as soon as one is.
  bool wait_for_all = false;

  static constexpr auto fields() {
    using r = run_candidate;
    return field_list{field{"session_id", &r::session_id},
                      field{"more_pairs", &r::more_pairs, presence::if_set},
                      field{"wait_for_all", &r::wait_for_all, presence::if_set}};
  }
};

/// What a run found out about a candidate, for whoever called and for whoever listens.
struct run_findings {
  int iteration = 0;
  std::optional<double> metric_value;
  std::optional<double> best_metric;  ///< before this run
  bool improved = false;
  std::optional<std::string> error;  ///< why there is no value
  double duration_s = 0;             ///< of all executions together, rounded to milliseconds
  std::string metric_source;         ///< "pattern", "name", "json" or "fallback:<what matched>"
  std::string reason;                ///< why it did not improve, with the numbers
  std::string failed_at;             ///< "build" or "check": it was not measured
  std::string metric_unit;
  std::optional<double> gain;         ///< median of the pairs' differences; positive is better
  std::optional<double> wall_s;       ///< of one execution of the run command: the median
  std::optional<double> cpu_s;        ///< of all its processes: the median
  std::optional<double> max_rss_mb;   ///< the greatest resident set of one process, in 10^6 bytes
  std::vector<std::string> warnings;  ///< what a person should know before believing it
  std::vector<run_sample> samples;    ///< the executions, where there were several
  std::optional<double> spread;       ///< sample standard deviation of several executions
  std::optional<double> p_value;      ///< one-sided exact paired test of several executions

  static constexpr auto fields() {
    using r = run_findings;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"iteration", &r::iteration},
                      field{"metric_value", &r::metric_value},
                      field{"best_metric", &r::best_metric},
                      field{"improved", &r::improved},
                      field{"error", &r::error},
                      field{"duration_s", &r::duration_s},
                      field{"metric_source", &r::metric_source, if_set},
                      field{"reason", &r::reason, if_set},
                      field{"failed_at", &r::failed_at, if_set},
                      field{"metric_unit", &r::metric_unit, if_set},
                      field{"gain", &r::gain, if_set},
                      field{"wall_s", &r::wall_s, if_set},
                      field{"cpu_s", &r::cpu_s, if_set},
                      field{"max_rss_mb", &r::max_rss_mb, if_set},
                      field{"warnings", &r::warnings, if_set},
                      field{"samples", &r::samples, if_set},
                      field{"spread", &r::spread, if_set},
                      field{"p_value", &r::p_value, if_set}};
  }
};

struct run_answer : run_findings {
  std::map<std::string, guard_finding> guards;
  /// The last whole lines that were printed, ≤ 4,000 bytes, as a terminal would show them; the
  /// rest, as far as it is kept, shows autoresearch_show.
  std::string output_tail;
  long long output_bytes = 0;              ///< of all that was printed
  std::vector<measured_variant> variants;  ///< of a parallel round; the rest is the winner's
  std::string recovered;
  std::string instruction;

  static constexpr auto fields() {
    using r = run_answer;
    constexpr auto if_set = presence::if_set;
    return joined_fields{
        run_findings::fields(),
        field_list{
            field{"guards", &r::guards, if_set}, field{"output_tail", &r::output_tail, if_set},
            field{"output_bytes", &r::output_bytes}, field{"variants", &r::variants, if_set},
            field{"recovered", &r::recovered, if_set}, field{"instruction", &r::instruction}}};
  }
};

// -- decide ---------------------------------------------------------------------------------------

struct decide_candidate {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &decide_candidate::session_id}};
  }
};

struct decide_answer {
  /// kept, reverted, build_failed, check_failed, rejected_by_gate or commit_failed
  std::string decision;
  int iteration = 0;
  std::optional<double> best_metric;
  int best_iteration = 0;
  int total_improvements = 0;
  int spark_consumed = 0;
  bool should_continue = false;
  std::string ended_by;  ///< why should_continue is false: which budget, and what raises it
  std::string commit;
  std::string reason;
  std::vector<std::string> not_enforced;  ///< gates that could not be asked: name and why
  std::vector<std::string> warnings;
  bool repeated = false;
  std::string recovered;
  std::string instruction;

  static constexpr auto fields() {
    using d = decide_answer;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"decision", &d::decision},
                      field{"iteration", &d::iteration},
                      field{"best_metric", &d::best_metric},
                      field{"best_iteration", &d::best_iteration},
                      field{"total_improvements", &d::total_improvements},
                      field{"spark_consumed", &d::spark_consumed},
                      field{"should_continue", &d::should_continue},
                      field{"ended_by", &d::ended_by, if_set},
                      field{"commit", &d::commit, if_set},
                      field{"reason", &d::reason, if_set},
                      field{"not_enforced", &d::not_enforced, if_set},
                      field{"warnings", &d::warnings, if_set},
                      field{"repeated", &d::repeated, if_set},
                      field{"recovered", &d::recovered, if_set},
                      field{"instruction", &d::instruction}};
  }
};

// -- finalize -------------------------------------------------------------------------------------

struct finalize_session {
  std::string session_id;
  bool compare = true;  ///< measure baseline against best once more, unless that was done

  static constexpr auto fields() {
    return field_list{field{"session_id", &finalize_session::session_id},
                      field{"compare", &finalize_session::compare}};
  }
};

struct finalize_answer {
  session_status status = session_status::completed;
  std::string session_id;
  std::optional<double> baseline_metric;
  std::optional<double> best_metric;
  int best_iteration = 0;
  int total_improvements = 0;
  int total_iterations = 0;
  int spark_consumed = 0;
  usage_totals usage;
  double elapsed_s = 0;
  std::string branch;  ///< the branch to merge; empty when nothing was kept
  std::string report_path;
  std::string reverted;  ///< which undecided candidate was reverted first
  json comparison;       ///< baseline against best, measured again in pairs; null without
  std::string pruned;    ///< what was taken back at the end, as it brought nothing
  std::vector<std::string> not_enforced;
  std::vector<std::string> warnings;
  bool repeated = false;
  std::string recovered;

  static constexpr auto fields() {
    using f = finalize_answer;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"status", &f::status},
                      field{"session_id", &f::session_id},
                      field{"baseline_metric", &f::baseline_metric},
                      field{"best_metric", &f::best_metric},
                      field{"best_iteration", &f::best_iteration},
                      field{"total_improvements", &f::total_improvements},
                      field{"total_iterations", &f::total_iterations},
                      field{"spark_consumed", &f::spark_consumed},
                      field{"usage", &f::usage},
                      field{"elapsed_s", &f::elapsed_s},
                      field{"branch", &f::branch, if_set},
                      field{"report_path", &f::report_path, if_set},
                      field{"reverted", &f::reverted, if_set},
                      field{"comparison", &f::comparison, if_set},
                      field{"pruned", &f::pruned, if_set},
                      field{"not_enforced", &f::not_enforced, if_set},
                      field{"warnings", &f::warnings, if_set},
                      field{"repeated", &f::repeated, if_set},
                      field{"recovered", &f::recovered, if_set}};
  }
};

// -- any -----------------------------------------------------------------------------------------

/// Ends the step in progress, and those that wait for their turn: an edit or run stops, or is never
/// begun, and is undone, its caller gets `cancelled`. Said once: the session remembers it.
struct cancel_step {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &cancel_step::session_id}};
  }
};

/// The answer where there is nothing to say but that it was done.
struct done {
  static constexpr auto fields() { return field_list{}; }
};

}  // namespace ratchet
