// SPDX-License-Identifier: MIT
//
// What a session asks of the other actors while it takes a step. These stay inside one runtime.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/benchmarks.hpp"
#include "messages/edits.hpp"
#include "messages/experiments.hpp"
#include "messages/json.hpp"
#include "messages/records.hpp"
#include "messages/sessions.hpp"
#include "messages/settings.hpp"

namespace ratchet {

// -- journal --------------------------------------------------------------------------------------

/// Takes the session's lease and reads it. Kept until `write_step` with `release`, or `close_step`.
struct open_step {
  std::string session_id;
  bool lease = true;   ///< false only reads
  bool fresh = false;  ///< the session is new: take the lease, there is nothing to read

  static constexpr auto fields() {
    return std::tuple{field{"session_id", &open_step::session_id},
                      field{"lease", &open_step::lease}, field{"fresh", &open_step::fresh}};
  }
};

struct opened_step {
  session_record record;
  std::optional<iteration_record> current;  ///< the row of the session's current iteration

  static constexpr auto fields() {
    return std::tuple{field{"record", &opened_step::record},
                      field{"current", &opened_step::current}};
  }
};

/// Makes what a step did durable, then lets the event hub tell of it.
struct write_step {
  step_write what;
  bool release = false;  ///< gives the lease back once written

  static constexpr auto fields() {
    return std::tuple{field{"what", &write_step::what}, field{"release", &write_step::release}};
  }
};

/// Gives the lease back with nothing written.
struct close_step {
  std::string session_id;

  static constexpr auto fields() {
    return std::tuple{field{"session_id", &close_step::session_id}};
  }
};

/// Asks the journal for the stored sessions.
struct read_sessions {
  bool interrupted_only = false;
  std::vector<std::string> statuses;
  std::size_t limit = 10'000;

  static constexpr auto fields() {
    return std::tuple{field{"interrupted_only", &read_sessions::interrupted_only},
                      field{"statuses", &read_sessions::statuses},
                      field{"limit", &read_sessions::limit}};
  }
};

struct stored_sessions {
  std::vector<session_record> sessions;

  static constexpr auto fields() {
    return std::tuple{field{"sessions", &stored_sessions::sessions}};
  }
};

/// Writes the report, results.tsv and progress.svg of a session.
struct write_report {
  progress session;
  session_settings settings;
  json extra;

  static constexpr auto fields() {
    return std::tuple{field{"session", &write_report::session},
                      field{"settings", &write_report::settings},
                      field{"extra", &write_report::extra}};
  }
};

struct report_written {
  std::string path;

  static constexpr auto fields() { return std::tuple{field{"path", &report_written::path}}; }
};

/// Events that are durable, for the hub to deliver.
struct recorded_events {
  std::vector<event> events;

  static constexpr auto fields() { return std::tuple{field{"events", &recorded_events::events}}; }
};

// -- workspace_keeper -----------------------------------------------------------------------------

/// Can this repository be worked on, are the targets what they must be? Touches nothing.
struct inspect_repository {
  session_settings settings;

  static constexpr auto fields() {
    return std::tuple{field{"settings", &inspect_repository::settings}};
  }
};

struct open_workspace {
  std::string session_id;
  session_settings settings;

  static constexpr auto fields() {
    return std::tuple{field{"session_id", &open_workspace::session_id},
                      field{"settings", &open_workspace::settings}};
  }
};

struct workspace_opened {
  std::string directory;
  std::string base_commit;
  std::string base_tree;
  std::string branch;
  std::vector<std::string> uncommitted;

  static constexpr auto fields() {
    using w = workspace_opened;
    return std::tuple{field{"directory", &w::directory}, field{"base_commit", &w::base_commit},
                      field{"base_tree", &w::base_tree}, field{"branch", &w::branch},
                      field{"uncommitted", &w::uncommitted}};
  }
};

struct restore_workspace {
  std::string session_id;
  std::string tree;

