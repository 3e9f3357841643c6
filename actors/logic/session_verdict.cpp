// SPDX-License-Identifier: MIT
//
// Decide and finalize: what becomes of a candidate, and of the session.
#include <cmath>

#include "actors/logic/best_record.hpp"
#include "actors/logic/session_step_rules.hpp"

namespace ratchet {

// -- decide --------------------------------------------------------------------------------------

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
    json payload{{"iteration", d.current.iteration}, {"gate", v.gate}, {"reason", v.reason}};
    if (!v.regressions.empty()) payload["regressions"] = v.regressions;
    effects.events.push_back(make_event(d, "rejected", std::move(payload), now_ms));
  }
}

namespace {

/// What the candidate was better than: the best code as it measured beside it, if it did.
std::optional<double> beaten(const session_document& d) {
  const auto& r = d.current.result;
  return r && r->incumbent_median ? r->incumbent_median : d.state.best_metric;
}

}  // namespace

std::string commit_message(const session_document& d) {
  const auto& r = d.current.result;
  auto value = [](const std::optional<double>& v) { return v ? shortest(*v) : "none"; };
  std::string message = "autoresearch iter " + std::to_string(d.current.iteration) + ": " +
                        one_line(d.settings.metric_name, 128) + "=" +
                        value(r ? r->metric_value : std::nullopt) + " (was " + value(beaten(d)) +
                        ")\n";
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
  answer.iteration = d.current.iteration;
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

decide_answer finish_kept(session_document& d, std::string commit, step_effects& effects,
                          std::int64_t now_ms) {
  auto& s = d.state;
  const auto was = beaten(d);
  renew_record(s, d.current.result.value_or(run_result{}));
  s.best_iteration = d.current.iteration;
  ++s.total_improvements;
  s.head = commit;
  // What other machines measured was the incumbent until now.
  s.class_best.clear();
  if (d.current.result && !d.current.result->machine.empty())
    s.home_class = d.current.result->machine;
  auto answer = finish_decide(d, "kept", "", commit, effects, now_ms);
  effects.events.push_back(make_event(d, "promoted",
                                      {{"iteration", d.current.iteration},
                                       {"metric_value", json(s.best_metric)},
                                       {"baseline_value", json(was)},
                                       {"commit", commit}},
                                      now_ms));
  return answer;
}

decide_answer finish_reverted(session_document& d, std::string decision, std::string reason,
                              step_effects& effects, std::int64_t now_ms) {
  auto answer = finish_decide(d, decision, reason, "", effects, now_ms);
  effects.events.push_back(
      make_event(d, "reverted", {{"iteration", d.current.iteration}, {"reason", reason}}, now_ms));
  return answer;
}

// -- finalize ------------------------------------------------------------------------------------

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
    auto revert = [&](iteration_record& row) {
      row.decision = "reverted";
      row.reason = "undecided at finalize";
      row.time = rfc3339(now_ms);
      effects.events.push_back(make_event(
          d, "reverted", {{"iteration", row.iteration}, {"reason", row.reason}}, now_ms));
    };
    if (d.round.empty()) {
      revert(d.current);
      effects.store_row = true;
    }
    for (auto& row : d.round) revert(row);
    effects.rows = d.round;
    end_round(d);
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
  answer.usage = s.usage;
  answer.elapsed_s = std::round(elapsed_s(s, now_ms) * 10) / 10;
  answer.branch = s.total_improvements > 0 ? s.branch : "";
  answer.report_path = s.report_path;
  answer.reverted = reverted;
  answered(s, session_step::finalize, session_step::none, answer);
  effects.events.push_back(make_event(d, "completed", progress_of(d, now_ms), now_ms));
  return answer;
}

}  // namespace ratchet
