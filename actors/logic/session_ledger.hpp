// SPDX-License-Identifier: MIT
//
// The step machine of one session: what may happen next, what each step changes, and what it
// answers. Plain values in, plain values out; the session actor asks the world in between.
//
//   setup ─► edit ─► run ─► decide ─┐        finalize from edit, run or decide
//             ▲                     │
//             └─────────────────────┘
//
// Each step is two calls: `begin_x` checks and marks (the mark is stored, so that a crash is seen),
// `finish_x` applies what came of it. Between them `in_step` is set. Budgets: a candidate's spark
// is reserved by an applied edit and charged by begin_run, once, whatever comes of it.
//
// Side by side (hive_parallel) an edit proposes a candidate for each place that is free, and a run
// ends as soon as some are measured: the others go on between the steps. A candidate is judged
// against the best of the moment in which its run began; what is better goes on to decide, after
// a look at it on top of the best of now if that is another. So no place waits for the slowest.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/events.hpp"
#include "messages/experiments.hpp"
#include "messages/failure.hpp"
#include "messages/jobs.hpp"
#include "messages/sessions.hpp"
#include "messages/settings.hpp"
#include "messages/workspaces.hpp"

namespace ratchet {

/// A promotion that has passed the gates and must be seen through, crash or not.
struct keep_intent {
  std::string commit;
  std::string parent;

  static constexpr auto fields() {
    return field_list{field{"commit", &keep_intent::commit}, field{"parent", &keep_intent::parent}};
  }
};

/// What is stored of a session between steps, of constant size however long it runs: candidate and
/// result are in the row of the current iteration.
struct session_ledger {
  session_status status = session_status::pending;
  session_step next = session_step::setup;    ///< expected next; none once finalized
  session_step in_step = session_step::none;  ///< begun and not answered
  std::int64_t step_started_ms = 0;
  int iteration = 0;
  std::optional<double> baseline_metric;
  std::optional<double> best_metric;
  int best_iteration = 0;
  int total_improvements = 0;
  int spark_consumed = 0;
  int unpaid = 0;          ///< candidates that await their first run, which charges their spark
  int current = 0;         ///< the iteration of the candidate that the next step is about
  std::vector<int> round;  ///< the iterations side by side that are undecided, oldest first: they
                           ///< await their run or are at it, and are not asked to decide yet
  std::string home_class;  ///< the class of machine that the session's metrics are from
  std::map<std::string, double> class_best;  ///< head's metric on other classes of machines
  std::string directory;                     ///< the work tree
  std::string base_commit;
  std::string head;  ///< the best commit so far
  std::string branch;
  std::int64_t started_ms = 0;
  std::int64_t ended_ms = 0;
  bool baseline_enforced = true;
  bool benchmark_gain_enforced = true;
  bool federation_export_enforced = true;
  bool constitutional_enforced = true;
  bool baseline_delta_enforced = true;
  bool federation_broadcast_enforced = true;
  int constitutional_rejections = 0;
  int baseline_rejections = 0;
  std::string last_rejection_reason;
  std::optional<keep_intent> intent;
  json backend_state;
  usage_totals usage;                           ///< of all model calls, also for edits that failed
  session_step last_step = session_step::none;  ///< the step answered last
  json last_answer;
  std::string recovered;  ///< told with the next answer, then cleared
  json comparison;        ///< baseline against best, re-measured; for the report
  std::string report_path;
  std::string metric_source;  ///< how the baseline's metric was found
  std::string metric_unit;    ///< as the baseline printed it
  std::map<std::string, std::string> guard_units;
  std::map<std::string, double> guard_values;  ///< of the best code so far
  metric_noise noise;                          ///< of the baseline
  std::vector<double> best_values;  ///< runs of the best code, the newest ≤ 64, oldest first
  std::string instructions;         ///< the user's words for whoever writes edits, as they are now
  std::vector<steering> steered;    ///< instructions that came while it ran, the last 20
  bool paused = false;              ///< no further edit until the user says so
  std::vector<lesson> lessons;      ///< ≤ 20, the best supported first, of those the newest
  int unapplied = 0;                ///< edits in a row, up to now, that did not apply
  std::string unapplied_reason;     ///< of the last of them
  int since_keep = 0;               ///< measured candidates since the last keep
  double run_s = 0;                 ///< how long one run takes; 0: not known yet
  std::string pruned;               ///< what was taken back at the end
  std::vector<std::string> not_enforced;  ///< gates that could not be asked: name and why
  std::vector<std::string> warnings;

