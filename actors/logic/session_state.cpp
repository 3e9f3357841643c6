// SPDX-License-Identifier: MIT
#include "actors/logic/session_state.hpp"

#include <cmath>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr const char* edit_next =
    "Call autoresearch_edit to propose the next change, or autoresearch_finalize to stop.";

event make_event(const session_document& d, std::string topic, json payload, std::int64_t now_ms) {
  payload["session_id"] = d.session_id;
  payload["experiment_id"] = d.settings.experiment_id;
  payload["goal_id"] = d.settings.goal_id;
  return {0, "autoresearch." + std::move(topic), d.session_id, rfc3339(now_ms), std::move(payload)};
}

double elapsed_s(const session_state& s, std::int64_t now_ms) {
  if (s.started_ms == 0) return 0;
  std::int64_t end = s.ended_ms != 0 ? s.ended_ms : now_ms;
  return std::max(0.0, static_cast<double>(end - s.started_ms) / 1000.0);
}

/// Why no further edit may begin; empty while it may.
std::string spent_budget(const session_document& d, std::int64_t now_ms) {
  const auto& s = d.state;
  const auto& limits = d.settings;
  if (s.iteration >= limits.max_iterations)
    return "iterations: all " + std::to_string(limits.max_iterations) + " have been used";
  if (s.spark_consumed + limits.spark_per_iteration > limits.spark_budget)
    return "spark: " + std::to_string(s.spark_consumed) + " of " +
           std::to_string(limits.spark_budget) + " consumed, the next run needs " +
           std::to_string(limits.spark_per_iteration);
  if (limits.total_time_budget_s > 0 && elapsed_s(s, now_ms) >= limits.total_time_budget_s)
    return "time: total_time_budget_s of " + shortest(limits.total_time_budget_s) + " s has passed";
  return "";
}

bool may_continue(const session_document& d, std::int64_t now_ms) {
  return d.state.status == session_status::running && spent_budget(d, now_ms).empty();
}

failure wrong_step(const session_document& d, session_step asked) {
  const auto& s = d.state;
  if (s.status == session_status::failed)
    return fail(errc::session_ended, "session " + d.session_id + " failed at its baseline; " +
                                         "start a new one with autoresearch_setup");
  if (s.next == session_step::none)
    return fail(errc::session_ended, "session " + d.session_id +
                                         " is finalized; its result is in " +
                                         "get_autoresearch_status and in the report");
  std::string expected_tool(name_of(s.next));
  return fail(errc::wrong_step,
              std::string(name_of(asked)) + " is out of order for session " + d.session_id +
                  ": the next step is " + expected_tool,
              {{"expected", expected_tool}});
}

expected<> check_step(const session_document& d, session_step asked) {
  if (d.state.next != asked || d.state.status == session_status::failed ||
      d.state.status == session_status::completed)
    return wrong_step(d, asked);
  return {};
}

void mark(session_state& s, session_step step, std::int64_t now_ms) {
  s.in_step = step;
  s.step_started_ms = now_ms;
}

/// The step is over: what comes next, and what was answered. Moves the recovery note into it.
template <class Answer>
void answered(session_state& s, session_step step, session_step next, Answer& answer) {
  if constexpr (requires { answer.recovered; }) answer.recovered = std::move(s.recovered);
  s.recovered.clear();
  s.in_step = session_step::none;
  s.next = next;
  s.last_step = step;
  s.last_answer = answer;
}

/// Back to waiting for an edit, with no candidate.
void clear_candidate(session_state& s) {
  s.spark_charged = false;
  s.intent.reset();
}

template <class Answer>
Answer repeat(const session_state& s) {
  Answer a = s.last_answer.get<Answer>();
  a.repeated = true;
  return a;
}

}  // namespace

// -- the document
// -----------------------------------------------------------------------------------

session_record session_document::record(std::int64_t now_ms) const {
  session_record r;
  r.session_id = session_id;
  r.status = name_of(state.status);
  r.settings = settings;
  r.state = state;
  r.in_step = state.in_step != session_step::none;
  r.created_ms = created_ms;
  r.updated_ms = now_ms;
  return r;
}

