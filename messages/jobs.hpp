// SPDX-License-Identifier: MIT
//
// What a session asks of the roles that work for it: runs, gates, benchmarks, deltas (edits are in
// proposals.hpp); and what the sessions, their registry and the supervisor tell each other. These
// stay inside one runtime.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/benchmarks.hpp"
#include "messages/edits.hpp"
#include "messages/experiments.hpp"
#include "messages/failure.hpp"
#include "messages/json.hpp"
#include "messages/proposals.hpp"
#include "messages/records.hpp"
#include "messages/sessions.hpp"
#include "messages/settings.hpp"

namespace ratchet {

// -- experiment_runner ----------------------------------------------------------------------------

/// Measures one candidate (or the unmodified code, iteration 0) on one slot, as often as the
/// settings' `repeats` ask or once. The work tree holds `tree` before and after.
struct run_experiment {
  std::string session_id;
  shared_settings settings;
  int iteration = 0;
  std::string directory;
  std::string tree;         ///< the candidate
  std::string incumbent;    ///< the best commit, measured again with repeats > 1
  std::string base_commit;  ///< the session's, which a worker on another machine starts from
  std::optional<double> best_metric;
  int lane = 0;            ///< which of the session's work trees on this machine; 0 is its own
  bool beside = false;     ///< side by side with others: not in the session's own work tree
  bool home_only = false;  ///< only on a machine of home_class, while one is there
  bool checked = false;    ///< check_command has passed already
  /// One run decides and the least gain counts, instead of the settings' repeats and min_delta. A
  /// worker of an older version does not know this and measures at length, which is as good.
  bool single_run = false;
  /// > 0: so many pairs more than `earlier`, all the runs that the candidate has had, and then one
  /// look at all of them. A worker of an older version measures anew, which is as good.
  int more_pairs = 0;
  std::vector<run_sample> earlier;
  /// The class of machine that best_metric was measured on; empty: whichever runs this.
  std::string home_class;
  /// The incumbent's metric on other classes of machines, where it is known. Elsewhere it is
  /// measured first.
  std::map<std::string, double> class_best;
  std::string metric_unit;  ///< of best_metric: what a value is converted to
  std::map<std::string, std::string> guard_units;
  metric_noise noise;               ///< of the baseline
  std::vector<double> best_values;  ///< all runs of the best code so far, oldest first

  static constexpr auto fields() {
    using r = run_experiment;
    return field_list{field{"session_id", &r::session_id},
                      field{"settings", &r::settings},
                      field{"iteration", &r::iteration},
                      field{"directory", &r::directory},
                      field{"tree", &r::tree},
                      field{"incumbent", &r::incumbent},
                      field{"base_commit", &r::base_commit},
                      field{"best_metric", &r::best_metric},
                      field{"lane", &r::lane},
                      field{"beside", &r::beside, presence::if_set},
                      field{"home_only", &r::home_only},
                      field{"checked", &r::checked},
                      field{"single_run", &r::single_run, presence::if_set},
                      field{"more_pairs", &r::more_pairs, presence::if_set},
                      field{"earlier", &r::earlier, presence::if_set},
                      field{"home_class", &r::home_class, presence::if_set},
                      field{"class_best", &r::class_best, presence::if_set},
                      field{"metric_unit", &r::metric_unit, presence::if_set},
                      field{"guard_units", &r::guard_units, presence::if_set},
                      field{"noise", &r::noise},
                      field{"best_values", &r::best_values, presence::if_set}};
  }
};

/// Measures two commits against each other, interleaved: what the whole search really gained.
struct compare_commits {
  std::string session_id;
  shared_settings settings;
  std::string directory;
  std::string baseline;
  std::string best;
  int pairs = 6;  ///< the fewest whose extremes are a 95 % interval
  /// The session's, which a worker on another machine starts from; empty: `baseline` is.
  std::string base_commit;

  static constexpr auto fields() {
    using c = compare_commits;
    return field_list{field{"session_id", &c::session_id},
                      field{"settings", &c::settings},
                      field{"directory", &c::directory},
                      field{"baseline", &c::baseline},
                      field{"best", &c::best},
                      field{"pairs", &c::pairs},
                      field{"base_commit", &c::base_commit, presence::if_set}};
  }
};

/// Medians, and the gain in per cent of the baseline with its 95 % interval (by the pairs):
/// positive is better, whichever direction the metric has.
struct comparison {
  std::optional<double> baseline_median;
  std::optional<double> best_median;
  std::optional<double> gain_percent;
  std::optional<double> gain_low_percent;
  std::optional<double> gain_high_percent;
  int pairs = 0;
  std::string error;

  static constexpr auto fields() {
    using c = comparison;
    return field_list{field{"baseline_median", &c::baseline_median},
                      field{"best_median", &c::best_median},
                      field{"gain_percent", &c::gain_percent},
                      field{"gain_low_percent", &c::gain_low_percent},
                      field{"gain_high_percent", &c::gain_high_percent},
                      field{"pairs", &c::pairs},
                      field{"error", &c::error, presence::if_set}};
  }
};

/// Runs setup_command in a fresh work tree.
struct run_setup {
  std::string session_id;
  shared_settings settings;
  std::string directory;

  static constexpr auto fields() {
    return field_list{field{"session_id", &run_setup::session_id},
                      field{"settings", &run_setup::settings},
                      field{"directory", &run_setup::directory}};
  }
};

/// Stops what a worker does for this session; nothing to stop is fine.
struct stop_job {
  std::string session_id;

