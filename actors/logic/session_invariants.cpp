// SPDX-License-Identifier: MIT
#include "actors/logic/session_invariants.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace ratchet {

namespace {

std::string text(int n) { return std::to_string(n); }
std::string text(session_step s) { return std::string(name_of(s)); }
std::string text(session_status s) { return std::string(name_of(s)); }

bool is_undecided(session_step next) {
  return next == session_step::run || next == session_step::decide;
}

/// Each says what breaks it, or nothing.
using invariant = std::string (*)(const session_document&);

std::string spark_is_within_its_budget(const session_document& d) {
  const int spent = d.state.spark_consumed, budget = d.settings->spark_budget;
  if (spent >= 0 && spent <= budget) return "";
  return text(spent) + " of " + text(budget);
}

std::string what_is_unpaid_awaits_its_run(const session_document& d) {
  const int unpaid = d.state.unpaid;
  if (unpaid == 0) return "";
  const int waiting = std::max(1, static_cast<int>(d.state.round.size()));
  if (unpaid > 0 && unpaid <= waiting && d.state.next == session_step::run) return "";
  return text(unpaid) + " of " + text(waiting) + ", and next is " + text(d.state.next);
}

/// The winner without its passengers may come on top.
std::string iterations_are_within_their_limit(const session_document& d) {
  const int done = d.state.iteration, limit = d.settings->max_iterations;
  if (done >= 0 && done <= limit + 1) return "";
  return text(done) + " of " + text(limit);
}

std::string nothing_is_ahead_of_the_last_iteration(const session_document& d) {
  const auto& s = d.state;
  for (int of : {s.current, s.best_iteration, s.total_improvements, s.since_keep})
    if (of < 0 || of > s.iteration) return text(of) + " of " + text(s.iteration);
  return "";
}

std::string the_current_row_is_the_current_iteration(const session_document& d) {
  if (d.current.iteration == d.state.current) return "";
  return "row " + text(d.current.iteration) + ", current " + text(d.state.current);
}

std::string who_awaits_its_decision_has_left_the_round(const session_document& d) {
  if (d.state.next != session_step::decide || !current_is_beside(d)) return "";
  return text(d.state.current) + " is among " + text(static_cast<int>(d.state.round.size()));
}

std::string a_round_has_places(const session_document& d) {
  const auto size = static_cast<int>(d.state.round.size());
  const int places = d.settings->hive_parallel ? d.settings->num_variants : 0;
  if (size <= places) return "";
  return text(size) + " in " + text(places);
}

std::string the_rows_of_a_round_are_its_iterations(const session_document& d) {
  const auto same = [](int iteration, const iteration_record& row) {
    return row.iteration == iteration;
  };
  const auto& round = d.state.round;
  if (std::equal(round.begin(), round.end(), d.round.begin(), d.round.end(), same)) return "";
  return text(static_cast<int>(d.round.size())) + " rows of " +
         text(static_cast<int>(round.size()));
}

std::string an_intent_is_only_at_decide(const session_document& d) {
  if (!d.state.intent || d.state.next == session_step::decide) return "";
  return "next is " + text(d.state.next);
}

std::string an_intent_is_on_top_of_the_head(const session_document& d) {
  const auto& i = d.state.intent;
  if (!i || (!i->commit.empty() && i->parent == d.state.head)) return "";
  return "on " + i->parent + ", the head is " + d.state.head;
}

std::string what_awaits_a_verdict_has_a_tree(const session_document& d) {
  if (!is_undecided(d.state.next) || !d.current.candidate.tree.empty()) return "";
  return "iteration " + text(d.state.current) + " has none";
}

std::string what_awaits_its_decision_was_run(const session_document& d) {
  if (d.state.next != session_step::decide || d.current.result) return "";
  return "iteration " + text(d.state.current) + " has no result";
}

/// Finalize may be asked for at any time.
std::string the_step_at_work_is_the_one_expected(const session_document& d) {
  const auto at = d.state.in_step;
  if (at == session_step::none || at == session_step::finalize || at == d.state.next) return "";
  // More pairs of a candidate that has been run.
  if (at == session_step::run && d.state.next == session_step::decide && d.current.result)
    return "";
  return "at " + text(at) + ", next is " + text(d.state.next);
}

std::string a_session_before_its_baseline_is_pending(const session_document& d) {
  if ((d.state.next == session_step::setup) == (d.state.status == session_status::pending))
    return "";
  return text(d.state.status) + ", next is " + text(d.state.next);
}

std::string an_ended_session_has_its_end(const session_document& d) {
  const bool ended =
      d.state.status == session_status::completed || d.state.status == session_status::failed;
  if (!ended || d.state.ended_ms != 0) return "";
  return text(d.state.status) + " without a time";
}

std::string the_head_is_the_base_until_something_is_kept(const session_document& d) {
  if (d.state.total_improvements > 0 || d.state.head == d.state.base_commit) return "";
  return d.state.head + " is not " + d.state.base_commit;
}

struct named_invariant {
  const char* name;
  invariant broken;
};

#define RATCHET_INVARIANT(name) \
  named_invariant { #name, name }

constexpr named_invariant invariants[]{
    RATCHET_INVARIANT(spark_is_within_its_budget),
    RATCHET_INVARIANT(what_is_unpaid_awaits_its_run),
    RATCHET_INVARIANT(iterations_are_within_their_limit),
    RATCHET_INVARIANT(nothing_is_ahead_of_the_last_iteration),
    RATCHET_INVARIANT(the_current_row_is_the_current_iteration),
    RATCHET_INVARIANT(who_awaits_its_decision_has_left_the_round),
    RATCHET_INVARIANT(a_round_has_places),
    RATCHET_INVARIANT(the_rows_of_a_round_are_its_iterations),
    RATCHET_INVARIANT(an_intent_is_only_at_decide),
    RATCHET_INVARIANT(an_intent_is_on_top_of_the_head),
    RATCHET_INVARIANT(what_awaits_a_verdict_has_a_tree),
    RATCHET_INVARIANT(what_awaits_its_decision_was_run),
    RATCHET_INVARIANT(the_step_at_work_is_the_one_expected),
    RATCHET_INVARIANT(a_session_before_its_baseline_is_pending),
    RATCHET_INVARIANT(an_ended_session_has_its_end),
    RATCHET_INVARIANT(the_head_is_the_base_until_something_is_kept),
};

#undef RATCHET_INVARIANT

}  // namespace

std::string broken_invariant(const session_document& d) {
  for (const auto& [name, broken] : invariants)
    if (const auto how = broken(d); !how.empty()) return std::string(name) + ": " + how;
  return "";
}

void check([[maybe_unused]] const session_document& d) {
#if defined(RATCHET_CHECK_INVARIANTS) || !defined(NDEBUG)
  const auto broken = broken_invariant(d);
  if (broken.empty()) return;
  std::fprintf(stderr, "session %s breaks an invariant: %s\n", d.session_id.c_str(),
               broken.c_str());
  std::abort();
#endif
}

}  // namespace ratchet