expected<session_document> session_document::read(const session_record& record,
                                                  const std::optional<iteration_record>& current) {
  session_document d;
  d.session_id = record.session_id;
  d.created_ms = record.created_ms;
  try {
    from_json(record.settings, d.settings);
    from_json(record.state, d.state);
  } catch (const std::exception& e) {
    return fail(errc::store_failed, "session " + record.session_id +
                                        " is stored in a form that cannot be read (" + e.what() +
                                        "); it was left as it is");
  }
  if (current) d.current = *current;
  return d;
}

progress progress_of(const session_document& d, std::int64_t now_ms) {
  const auto& s = d.state;
  progress p;
  p.session_id = d.session_id;
  p.status = s.status;
  p.iteration = s.iteration;
  p.max_iterations = d.settings.max_iterations;
  p.baseline_metric = s.baseline_metric;
  p.best_metric = s.best_metric;
  p.best_iteration = s.best_iteration;
  p.total_improvements = s.total_improvements;
  p.spark_consumed = s.spark_consumed;
  p.spark_budget = d.settings.spark_budget;
  p.elapsed_s = elapsed_s(s, now_ms);
  p.baseline_enforced = s.baseline_enforced;
  p.benchmark_gain_enforced = s.benchmark_gain_enforced;
  p.federation_export_enforced = s.federation_export_enforced;
  p.constitutional_enforced = s.constitutional_enforced;
  p.baseline_delta_enforced = s.baseline_delta_enforced;
  p.federation_broadcast_enforced = s.federation_broadcast_enforced;
  p.constitutional_rejections = s.constitutional_rejections;
  p.baseline_rejections = s.baseline_rejections;
  p.last_rejection_reason = s.last_rejection_reason;
  p.step = s.in_step != session_step::none ? s.in_step : s.next;
  p.state = s.in_step != session_step::none ? "running" : "idle";
  if (s.last_step != session_step::none)
    p.last_result = json{{"step", name_of(s.last_step)}, {"answer", s.last_answer}};
  p.metric_name = d.settings.metric_name;
  p.metric_direction = d.settings.metric_direction;
  p.repo_path = d.settings.repo_path;
  p.branch = s.branch;
  p.report_path = s.report_path;
  p.recovered = s.recovered;
  return p;
}

// -- setup
// ------------------------------------------------------------------------------------------

void begin_setup(session_document& d, std::int64_t now_ms) {
  d.created_ms = now_ms;
  d.state.started_ms = now_ms;
  d.current.session_id = d.session_id;
  mark(d.state, session_step::setup, now_ms);
}

void workspace_ready(session_document& d, const workspace_opened& w) {
  d.state.directory = w.directory;
  d.state.base_commit = w.base_commit;
  d.state.head = w.base_commit;
  d.state.branch = w.branch;
  d.current.candidate.tree = w.base_tree;
  d.current.candidate.parent = w.base_commit;
  d.current.candidate.hypothesis = "baseline";
}

expected<session_opened> finish_setup(session_document& d, const run_result& baseline,
                                      step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  d.current.decision = "baseline";
  d.current.time = rfc3339(now_ms);
  d.current.result = baseline;
  effects.store_row = true;
  bool missing = !baseline.metric_value && !baseline.error;
  if (baseline.error || (missing && !d.settings.allow_missing_baseline)) {
    std::string why = baseline.error ? *baseline.error
                                     : "the command printed no value for metric \"" +
                                           d.settings.metric_name + "\"; print a line such as \"" +
                                           d.settings.metric_name + ": 1.5\" or set metric_pattern";
    return fail_setup(d, fail(errc::baseline_failed, "Baseline failed: " + why), effects, now_ms);
  }
  s.status = session_status::running;
  s.baseline_metric = baseline.metric_value;
  s.best_metric = baseline.metric_value;
  session_opened answer;
  answer.session_id = d.session_id;
  answer.baseline_metric = baseline.metric_value;
  answer.metric_name = d.settings.metric_name;
  answer.metric_direction = d.settings.metric_direction;
  answer.max_iterations = d.settings.max_iterations;
  answer.metric_source = baseline.metric_source;
  answer.workspace = s.directory;
  answer.branch = s.branch;
  answer.instruction =
      "Baseline captured. Call autoresearch_edit to propose a change, then autoresearch_run to "
      "measure it, then autoresearch_decide to keep or revert it. Repeat until should_continue is "
      "false, then call autoresearch_finalize.";
  answered(s, session_step::setup, session_step::edit, answer);
  effects.events.push_back(make_event(d, "started", json::object(), now_ms));
  effects.events.push_back(
      make_event(d, "baseline", {{"baseline", json(baseline.metric_value)}}, now_ms));
  return answer;
}