  static constexpr auto fields() { return field_list{field{"session_id", &stop_job::session_id}}; }
};

// -- gate_chain -----------------------------------------------------------------------------------

struct judge_candidate {
  std::string session_id;
  shared_settings settings;
  ratchet::candidate candidate;
  run_result result;
  std::string directory;

  static constexpr auto fields() {
    using j = judge_candidate;
    return field_list{field{"session_id", &j::session_id}, field{"settings", &j::settings},
                      field{"candidate", &j::candidate}, field{"result", &j::result},
                      field{"directory", &j::directory}};
  }
};

/// One gate's answer. `enforced` is false when the gate was absent or erred.
struct gate_verdict {
  std::string gate;
  bool allowed = true;
  bool enforced = true;
  std::string reason;
  std::vector<std::string> regressions;
  std::string output_tail;  ///< what a gate's command printed last, ≤ 4 KB

  static constexpr auto fields() {
    using g = gate_verdict;
    return field_list{field{"gate", &g::gate},
                      field{"allowed", &g::allowed},
                      field{"enforced", &g::enforced},
                      field{"reason", &g::reason},
                      field{"regressions", &g::regressions, presence::if_set},
                      field{"output_tail", &g::output_tail, presence::if_set}};
  }
};

/// The verdicts in order, up to and including the first refusal.
struct judgement {
  std::vector<gate_verdict> verdicts;

  bool allowed() const { return verdicts.empty() || verdicts.back().allowed; }
  static constexpr auto fields() { return field_list{field{"verdicts", &judgement::verdicts}}; }
};

/// Adds an actor to the chain; it judges after the built-in gates, in order of registration.
/// The handle itself travels beside this message.
struct add_gate {
  std::string name;

  static constexpr auto fields() { return field_list{field{"name", &add_gate::name}}; }
};

// -- session, session_registry, supervisor --------------------------------------------------------

/// A step of this session was begun by a process that is gone: undo it or see it through.
struct recover_session {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &recover_session::session_id}};
  }
};

/// A session's note to itself: status calls are waiting, look whether the step has ended.
struct look_again {
  static constexpr auto fields() { return field_list{}; }
};

/// Measures the session's base commit against its best one, interleaved.
struct compare_session {
  std::string session_id;
  int pairs = 6;  ///< the fewest whose extremes are a 95 % interval

  static constexpr auto fields() {
    return field_list{field{"session_id", &compare_session::session_id},
                      field{"pairs", &compare_session::pairs}};
  }
};

/// Takes those parts of the winning change (base commit to best) back that bring nothing, each
/// measured in pairs, as one last commit.
struct prune_session {
  std::string session_id;
  double time_s = 0;  ///< no further part is measured once it has passed

  static constexpr auto fields() {
    return field_list{field{"session_id", &prune_session::session_id},
                      field{"time_s", &prune_session::time_s}};
  }
};

struct session_pruned {
  std::vector<std::string> taken_back;  ///< what each part was, in one line
  int parts = 0;                        ///< of the winning change
  int measured = 0;                     ///< of those
  int iteration = 0;                    ///< of the commit without them
  std::string commit;                   ///< empty: nothing was taken back
  std::optional<double> best_metric;    ///< from here on
  std::string why_not;                  ///< why nothing was taken back, or not all was measured

  static constexpr auto fields() {
    using s = session_pruned;
    return field_list{field{"taken_back", &s::taken_back},
                      field{"parts", &s::parts},
                      field{"measured", &s::measured},
                      field{"iteration", &s::iteration},
                      field{"commit", &s::commit},
                      field{"best_metric", &s::best_metric},
                      field{"why_not", &s::why_not, presence::if_set}};
  }
};

/// Asks the supervisor for the handles that a host needs.
struct find_roles {
  static constexpr auto fields() { return field_list{}; }
};

// -- benchmark_recorder ---------------------------------------------------------------------------

struct best_tool_query {
  std::string task_type = "autoresearch";
  bool hive = false;  ///< by what all known nodes have seen, not by this node's runs alone

  static constexpr auto fields() {
    return field_list{field{"task_type", &best_tool_query::task_type},
                      field{"hive", &best_tool_query::hive}};
  }
};

struct best_tool_answer {
  std::optional<tool_score> tool;
  int nodes = 0;  ///< whose runs it is of, this one among them

  static constexpr auto fields() {
    return field_list{field{"tool", &best_tool_answer::tool},
                      field{"nodes", &best_tool_answer::nodes}};
  }
};

// -- federation_broadcaster -----------------------------------------------------------------------

/// A session ended; an improved one's learning delta goes to the outbox.
struct share_delta {
  progress session;
  shared_settings settings;

  static constexpr auto fields() {
    return field_list{field{"session", &share_delta::session},
                      field{"settings", &share_delta::settings}};
  }
};

struct delta_shared {
  bool exported = false;   ///< the delta was built, guarded and written to the outbox
  bool broadcast = false;  ///< every peer has acknowledged it
  std::string reason;

  static constexpr auto fields() {
    return field_list{field{"exported", &delta_shared::exported},
                      field{"broadcast", &delta_shared::broadcast},
                      field{"reason", &delta_shared::reason}};
  }
};

}  // namespace ratchet
