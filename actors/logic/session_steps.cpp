// SPDX-License-Identifier: MIT
//
// Setup, edit and run: the steps that lead to a measured candidate.
#include <cmath>

#include "actors/logic/session_step_rules.hpp"

namespace ratchet {

// -- setup ---------------------------------------------------------------------------------------

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

// -- edit ----------------------------------------------------------------------------------------

namespace {

edit_answer exhausted(session_document& d, const std::string& reason, step_effects& effects,
                      std::int64_t now_ms) {
  auto& s = d.state;
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
  return answer;
}

}  // namespace

expected<std::optional<edit_answer>> begin_edit(session_document& d, step_effects& effects,
                                                std::int64_t now_ms) {
  if (auto ok = check_step(d, session_step::edit); !ok) return ok.error();
  std::string reason = spent_budget(d, now_ms);
  if (!reason.empty()) return std::optional(exhausted(d, reason, effects, now_ms));
  mark(d.state, session_step::edit, now_ms);
  return std::optional<edit_answer>{};
}

void charge_usage(session_document& d, const edit_usage& usage) { add_usage(d.state.usage, usage); }

edit_answer finish_edit(session_document& d, const edit_outcome& outcome, step_effects& effects,
                        std::int64_t now_ms) {
  auto& s = d.state;
  if (outcome.usage) charge_usage(d, *outcome.usage);
  if (!outcome.exhausted.empty()) return exhausted(d, outcome.exhausted, effects, now_ms);
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
  answer.usage = outcome.usage;
  if (!outcome.applied) {
    d.current.candidate.usage = outcome.usage;
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
  d.current.candidate.usage = outcome.usage;
  const auto& c = d.current.candidate;
  answer.hypothesis = c.hypothesis;
  answer.files_changed = c.files_changed;
  answer.instruction = "Edit applied. Call autoresearch_run to measure it.";
  answered(s, session_step::edit, session_step::run, answer);
  json payload{
      {"iteration", s.iteration}, {"hypothesis", c.hypothesis}, {"files_changed", c.files_changed}};
  if (c.usage) payload["usage"] = *c.usage;
  effects.events.push_back(make_event(d, "edited", std::move(payload), now_ms));
  return answer;
}

// -- run -----------------------------------------------------------------------------------------

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

}  // namespace ratchet