  static constexpr auto fields() {
    return std::tuple{field{"session_id", &restore_workspace::session_id},
                      field{"tree", &restore_workspace::tree}};
  }
};

/// Writes the commit object that a promotion will publish; no branch moves yet.
struct commit_candidate {
  std::string session_id;
  std::string tree;
  std::string parent;
  std::string message;
  std::int64_t time_ms = 0;

  static constexpr auto fields() {
    using c = commit_candidate;
    return std::tuple{field{"session_id", &c::session_id}, field{"tree", &c::tree},
                      field{"parent", &c::parent}, field{"message", &c::message},
                      field{"time_ms", &c::time_ms}};
  }
};

struct candidate_committed {
  std::string commit;

  static constexpr auto fields() {
    return std::tuple{field{"commit", &candidate_committed::commit}};
  }
};

/// Moves the branch to the commit, then makes the work tree exactly that commit.
struct publish_commit {
  std::string session_id;
  std::string commit;
  std::string parent;

  static constexpr auto fields() {
    using p = publish_commit;
    return std::tuple{field{"session_id", &p::session_id}, field{"commit", &p::commit},
                      field{"parent", &p::parent}};
  }
};

struct remove_workspace {
  std::string session_id;

  static constexpr auto fields() {
    return std::tuple{field{"session_id", &remove_workspace::session_id}};
  }
};

// -- edit_generator -------------------------------------------------------------------------------

struct propose_edit {
  std::string session_id;
  session_settings settings;
  int iteration = 0;
  std::optional<double> baseline_metric;
  std::optional<double> best_metric;
  int best_iteration = 0;
  std::string head;  ///< the commit the edit is cut from
  given_edit given;
  json backend_state;

  static constexpr auto fields() {
    using p = propose_edit;
    return std::tuple{field{"session_id", &p::session_id},
                      field{"settings", &p::settings},
                      field{"iteration", &p::iteration},
                      field{"baseline_metric", &p::baseline_metric},
                      field{"best_metric", &p::best_metric},
                      field{"best_iteration", &p::best_iteration},
                      field{"head", &p::head},
                      field{"given", &p::given},
                      field{"backend_state", &p::backend_state}};
  }
};

/// An applied candidate, or why there is none (the work tree is then as before).
struct edit_outcome {
  std::optional<candidate> applied;
  std::string reason;
  json backend_state;

  static constexpr auto fields() {
    return std::tuple{field{"applied", &edit_outcome::applied},
                      field{"reason", &edit_outcome::reason},
                      field{"backend_state", &edit_outcome::backend_state}};
  }
};

// -- experiment_runner ----------------------------------------------------------------------------

/// Measures one candidate (or the unmodified code, iteration 0) on one slot, as often as `repeats`
/// asks. The work tree holds `tree` before and after.
struct run_experiment {
  std::string session_id;
  session_settings settings;
  int iteration = 0;
  std::string directory;
  std::string tree;       ///< the candidate
  std::string incumbent;  ///< the best commit, measured again with repeats > 1
  std::optional<double> best_metric;

  static constexpr auto fields() {
    using r = run_experiment;
    return std::tuple{field{"session_id", &r::session_id},
                      field{"settings", &r::settings},
                      field{"iteration", &r::iteration},
                      field{"directory", &r::directory},
                      field{"tree", &r::tree},
                      field{"incumbent", &r::incumbent},
                      field{"best_metric", &r::best_metric}};
  }
};

/// Measures two commits against each other, interleaved: what the whole search really gained.
struct compare_commits {
  std::string session_id;
  session_settings settings;
  std::string directory;
  std::string baseline;
  std::string best;
  int pairs = 6;  ///< the fewest whose extremes are a 95 % interval

