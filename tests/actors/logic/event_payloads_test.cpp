// SPDX-License-Identifier: MIT
//
// What every event says, to the letter: hosts and subscribers read these keys.
#include <doctest/doctest.h>

#include <algorithm>

#include "actors/logic/session_ledger.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using ratchet::testing::changed;

namespace {

constexpr std::int64_t then_ms = 1'000'000;
/// The end of every payload.
const std::string event_end =
    R"("session_id":"0123456789ab","experiment_id":"exp","goal_id":"goal"})";

/// A session and all that its steps have told.
struct told_session {
  session_document d;
  step_effects effects;

  explicit told_session(bool parallel = false) {
    d.session_id = "0123456789ab";
    changed(d.settings)->experiment_id = "exp";
    changed(d.settings)->goal_id = "goal";
    changed(d.settings)->metric_name = "score";
    changed(d.settings)->allow_missing_baseline = true;
    changed(d.settings)->hive_parallel = parallel;
    begin_setup(d, then_ms);
    workspace_ready(d, {"/w", "base", "tree0", "ratchet/0123456789ab", {}});
  }
  void open(std::optional<double> baseline) {
    run_result r;
    r.metric_value = baseline;
    REQUIRE(finish_setup(d, r, effects, then_ms));
  }
  void edit(const edit_outcome& outcome) {
    auto begun = begin_edit(d, effects, then_ms);
    REQUIRE(begun);
    if (!*begun) finish_edit(d, outcome, effects, then_ms);
  }
  void run(const run_result& r) {
    REQUIRE(begin_run(d, then_ms));
    finish_run(d, r, effects, then_ms);
  }
  /// The payloads of a topic, as they go out.
  std::vector<std::string> payloads(const std::string& topic) const {
    std::vector<std::string> found;
    for (const auto& e : effects.events)
      if (e.topic == "autoresearch." + topic) found.push_back(to_text(e.payload));
    return found;
  }
  std::string payload(const std::string& topic) const {
    auto found = payloads(topic);
    REQUIRE(found.size() == 1);
    return found.front();
  }
};

edit_outcome edit_of(const std::string& hypothesis = "try t1") {
  edit_outcome o;
  o.applied = candidate{};
  o.applied->tree = hypothesis;
  o.applied->hypothesis = hypothesis;
  o.applied->files_changed = {"a.txt", "b.txt"};
  return o;
}

run_result result_of(double value, bool improved = false) {
  run_result r;
  r.metric_value = value;
  r.improved = improved;
  r.duration_s = 1.23456;
  return r;
}

}  // namespace

TEST_CASE("started and baseline say what setup found, a missing baseline is null") {
  told_session s;
  s.open(1.5);
  CHECK(s.payload("started") == "{" + event_end);
  CHECK(s.payload("baseline") == R"({"baseline":1.5,)" + event_end);
  told_session without;
  without.open({});
  CHECK(without.payload("baseline") == R"({"baseline":null,)" + event_end);
}

TEST_CASE("failed says why there is no session to go on with") {
  told_session s;
  fail_setup(s.d, fail(errc::workspace_failed, "no room"), s.effects, then_ms);
  CHECK(s.payload("failed") == R"({"error":"no room",)" + event_end);
}

TEST_CASE("an event has its topic, its session and its time, and no seq before it is stored") {
  told_session s;
  s.open(1.5);
  const auto& e = s.effects.events.front();
  CHECK(e.seq == 0);
  CHECK(e.topic == "autoresearch.started");
  CHECK(e.session_id == "0123456789ab");
  CHECK(e.time == "1970-01-01T00:16:40.000Z");
}

TEST_CASE("edited names the files, and what the edit cost where a model wrote it") {
  told_session s;
  s.open(1);
  s.edit(edit_of());
  CHECK(s.payload("edited") ==
        R"({"iteration":1,"hypothesis":"try t1","files_changed":["a.txt","b.txt"],)" + event_end);
  told_session paid;
  paid.open(1);
  auto outcome = edit_of("");
  outcome.applied->files_changed.clear();
  outcome.usage = edit_usage{"m", 1, 10, {}, 0.5, 12, {}};
  paid.edit(outcome);
  CHECK(paid.payload("edited") ==
        R"({"iteration":1,"hypothesis":"","files_changed":[],"usage":{"model":"m","calls":1,)"
        R"("input_tokens":10,"output_tokens":null,"cost_usd":0.5,"counted_tokens":12,)"
        R"("counted_cost_usd":null},)" +
            event_end);
}

TEST_CASE("iteration is run's answer without its instruction, and whose idea it was") {
  told_session s;
  s.open(1);
  s.edit(edit_of());
  s.run(result_of(2, true));
  CHECK(s.payload("iteration") ==
        R"({"iteration":1,"metric_value":2.0,"best_metric":1.0,"improved":true,"error":null,)"
        R"("duration_s":1.235,"hypothesis":"try t1",)" +
            event_end);
}