failure fail_setup(session_document& d, const failure& why, step_effects& effects,
                   std::int64_t now_ms) {
  auto& s = d.state;
  s.status = session_status::failed;
  s.in_step = session_step::none;
  s.next = session_step::finalize;
  s.ended_ms = now_ms;
  failure told = why;
  if (!told.details.is_object()) told.details = json::object();
  told.details["session_id"] = d.session_id;
  s.last_step = session_step::setup;
  s.last_answer = {{"error", told.text}, {"code", name_of(told.code)}};
  effects.events.push_back(make_event(d, "failed", {{"error", told.text}}, now_ms));
  return told;
}

// -- edit
// -------------------------------------------------------------------------------------------

expected<std::optional<edit_answer>> begin_edit(session_document& d, step_effects& effects,
                                                std::int64_t now_ms) {
  auto& s = d.state;
  if (auto ok = check_step(d, session_step::edit); !ok) return ok.error();
  std::string reason = spent_budget(d, now_ms);
  if (reason.empty()) {
    mark(s, session_step::edit, now_ms);
    return std::optional<edit_answer>{};
  }
  bool first = s.status != session_status::budget_exhausted;
  s.status = session_status::budget_exhausted;
  edit_answer answer;
  answer.budget_exhausted = true;
  answer.reason = reason;
  answer.spark_consumed = s.spark_consumed;
  answer.spark_budget = d.settings.spark_budget;
  answer.instruction = "Budget exhausted. Call autoresearch_finalize to write the report.";
  answered(s, session_step::edit, session_step::edit, answer);
  if (first)
    effects.events.push_back(make_event(d, "budget_exhausted", {{"reason", reason}}, now_ms));
  return std::optional(answer);
}

edit_answer finish_edit(session_document& d, const edit_outcome& outcome, step_effects& effects,
                        std::int64_t now_ms) {
  auto& s = d.state;
  ++s.iteration;
  clear_candidate(s);
  if (!outcome.backend_state.is_null()) s.backend_state = outcome.backend_state;
  d.current = {};
  d.current.session_id = d.session_id;
  d.current.iteration = s.iteration;
  d.current.time = rfc3339(now_ms);
  effects.store_row = true;
  edit_answer answer;
  answer.iteration = s.iteration;
  answer.success = outcome.applied.has_value();
  if (!outcome.applied) {
    d.current.decision = "edit_failed";
    d.current.reason = outcome.reason;
    answer.reason = outcome.reason;
    answer.instruction =
        may_continue(d, now_ms)
            ? "Nothing was changed. Call autoresearch_edit again with another idea."
            : "Nothing was changed and the budget is spent. Call "
              "autoresearch_finalize to write the report.";
    answered(s, session_step::edit, session_step::edit, answer);
    return answer;
  }
  d.current.candidate = *outcome.applied;
  d.current.candidate.iteration = s.iteration;
  const auto& c = d.current.candidate;
  answer.hypothesis = c.hypothesis;
  answer.files_changed = c.files_changed;
  answer.instruction = "Edit applied. Call autoresearch_run to measure it.";
  answered(s, session_step::edit, session_step::run, answer);
  effects.events.push_back(make_event(d, "edited",
                                      {{"iteration", s.iteration},
                                       {"hypothesis", c.hypothesis},
                                       {"files_changed", c.files_changed}},
                                      now_ms));
  return answer;
}

// -- run
// --------------------------------------------------------------------------------------------

expected<> begin_run(session_document& d, std::int64_t now_ms) {
  auto& s = d.state;
  if (auto ok = check_step(d, session_step::run); !ok) return ok;
  if (!s.spark_charged) {
    // The edit reserved it: no other candidate can be in between, so the budget holds.
    s.spark_consumed += d.settings.spark_per_iteration;
    s.spark_charged = true;
  }
  mark(s, session_step::run, now_ms);
  return {};
}