  static constexpr auto fields() {
    using s = session_ledger;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"status", &s::status},
                      field{"next", &s::next},
                      field{"in_step", &s::in_step},
                      field{"step_started_ms", &s::step_started_ms},
                      field{"iteration", &s::iteration},
                      field{"baseline_metric", &s::baseline_metric},
                      field{"best_metric", &s::best_metric},
                      field{"best_iteration", &s::best_iteration},
                      field{"total_improvements", &s::total_improvements},
                      field{"spark_consumed", &s::spark_consumed},
                      field{"unpaid", &s::unpaid, if_set},
                      field{"current", &s::current},
                      field{"round", &s::round, if_set},
                      field{"home_class", &s::home_class, if_set},
                      field{"class_best", &s::class_best, if_set},
                      field{"directory", &s::directory},
                      field{"base_commit", &s::base_commit},
                      field{"head", &s::head},
                      field{"branch", &s::branch},
                      field{"started_ms", &s::started_ms},
                      field{"ended_ms", &s::ended_ms},
                      field{"baseline_enforced", &s::baseline_enforced},
                      field{"benchmark_gain_enforced", &s::benchmark_gain_enforced},
                      field{"federation_export_enforced", &s::federation_export_enforced},
                      field{"constitutional_enforced", &s::constitutional_enforced},
                      field{"baseline_delta_enforced", &s::baseline_delta_enforced},
                      field{"federation_broadcast_enforced", &s::federation_broadcast_enforced},
                      field{"constitutional_rejections", &s::constitutional_rejections},
                      field{"baseline_rejections", &s::baseline_rejections},
                      field{"last_rejection_reason", &s::last_rejection_reason},
                      field{"intent", &s::intent, if_set},
                      field{"backend_state", &s::backend_state, if_set},
                      field{"usage", &s::usage},
                      field{"last_step", &s::last_step},
                      field{"last_answer", &s::last_answer, if_set},
                      field{"recovered", &s::recovered, if_set},
                      field{"comparison", &s::comparison, if_set},
                      field{"report_path", &s::report_path, if_set},
                      field{"metric_source", &s::metric_source, if_set},
                      field{"metric_unit", &s::metric_unit, if_set},
                      field{"guard_units", &s::guard_units, if_set},
                      field{"guard_values", &s::guard_values, if_set},
                      field{"noise", &s::noise},
                      field{"best_values", &s::best_values, if_set},
                      field{"instructions", &s::instructions, if_set},
                      field{"steered", &s::steered, if_set},
                      field{"paused", &s::paused, if_set},
                      field{"lessons", &s::lessons, if_set},
                      field{"unapplied", &s::unapplied, if_set},
                      field{"unapplied_reason", &s::unapplied_reason, if_set},
                      field{"since_keep", &s::since_keep},
                      field{"run_s", &s::run_s},
                      field{"pruned", &s::pruned, if_set},
                      field{"not_enforced", &s::not_enforced, if_set},
                      field{"warnings", &s::warnings, if_set}};
  }
};

/// A session in memory: settings, state, the row of the current candidate, and the rows of those
/// that are side by side.
struct session_document {
  std::string session_id;
  shared_settings settings;
  session_ledger state;
  iteration_record current;
  std::vector<iteration_record> round;
  std::int64_t created_ms = 0;
  /// Of the judgement of the current candidate, for decide's answer; not stored.
  std::vector<std::string> not_enforced;

