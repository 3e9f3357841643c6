// SPDX-License-Identifier: MIT
//
// What the steps of session_ledger.hpp share: budgets, order, and how a step ends. For
// session_ledger.cpp, session_edit_steps.cpp, session_steps.cpp and session_verdict.cpp only.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "actors/logic/session_ledger.hpp"
#include "actors/logic/text.hpp"
#include "actors/logic/usage.hpp"
#include "messages/event_payloads.hpp"

namespace ratchet {

inline constexpr const char* edit_next =
    "Call autoresearch_edit to propose the next change, or autoresearch_finalize to stop.";

/// One more event of this session, for whoever listens once the step is durable.
template <class Payload>
void tell(const session_document& d, step_effects& effects, Payload what, std::int64_t now_ms) {
  what.session_id = d.session_id;
  what.experiment_id = d.settings->experiment_id;
  what.goal_id = d.settings->goal_id;
  effects.events.push_back(
      {0, std::string(Payload::topic), d.session_id, rfc3339(now_ms), std::move(what)});
}

inline double elapsed_s(const session_ledger& s, std::int64_t now_ms) {
  if (s.started_ms == 0) return 0;
  std::int64_t end = s.ended_ms != 0 ? s.ended_ms : now_ms;
  return std::max(0.0, static_cast<double>(end - s.started_ms) / 1000.0);
}

/// The best is at least as good as it was wanted.
inline bool target_reached(const session_document& d) {
  const auto& wanted = d.settings->target_metric;
  const auto& best = d.state.best_metric;
  if (!wanted || !best) return false;
  return d.settings->metric_direction == metric_direction::higher_is_better ? *best >= *wanted
                                                                            : *best <= *wanted;
}

/// The end has come that nothing is waited for; empty before.
inline std::string hard_end(const session_document& d, std::int64_t now_ms) {
  const auto& limits = *d.settings;
  if (target_reached(d))
    return "target: the best, " + shortest(*d.state.best_metric) +
           ", is as good as target_metric " + shortest(*limits.target_metric) +
           "; set another target_metric / --target-metric";
  if (limits.total_time_budget_s > 0 && elapsed_s(d.state, now_ms) >= limits.total_time_budget_s)
    return "time: total_time_budget_s of " + shortest(limits.total_time_budget_s) +
           " s has passed; raise total_time_budget_s / --total-time";
  return "";
}

/// Which end has come, and which setting moves it, so that no further edit may begin; empty while
/// one may.
inline std::string spent_budget(const session_document& d, std::int64_t now_ms) {
  const auto& s = d.state;
  const auto& limits = *d.settings;
  auto number = [](int n) { return std::to_string(n); };
  if (auto end = hard_end(d, now_ms); end.starts_with("target: ")) return end;
  if (s.iteration >= limits.max_iterations)
    return "iterations: all " + number(limits.max_iterations) +
           " have been used; raise max_iterations / -n";
  if (s.spark_consumed + limits.spark_per_iteration > limits.spark_budget)
    return "spark: " + number(s.spark_consumed) + " of " + number(limits.spark_budget) +
           " consumed, and the next run needs " + number(limits.spark_per_iteration) +
           "; raise spark_budget / --spark-budget";
  if (limits.plateau > 0 && s.since_keep >= limits.plateau)
    return "plateau: " + number(s.since_keep) +
           " candidates in a row were measured and none was kept; raise plateau / --plateau";
  if (auto end = hard_end(d, now_ms); !end.empty()) return end;
  return spent_usage_budget(limits, s.usage);
}

/// Candidates are at work that are worth waiting for, whatever keeps more from being proposed.
inline bool awaits_others(const session_document& d, std::int64_t now_ms) {
  return !d.state.round.empty() && hard_end(d, now_ms).empty();
}

inline bool may_continue(const session_document& d, std::int64_t now_ms) {
  if (awaits_others(d, now_ms)) return true;
  return d.state.status == session_status::running && spent_budget(d, now_ms).empty();
}

inline failure wrong_step(const session_document& d, session_step asked) {
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

inline expected<> check_step(const session_document& d, session_step asked) {
  if (d.state.next != asked || d.state.status == session_status::failed ||
      d.state.status == session_status::completed)
    return wrong_step(d, asked);
  return {};
}

inline void mark(session_ledger& s, session_step step, std::int64_t now_ms) {
  s.in_step = step;
  s.step_started_ms = now_ms;
}

/// The step is over: what comes next, and what was answered. Moves the recovery note into it.
template <class Answer>
void answered(session_ledger& s, session_step step, session_step next, Answer& answer) {
  if constexpr (requires { answer.recovered; }) answer.recovered = std::move(s.recovered);
  s.recovered.clear();
  s.in_step = session_step::none;
  s.next = next;
  s.last_step = step;
  s.last_answer = answer;
}

/// Back to waiting for an edit, with no candidate.
inline void clear_candidate(session_ledger& s) {
  s.unpaid = 0;
  s.intent.reset();
}

template <class Answer>
Answer repeat(const session_ledger& s) {
  Answer a = s.last_answer.get<Answer>();
  a.repeated = true;
  return a;
}

}  // namespace ratchet