run_answer finish_run(session_document& d, const run_result& result, step_effects& effects,
                      std::int64_t now_ms) {
  auto& s = d.state;
  d.current.result = result;
  d.current.time = rfc3339(now_ms);
  auto& r = *d.current.result;
  r.iteration = s.iteration;
  r.best_metric = s.best_metric;
  effects.store_row = true;
  run_answer answer;
  answer.iteration = s.iteration;
  answer.metric_value = r.metric_value;
  answer.best_metric = s.best_metric;
  answer.improved = r.improved;
  answer.error = r.error;
  answer.duration_s = std::round(r.duration_s * 1000) / 1000;
  answer.metric_source = r.metric_source;
  answer.samples = r.samples;
  answer.spread = r.spread;
  answer.p_value = r.p_value;
  answer.instruction = r.improved ? "Improved. Call autoresearch_decide to keep this change."
                                  : "No improvement. Call autoresearch_decide to revert it.";
  answered(s, session_step::run, session_step::decide, answer);
  json payload = answer;
  payload.erase("instruction");
  payload["hypothesis"] = d.current.candidate.hypothesis;
  effects.events.push_back(make_event(d, "iteration", std::move(payload), now_ms));
  return answer;
}

// -- decide
// -----------------------------------------------------------------------------------------

expected<decide_begun> begin_decide(session_document& d, std::int64_t now_ms) {
  auto& s = d.state;
  if (s.next == session_step::edit && s.last_step == session_step::decide)
    return decide_begun{verdict_needed::revert, repeat<decide_answer>(s)};
  if (auto ok = check_step(d, session_step::decide); !ok) return ok.error();
  mark(s, session_step::decide, now_ms);
  if (s.intent) return decide_begun{verdict_needed::publish, {}};
  bool improved = d.current.result && d.current.result->improved && !d.current.result->error;
  return decide_begun{improved ? verdict_needed::judge : verdict_needed::revert, {}};
}

void take_judgement(session_document& d, const judgement& j, step_effects& effects,
                    std::int64_t now_ms) {
  auto& s = d.state;
  for (const auto& v : j.verdicts) {
    bool constitutional = v.gate == "constitutional";
    bool baseline_delta = v.gate == "baseline_delta";
    if (constitutional) s.constitutional_enforced = v.enforced;
    if (baseline_delta) s.baseline_delta_enforced = v.enforced;
    if (v.allowed) continue;
    if (constitutional) ++s.constitutional_rejections;
    if (baseline_delta) ++s.baseline_rejections;
    std::string label = baseline_delta ? "baseline_regression" : v.gate;
    s.last_rejection_reason = label + ": " + v.reason;
    json payload{{"iteration", s.iteration}, {"gate", v.gate}, {"reason", v.reason}};
    if (!v.regressions.empty()) payload["regressions"] = v.regressions;
    effects.events.push_back(make_event(d, "rejected", std::move(payload), now_ms));
  }
}

std::string commit_message(const session_document& d) {
  const auto& r = d.current.result;
  auto value = [](const std::optional<double>& v) { return v ? shortest(*v) : "none"; };
  std::string message = "autoresearch iter " + std::to_string(d.state.iteration) + ": " +
                        one_line(d.settings.metric_name, 128) + "=" +
                        value(r ? r->metric_value : std::nullopt) + " (was " +
                        value(d.state.best_metric) + ")\n";
  if (!d.current.candidate.hypothesis.empty())
    message += "\n" + one_line(d.current.candidate.hypothesis) + "\n";
  message += "\nRatchet-Session: " + d.session_id + "\n";
  if (!d.settings.experiment_id.empty())
    message += "Ratchet-Experiment: " + d.settings.experiment_id + "\n";
  return message;
}

namespace {

decide_answer finish_decide(session_document& d, const std::string& decision,
                            const std::string& reason, const std::string& commit,
                            step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  d.current.decision = decision;
  d.current.reason = reason;
  d.current.commit = commit;
  d.current.time = rfc3339(now_ms);
  effects.store_row = true;
  clear_candidate(s);
  decide_answer answer;
  answer.decision = decision;
  answer.iteration = s.iteration;
  answer.best_metric = s.best_metric;
  answer.best_iteration = s.best_iteration;
  answer.total_improvements = s.total_improvements;
  answer.spark_consumed = s.spark_consumed;
  answer.should_continue = may_continue(d, now_ms);
  answer.commit = commit;
  answer.reason = reason;
  answer.instruction = answer.should_continue
                           ? edit_next
                           : "Done iterating. Call autoresearch_finalize to write the report.";
  answered(s, session_step::decide, session_step::edit, answer);
  return answer;
}

}  // namespace