TEST_CASE("iteration says all that is known of a run, also what was recovered before it") {
  told_session s;
  s.open(1);
  s.edit(edit_of());
  auto r = result_of(2);
  r.error = "broke";
  r.metric_source = "name";
  r.reason = "too slow";
  r.failed_at = "check";
  r.metric_unit = "ms";
  r.gain = 0.5;
  r.wall_s = 1;
  r.cpu_s = 2;
  r.max_rss_mb = 3;
  r.warnings = {"beware"};
  r.samples = {{2, 1, false, ""}};
  r.spread = 0.25;
  r.p_value = 0.125;
  r.worker = "w1";
  s.d.state.recovered = "run begun again";
  s.run(r);
  CHECK(
      s.payload("iteration") ==
      R"({"iteration":1,"metric_value":2.0,"best_metric":1.0,"improved":false,"error":"broke",)"
      R"("duration_s":1.235,"metric_source":"name","reason":"too slow","failed_at":"check",)"
      R"("metric_unit":"ms","gain":0.5,"wall_s":1.0,"cpu_s":2.0,"max_rss_mb":3.0,)"
      R"("warnings":["beware"],"samples":[{"metric_value":2.0,"duration_s":1.0,"incumbent":false}],)"
      R"("spread":0.25,"p_value":0.125,"recovered":"run begun again","hypothesis":"try t1",)"
      R"("worker":"w1",)" +
          event_end);
}

TEST_CASE("a parallel round tells of each candidate by itself, and why the others lost") {
  told_session s(true);
  s.open(1);
  REQUIRE(begin_edit(s.d, s.effects, then_ms));
  finish_edit_round(s.d, {{edit_of("a"), edit_of("b")}}, s.effects, then_ms);
  REQUIRE(begin_run(s.d, then_ms));
  auto lost = result_of(0.5);
  lost.reason = "worse";
  const auto candidate_of = [&](std::size_t i) { return s.d.round[i].candidate; };
  finish_run_round(s.d,
                   {{candidate_of(0), lost, s.d.state.head, 1.0},
                    {candidate_of(1), result_of(2, true), s.d.state.head, 1.0}},
                   1, s.effects, then_ms);
  auto told = s.payloads("iteration");
  REQUIRE(told.size() == 2);
  CHECK(told[0] ==
        R"({"iteration":1,"metric_value":0.5,"best_metric":1.0,"improved":false,"error":null,)"
        R"("duration_s":1.235,"reason":"worse","hypothesis":"a",)" +
            event_end);
  CHECK(told[1].find("variants") == std::string::npos);
  CHECK(s.payload("reverted").starts_with(R"({"iteration":1,"reason":")"));
}

TEST_CASE("rejected names gate and reason, the rest where there is some") {
  told_session s;
  s.open(1);
  s.edit(edit_of());
  s.run(result_of(2, true));
  judgement j;
  j.verdicts = {{.gate = "constitutional", .allowed = false, .reason = "no"}};
  take_judgement(s.d, j, s.effects, then_ms);
  CHECK(s.payload("rejected") ==
        R"({"iteration":1,"gate":"constitutional","reason":"no",)" + event_end);
  s.effects.events.clear();
  j.verdicts = {{"baseline_delta", false, true, "slower", {"speed: 9 %"}, "tail"}};
  take_judgement(s.d, j, s.effects, then_ms);
  CHECK(s.payload("rejected") == R"({"iteration":1,"gate":"baseline_delta","reason":"slower",)"
                                 R"("regressions":["speed: 9 %"],"output_tail":"tail",)" +
                                     event_end);
}

TEST_CASE("promoted says what was beaten, null where there was nothing") {
  told_session s;
  s.open({});
  s.edit(edit_of());
  s.run(result_of(2, true));
  finish_kept(s.d, "c1", s.effects, then_ms);
  CHECK(s.payload("promoted") ==
        R"({"iteration":1,"metric_value":2.0,"baseline_value":null,"commit":"c1",)" + event_end);
  s.effects.events.clear();
  s.edit(edit_of());
  s.run(result_of(3, true));
  finish_kept(s.d, "c2", s.effects, then_ms);
  CHECK(s.payload("promoted") ==
        R"({"iteration":2,"metric_value":3.0,"baseline_value":2.0,"commit":"c2",)" + event_end);
}

TEST_CASE("reverted gives the first line of the reason") {
  told_session s;
  s.open(1);
  s.edit(edit_of());
  s.run(result_of(0.5));
  finish_reverted(s.d, "reverted", "worse\nby far", s.effects, then_ms);
  CHECK(s.payload("reverted") == R"({"iteration":1,"reason":"worse",)" + event_end);
}

TEST_CASE("what finalize finds undecided is told as reverted") {
  told_session s;
  s.open(1);
  s.edit(edit_of());
  REQUIRE(begin_finalize(s.d, then_ms));
  finish_finalize(s.d, "iteration 1", s.effects, then_ms);
  CHECK(s.payload("reverted") == R"({"iteration":1,"reason":"undecided at finalize",)" + event_end);
}

TEST_CASE("budget_exhausted names the budget, once") {
  told_session s;
  changed(s.d.settings)->max_iterations = 0;
  s.open(1);
  s.edit(edit_of());
  s.edit(edit_of());
  CHECK(s.payload("budget_exhausted") ==
        R"({"reason":"iterations: all 0 have been used; raise max_iterations / -n",)" + event_end);
}

TEST_CASE("completed is the session's progress, with the names that every event carries") {
  told_session s;
  s.open(1);
  REQUIRE(begin_finalize(s.d, then_ms));
  finish_finalize(s.d, "", s.effects, then_ms);
  json progress = progress_of(s.d, then_ms);
  CHECK(progress.begin().key() == "session_id");
  progress["experiment_id"] = "exp";
  progress["goal_id"] = "goal";
  CHECK(s.payload("completed") == to_text(progress));
}