  /// What the store keeps of it, without the row.
  session_record record(std::int64_t now_ms) const;
  /// `store_failed` when the stored JSON is not a session's.
  static expected<session_document> read(const session_record& record,
                                         const std::optional<iteration_record>& current,
                                         std::vector<iteration_record> round = {});
};

/// Whether a stored session works with its workspace, or will itself see to the removal.
bool needs_workspace(const session_record& record);

/// What a step leaves behind: rows and events to write with the state. Every event already carries
/// session_id, experiment_id and goal_id.
struct step_effects {
  bool store_row = false;              ///< `document.current` is to be written
  std::vector<iteration_record> rows;  ///< and these
  std::vector<event> events;
};

/// Progress as get_autoresearch_status answers it.
progress progress_of(const session_document& d, std::int64_t now_ms);

// -- setup ----------------------------------------------------------------------------------------

void begin_setup(session_document& d, std::int64_t now_ms);
void workspace_ready(session_document& d, const workspace_opened& w);
/// The baseline's result: opened, or `baseline_failed` with the session's status failed.
expected<session_opened> finish_setup(session_document& d, const run_result& baseline,
                                      step_effects& effects, std::int64_t now_ms);
/// The session never came to a baseline (workspace or setup_command): status failed. What a command
/// printed last (`details.output_tail`) goes into row 0 and not into the answer.
failure fail_setup(session_document& d, const failure& why, step_effects& effects,
                   std::int64_t now_ms);

// -- edit -----------------------------------------------------------------------------------------

/// Nothing: go on and ask for an edit. An answer: the budget is spent, and said so.
expected<std::optional<edit_answer>> begin_edit(session_document& d, step_effects& effects,
                                                std::int64_t now_ms);
/// What an edit cost that was cancelled or could not be seen through.
void charge_usage(session_document& d, const edit_usage& usage);
edit_answer finish_edit(session_document& d, const edit_outcome& outcome, step_effects& effects,
                        std::int64_t now_ms);
/// Whether the backend's candidates of this session run side by side.
bool is_parallel(const session_document& d);
/// How many candidates the next edit may propose at once: as many as there are places free, as far
/// as iterations and spark reach; without hive_parallel 1. At least 1.
int free_places(const session_document& d);
/// Whether an iteration is one of those side by side, whose work trees are others than the
/// session's own.
bool is_beside(const session_document& d, int iteration);
inline bool current_is_beside(const session_document& d) { return is_beside(d, d.state.current); }
/// Every outcome is an iteration of its own. Those that applied join the ones that await their run.
edit_answer finish_edit_round(session_document& d, const variants_outcome& outcome,
                              step_effects& effects, std::int64_t now_ms);

// -- run ------------------------------------------------------------------------------------------

/// Charges the candidate's spark (once, however often an interrupted run is begun again).
expected<> begin_run(session_document& d, std::int64_t now_ms);
/// Another run of the candidate that was run last and is not decided, in pairs more than it has
/// had. Charges its spark again.
expected<> begin_more_pairs(session_document& d, int pairs, std::int64_t now_ms);
run_answer finish_run(session_document& d, const run_result& result, step_effects& effects,
                      std::int64_t now_ms);
/// What the incumbent gave on another class of machine is known from here on.
void remember_incumbent(session_document& d, const run_result& result);
/// One of those side by side, as it was measured: `what` is the row's candidate, or the same change
/// on top of a newer best.
struct measured_candidate {
  candidate what;
  run_result result;
  std::string incumbent;       ///< the head of the moment in which its run began
  std::optional<double> best;  ///< and the best metric
};
/// The same for those of the round that are measured: `winner` goes on as the current candidate,
/// the others are reverted here. What is not among `measured` stays in the round.
run_answer finish_run_round(session_document& d, const std::vector<measured_candidate>& measured,
                            std::size_t winner, step_effects& effects, std::int64_t now_ms);
