// SPDX-License-Identifier: MIT
//
// The document itself: stored, read, shown, and recovered after a crash.
#include "actors/logic/session_ledger.hpp"

#include "actors/logic/session_step_rules.hpp"
#include "messages/json_fields.hpp"

namespace ratchet {

RATCHET_JSON(keep_intent)
RATCHET_JSON(session_ledger)

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
                                                  const std::optional<iteration_record>& current,
                                                  std::vector<iteration_record> round) {
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
  d.round = std::move(round);
  return d;
}

bool needs_workspace(const session_record& record) {
  return record.in_step || (record.status != name_of(session_status::completed) &&
                            record.status != name_of(session_status::failed));
}

progress progress_of(const session_document& d, std::int64_t now_ms) {
  const auto& s = d.state;
  progress p;
  p.session_id = d.session_id;
  p.status = s.status;
  p.iteration = s.iteration;
  p.max_iterations = d.settings->max_iterations;
  p.baseline_metric = s.baseline_metric;
  p.best_metric = s.best_metric;
  p.best_iteration = s.best_iteration;
  p.total_improvements = s.total_improvements;
  p.spark_consumed = s.spark_consumed;
  p.spark_budget = d.settings->spark_budget;
  p.usage = s.usage;
  p.max_cost_usd = d.settings->max_cost_usd;
  p.max_tokens = d.settings->max_tokens;
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
  p.side_by_side = static_cast<int>(s.round.size());
  if (s.last_step != session_step::none)
    p.last_result = json{{"step", name_of(s.last_step)}, {"answer", s.last_answer}};
  p.metric_name = d.settings->metric_name;
  p.metric_source = s.metric_source;
  p.metric_unit = s.metric_unit;
  p.metric_direction = d.settings->metric_direction;
  p.repo_path = d.settings->repo_path;
  p.branch = s.branch;
  p.report_path = s.report_path;
  p.recovered = s.recovered;
  p.metric_source = s.metric_source;
  p.metric_unit = s.metric_unit;
  p.noise = s.noise;
  p.comparison = s.comparison;
  p.pruned = s.pruned;
  p.instructions = s.instructions;
  p.steered = s.steered;
  p.paused = s.paused;
  p.lessons = s.lessons;
  p.not_enforced = s.not_enforced;
  p.warnings = s.warnings;
  return p;
}

void abandon_step(session_document& d) { d.state.in_step = session_step::none; }

recovery plan_recovery(const session_document& d, std::string& note) {
  const auto& s = d.state;
  std::string iteration = std::to_string(d.current.iteration);
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
      if (s.next == session_step::decide) {
        note = "further runs of iteration " + iteration +
               " were interrupted; what was measured before stands";
        return recovery::restore_candidate;
      }
      if (current_is_beside(d)) {
        note = "the runs side by side (" + std::to_string(s.round.size()) +
               ") were interrupted; they are made again at no further spark";
        return recovery::redo;
      }
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
      // It may have been comparing, with the baseline in the work tree.
      return s.next == session_step::edit && d.settings->workspace == workspace_kind::worktree
                 ? recovery::restore_head
                 : recovery::redo;
  }
  return recovery::nothing;
}

}  // namespace ratchet
