// SPDX-License-Identifier: MIT
//
// What model calls cost a session: the sums, and what the budgets make of them.
#include "actors/logic/usage.hpp"

#include <doctest/doctest.h>

#include "actors/logic/session_ledger.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using ratchet::testing::changed;

namespace {

edit_usage told(long long in, long long out, std::optional<double> cost = {}) {
  return {"m", 1, in, out, cost, in + out, cost};
}
edit_usage untold(long long counted) { return {"m", 1, {}, {}, {}, counted, 0.25}; }

session_document open_session() {
  session_document d;
  d.session_id = "0123456789ab";
  d.state.next = session_step::edit;
  d.state.status = session_status::running;
  return d;
}

edit_outcome nothing(const edit_usage& usage) {
  edit_outcome o;
  o.reason = "does not apply";
  o.usage = usage;
  return o;
}

}  // namespace

TEST_CASE("sums are unknown before the first call, and for good after one that told nothing") {
  usage_totals t;
  CHECK_FALSE(t.input_tokens);
  add_usage(t, told(10, 5, 0.5));
  CHECK(t.input_tokens == 10);
  CHECK(t.cost_usd == 0.5);
  add_usage(t, told(1, 1));
  CHECK(t.input_tokens == 11);
  CHECK_FALSE(t.cost_usd);
  add_usage(t, untold(100));
  CHECK_FALSE(t.input_tokens);
  CHECK_FALSE(t.output_tokens);
  add_usage(t, told(1, 1, 0.5));
  CHECK_FALSE(t.input_tokens);
  CHECK_FALSE(t.cost_usd);
  CHECK(t.calls == 4);
  CHECK(t.counted_tokens == 119);
  CHECK(t.counted_cost_usd == 1.25);
}

TEST_CASE("two calls of one proposal are one usage, unknown where either is") {
  auto both = joined(told(10, 5, 0.5), told(1, 2, 0.25));
  CHECK(both.calls == 2);
  CHECK(both.input_tokens == 11);
  CHECK(both.cost_usd == 0.75);
  CHECK(both.counted_tokens == 18);
  auto half = joined(told(10, 5, 0.5), untold(7));
  CHECK_FALSE(half.output_tokens);
  CHECK(half.counted_tokens == 22);
  CHECK(half.counted_cost_usd == 0.75);
  edit_usage none;
  none.calls = 0;
  CHECK(joined(none, told(1, 1)).input_tokens == 1);
  CHECK(joined(told(1, 1), none).calls == 1);
  usage_totals t;
  add_usage(t, none);
  CHECK(t.calls == 0);
}

TEST_CASE("what is left of a budget is never below nothing, and no budget has no end") {
  session_settings s;
  usage_totals t;
  CHECK_FALSE(tokens_left(s, t));
  CHECK_FALSE(cost_left_usd(s, t));
  s.max_tokens = 100;
  s.max_cost_usd = 1;
  t.counted_tokens = 40;
  t.counted_cost_usd = 0.25;
  CHECK(tokens_left(s, t) == 60);
  CHECK(cost_left_usd(s, t) == 0.75);
  CHECK(spent_usage_budget(s, t).empty());
  t.counted_tokens = 100;
  CHECK(spent_usage_budget(s, t) ==
        "tokens: 100 counted, max_tokens is 100; raise max_tokens / --max-tokens");
  t.counted_tokens = 0;
  t.counted_cost_usd = 1.5;
  CHECK(spent_usage_budget(s, t) ==
        "cost: 1.5 USD counted, max_cost_usd is 1; raise max_cost_usd / --max-cost");
  CHECK(cost_left_usd(s, t) == 0);
}

TEST_CASE("a session is charged for edits that came to nothing, and stops at its budget") {
  auto d = open_session();
  changed(d.settings)->max_tokens = 100;
  step_effects effects;
  REQUIRE(begin_edit(d, effects, 1));
  auto failed = finish_edit(d, nothing(told(50, 10, 0.1)), effects, 2);
  CHECK(failed.success == false);
  REQUIRE(failed.usage);
  CHECK(failed.usage->input_tokens == 50);
  CHECK(d.state.usage.counted_tokens == 60);
  CHECK(progress_of(d, 3).usage.cost_usd == 0.1);
  REQUIRE(begin_edit(d, effects, 3));
  finish_edit(d, nothing(told(40, 5, 0.1)), effects, 4);
  auto over = begin_edit(d, effects, 5);
  REQUIRE(over);
  REQUIRE(*over);
  CHECK((**over).budget_exhausted == true);
  CHECK((**over).reason ==
        "tokens: 105 counted, max_tokens is 100; raise max_tokens / --max-tokens");
  CHECK(d.state.status == session_status::budget_exhausted);
  CHECK(d.state.iteration == 0);  // edits that do not apply, and not the third in a row
}

TEST_CASE("an editor that finds the next call too dear ends the session, not an iteration") {
  auto d = open_session();
  step_effects effects;
  REQUIRE(begin_edit(d, effects, 1));
  edit_outcome o;
  o.exhausted = "tokens: 90 of max_tokens 100 counted; the next call might go over it";
  auto answer = finish_edit(d, o, effects, 2);
  CHECK(answer.budget_exhausted == true);
  CHECK(answer.reason == o.exhausted);
  CHECK_FALSE(answer.iteration);
  CHECK(d.state.iteration == 0);
  CHECK(d.state.in_step == session_step::none);
  CHECK(d.state.status == session_status::budget_exhausted);
  CHECK_FALSE(effects.store_row);
  REQUIRE(effects.events.size() == 1);
  CHECK(effects.events[0].topic == "autoresearch.budget_exhausted");
}

TEST_CASE("an applied edit's event and row carry what it cost") {
  auto d = open_session();
  step_effects effects;
  REQUIRE(begin_edit(d, effects, 1));
  edit_outcome o;
  o.applied = candidate{};
  o.applied->hypothesis = "h";
  o.usage = told(5, 6);
  auto answer = finish_edit(d, o, effects, 2);
  CHECK(answer.usage->output_tokens == 6);
  CHECK(d.current.candidate.usage->input_tokens == 5);
  CHECK(effects.events.at(0).payload["usage"]["input_tokens"] == 5);
  CHECK(effects.events.at(0).payload["usage"]["cost_usd"].is_null());
}