decide_answer finish_kept(session_document& d, const std::string& commit, step_effects& effects,
                          std::int64_t now_ms) {
  auto& s = d.state;
  std::optional<double> was = s.best_metric;
  s.best_metric = d.current.result ? d.current.result->metric_value : std::nullopt;
  s.best_iteration = s.iteration;
  ++s.total_improvements;
  s.head = commit;
  auto answer = finish_decide(d, "kept", "", commit, effects, now_ms);
  effects.events.push_back(make_event(d, "promoted",
                                      {{"iteration", s.iteration},
                                       {"metric_value", json(s.best_metric)},
                                       {"baseline_value", json(was)},
                                       {"commit", commit}},
                                      now_ms));
  return answer;
}

decide_answer finish_reverted(session_document& d, const std::string& decision,
                              const std::string& reason, step_effects& effects,
                              std::int64_t now_ms) {
  auto answer = finish_decide(d, decision, reason, "", effects, now_ms);
  effects.events.push_back(
      make_event(d, "reverted", {{"iteration", d.state.iteration}, {"reason", reason}}, now_ms));
  return answer;
}

// -- finalize
// ---------------------------------------------------------------------------------------

expected<finalize_begun> begin_finalize(session_document& d, std::int64_t now_ms) {
  auto& s = d.state;
  if (s.next == session_step::none) return finalize_begun{false, repeat<finalize_answer>(s)};
  if (s.next == session_step::setup)
    return fail(errc::wrong_step, "session " + d.session_id + " has no baseline yet",
                {{"expected", "autoresearch_setup"}});
  mark(s, session_step::finalize, now_ms);
  return finalize_begun{s.next == session_step::run || s.next == session_step::decide, {}};
}

finalize_answer finish_finalize(session_document& d, const std::string& reverted,
                                step_effects& effects, std::int64_t now_ms) {
  auto& s = d.state;
  if (!reverted.empty()) {
    d.current.decision = "reverted";
    d.current.reason = "undecided at finalize";
    d.current.time = rfc3339(now_ms);
    effects.store_row = true;
    effects.events.push_back(make_event(
        d, "reverted", {{"iteration", s.iteration}, {"reason", d.current.reason}}, now_ms));
    clear_candidate(s);
  }
  if (s.status == session_status::running) s.status = session_status::completed;
  if (s.ended_ms == 0) s.ended_ms = now_ms;
  finalize_answer answer;
  answer.status = s.status;
  answer.session_id = d.session_id;
  answer.baseline_metric = s.baseline_metric;
  answer.best_metric = s.best_metric;
  answer.best_iteration = s.best_iteration;
  answer.total_improvements = s.total_improvements;
  answer.total_iterations = s.iteration;
  answer.spark_consumed = s.spark_consumed;
  answer.elapsed_s = std::round(elapsed_s(s, now_ms) * 10) / 10;
  answer.branch = s.total_improvements > 0 ? s.branch : "";
  answer.report_path = s.report_path;
  answer.reverted = reverted;
  answered(s, session_step::finalize, session_step::none, answer);
  effects.events.push_back(make_event(d, "completed", progress_of(d, now_ms), now_ms));
  return answer;
}

// -- after a failure or a crash
// -----------------------------------------------------------------------

void abandon_step(session_document& d) { d.state.in_step = session_step::none; }

recovery plan_recovery(const session_document& d, std::string& note) {
  const auto& s = d.state;
  std::string iteration = std::to_string(s.iteration);
  switch (s.in_step) {
    case session_step::none:
      return recovery::nothing;
    case session_step::setup:
      note = "setup was interrupted before its baseline; the session was dropped";
      return recovery::drop_session;
    case session_step::edit:
      note = "the edit of iteration " + std::to_string(s.iteration + 1) +
             " was interrupted; the work tree is back at the best commit";
      return recovery::restore_head;
    case session_step::run:
      note = "the run of iteration " + iteration +
             " was interrupted; the candidate is back and can be run again at no further spark";
      return recovery::restore_candidate;
    case session_step::decide:
      if (s.intent) {
        note =
            "the promotion of iteration " + iteration + " was interrupted and has been completed";
        return recovery::finish_keep;
      }
      note = "the decision on iteration " + iteration + " was interrupted; it starts over";
      return recovery::redo;
    case session_step::finalize:
      if (s.next == session_step::none) {
        note = "finalize was interrupted and has been completed";
        return recovery::finish_finalize;
      }
      note = "finalize was interrupted; it starts over";
      return recovery::redo;
  }
  return recovery::nothing;
}

}  // namespace ratchet