/// None of those side by side is waited for any more: each is reverted for this reason.
void drop_round(session_document& d, const std::string& reason, step_effects& effects,
                std::int64_t now_ms);
/// The job that measures a row's candidate, with what is known of the incumbent.
run_experiment measurement_of(const session_document& d, const iteration_record& row);

// -- decide ---------------------------------------------------------------------------------------

enum class verdict_needed : std::uint8_t { revert, judge, publish };

/// What has to be done now: revert the candidate, ask the gates, or (after a crash) see a promotion
/// through. A decide just answered is answered again through `repeated`.
struct decide_begun {
  verdict_needed needed = verdict_needed::revert;
  std::optional<decide_answer> repeated;
};
expected<decide_begun> begin_decide(session_document& d, std::int64_t now_ms);
/// Takes the gates' answers: flags, counters, last_rejection_reason, not_enforced, events. Returns
/// why a gate refused, one line and below it the end of that gate's output; empty: none did.
std::string take_judgement(session_document& d, const judgement& j, step_effects& effects,
                           std::int64_t now_ms);
/// Message of the commit that promotes the candidate.
std::string commit_message(const session_document& d);
/// Texts by value in both: they may be the document's own, which these change.
decide_answer finish_kept(session_document& d, std::string commit, step_effects& effects,
                          std::int64_t now_ms);
/// What becomes of a candidate that did not improve: `reverted`, or `build_failed` or
/// `check_failed` where it was not even measured.
std::string decision_against(const run_result& result);
/// `reverted`, `build_failed`, `check_failed`, `rejected_by_gate` or `commit_failed`.
decide_answer finish_reverted(session_document& d, std::string decision, std::string reason,
                              step_effects& effects, std::int64_t now_ms);

// -- prune ----------------------------------------------------------------------------------------

/// Whether a row is the winning change without what brought nothing: kept though it is not better.
bool is_pruning(const iteration_record& row);
/// Nothing: the winning change may be taken apart now, and the step is marked. A reason: there is
/// nothing to take apart. Refused like an edit that is out of order.
expected<std::string> begin_prune(session_document& d, std::int64_t now_ms);
/// What was measured becomes an iteration of its own, which awaits its gates.
void take_pruned(session_document& d, const tree_drafted& without, const json& changes,
                 const std::vector<std::string>& taken_back, const run_result& result,
                 step_effects& effects, std::int64_t now_ms);

// -- finalize -------------------------------------------------------------------------------------

/// True: an undecided candidate has to be reverted first. An answer: finalized before.
struct finalize_begun {
  bool revert = false;
  std::optional<finalize_answer> repeated;
};
expected<finalize_begun> begin_finalize(session_document& d, std::int64_t now_ms);
/// Ends the session; `reverted` says which candidate was undecided.
finalize_answer finish_finalize(session_document& d, const std::string& reverted,
                                step_effects& effects, std::int64_t now_ms);

// -- after a failure or a crash ------------------------------------------------------------------

/// The step at work could not be seen through: back to before it. Spark that was charged stays so.
void abandon_step(session_document& d);

enum class recovery : std::uint8_t {
  nothing,            ///< no step was at work
  drop_session,       ///< setup never answered: remove the workspace, mark failed
  restore_head,       ///< an edit was at work: the work tree goes back to the best commit
  restore_candidate,  ///< a run was at work: back to the candidate, which awaits its run again
  finish_keep,        ///< a promotion had passed the gates: publish it and answer
  finish_finalize,    ///< the end is stored, only the work tree is left to remove
  redo,               ///< decide or finalize without a promotion under way: asked for again
};
/// What an interrupted session needs. `note` (≤ 1 line) says so to people.
recovery plan_recovery(const session_document& d, std::string& note);

}  // namespace ratchet