  static constexpr auto fields() {
    using c = compare_commits;
    return std::tuple{field{"session_id", &c::session_id},
                      field{"settings", &c::settings},
                      field{"directory", &c::directory},
                      field{"baseline", &c::baseline},
                      field{"best", &c::best},
                      field{"pairs", &c::pairs}};
  }
};

/// Medians, and the gain in per cent of the baseline with its 95 % interval (by the pairs).
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
    return std::tuple{field{"baseline_median", &c::baseline_median},
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
  session_settings settings;
  std::string directory;

  static constexpr auto fields() {
    return std::tuple{field{"session_id", &run_setup::session_id},
                      field{"settings", &run_setup::settings},
                      field{"directory", &run_setup::directory}};
  }
};

/// Stops what a worker does for this session; nothing to stop is fine.
struct stop_job {
  std::string session_id;

  static constexpr auto fields() { return std::tuple{field{"session_id", &stop_job::session_id}}; }
};

// -- gate_chain -----------------------------------------------------------------------------------

struct judge_candidate {
  std::string session_id;
  session_settings settings;
  ratchet::candidate candidate;
  run_result result;
  std::string directory;

  static constexpr auto fields() {
    using j = judge_candidate;
    return std::tuple{field{"session_id", &j::session_id}, field{"settings", &j::settings},
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

  static constexpr auto fields() {
    using g = gate_verdict;
    return std::tuple{field{"gate", &g::gate}, field{"allowed", &g::allowed},
                      field{"enforced", &g::enforced}, field{"reason", &g::reason},
                      field{"regressions", &g::regressions, presence::if_set}};
  }
};

/// The verdicts in order, up to and including the first refusal.
struct judgement {
  std::vector<gate_verdict> verdicts;

  bool allowed() const { return verdicts.empty() || verdicts.back().allowed; }
  static constexpr auto fields() { return std::tuple{field{"verdicts", &judgement::verdicts}}; }
};

/// Adds an actor to the chain; it judges after the built-in gates, in order of registration.
/// The handle itself travels beside this message.
struct add_gate {
  std::string name;

  static constexpr auto fields() { return std::tuple{field{"name", &add_gate::name}}; }
};

// -- session, session_registry, supervisor --------------------------------------------------------

/// A step of this session was begun by a process that is gone: undo it or see it through.
struct recover_session {
  std::string session_id;

  static constexpr auto fields() {
    return std::tuple{field{"session_id", &recover_session::session_id}};
  }
};

/// A session's note to itself: status calls are waiting, look whether the step has ended.
struct look_again {
  static constexpr auto fields() { return std::tuple{}; }
};

/// Measures the session's base commit against its best one, interleaved.
struct compare_session {
  std::string session_id;
  int pairs = 6;  ///< the fewest whose extremes are a 95 % interval

  static constexpr auto fields() {
    return std::tuple{field{"session_id", &compare_session::session_id},
                      field{"pairs", &compare_session::pairs}};
  }
};

/// Asks the supervisor for the handles that a host needs.
struct find_roles {
  static constexpr auto fields() { return std::tuple{}; }
};

// -- benchmark_recorder ---------------------------------------------------------------------------

struct best_tool_query {
  std::string task_type = "autoresearch";

  static constexpr auto fields() {
    return std::tuple{field{"task_type", &best_tool_query::task_type}};
  }
};

struct best_tool_answer {
  std::optional<tool_score> tool;

  static constexpr auto fields() { return std::tuple{field{"tool", &best_tool_answer::tool}}; }
};

// -- federation_broadcaster -----------------------------------------------------------------------

/// A session ended; an improved one's learning delta goes to the outbox.
struct share_delta {
  progress session;
  session_settings settings;

  static constexpr auto fields() {
    return std::tuple{field{"session", &share_delta::session},
                      field{"settings", &share_delta::settings}};
  }
};

struct delta_shared {
  bool exported = false;   ///< the delta was built, guarded and written to the outbox
  bool broadcast = false;  ///< every peer has acknowledged it
  std::string reason;

  static constexpr auto fields() {
    return std::tuple{field{"exported", &delta_shared::exported},
                      field{"broadcast", &delta_shared::broadcast},
                      field{"reason", &delta_shared::reason}};
  }
};

}  // namespace ratchet
