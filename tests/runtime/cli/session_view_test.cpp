// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "runtime/cli/session_view.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::cli;
using namespace ratchet::testing;

namespace {

const text_style plain_view{};
const text_style coloured_view{.colour = true};

iteration_record kept_row() {
  iteration_record r;
  r.session_id = "0123456789ab";
  r.iteration = 7;
  r.decision = "kept";
  r.commit = "c0ffee";
  r.candidate.hypothesis = "a larger step";
  r.candidate.backend = "mutate";
  r.candidate.diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-rate = 1\n+rate = 2\n";
  r.result = run_result{};
  r.result->metric_value = 0.9;
  r.result->metric_source = "name";
  r.result->samples = {{0.9, 1.0, false}, {0.8, 1.0, true}};
  r.result->p_value = 0.03125;
  r.result->output_tail = "score: 0.9\n\x1b[2Jgone\n";
  return r;
}

}  // namespace

TEST_CASE("an iteration shows idea, decision, metric, samples, diff and output") {
  auto text = joined(iteration_details(kept_row(), plain_view));
  for (const char* part : {"a larger step", "kept", "c0ffee", "0.9  (by name)", "mutate",
                           "candidate 0.9; best so far 0.8", "0.03125", "+rate = 2", "score: 0.9"})
    CHECK(contains(text, part));
  CHECK_FALSE(contains(text, "\x1b"));
}

TEST_CASE("a diff has its added lines green and its removed ones red, its headings neither") {
  auto lines = diff_lines(kept_row().candidate.diff, coloured_view);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "\x1b[1m--- a/x\x1b[0m");
  CHECK(lines[2] == "\x1b[36m@@ -1 +1 @@\x1b[0m");
  CHECK(lines[3] == "\x1b[31m-rate = 1\x1b[0m");
  CHECK(lines[4] == "\x1b[32m+rate = 2\x1b[0m");
}

TEST_CASE("what a model cost is shown, and what nobody told is unknown, not nothing") {
  auto row = kept_row();
  row.candidate.usage = edit_usage{"m1", 2, 100, 20, 0.25, 120, 0.25};
  CHECK(contains(joined(iteration_details(row, plain_view)),
                 "m1: 2 calls, 100 tokens in, 20 out, 0.25 USD"));
  row.candidate.usage = edit_usage{"m1", 1, {}, {}, {}, 900, {}};
  CHECK(contains(joined(iteration_details(row, plain_view)),
                 "1 call, unknown tokens in, unknown out, cost unknown; budgets count 900 tokens"));
  progress p;
  CHECK_FALSE(contains(joined(session_details(p, plain_view)), "tokens in"));
  p.max_cost_usd = 2;
  CHECK(contains(joined(session_details(p, plain_view)), "0 calls, "));
  CHECK(contains(joined(session_details(p, plain_view)), "max_cost_usd 2"));
}

TEST_CASE("the table of iterations fits the width") {
  auto row = kept_row();
  row.candidate.hypothesis = std::string(300, 'h');
  auto lines = iteration_table({row, row}, 60, plain_view);
  CHECK(lines.size() == 3);
  for (const auto& line : lines) CHECK(display_width(line) <= 60);
}

TEST_CASE("the table of sessions shows status, best and change; without any it says how to start") {
  progress p;
  p.session_id = "0123456789ab";
  p.status = session_status::completed;
  p.iteration = 3;
  p.max_iterations = 10;
  p.baseline_metric = 1;
  p.best_metric = 2;
  p.total_improvements = 1;
  p.repo_path = "/lab";
  auto text = joined(session_table({p}, 100, plain_view));
  for (const char* part : {"0123456789ab", "completed", "3/10", "+100 %", "/lab"})
    CHECK(contains(text, part));
  CHECK(contains(joined(session_table({}, 100, plain_view)), "ratchet run --help"));
}

TEST_CASE("a session's details name the gates that were not enforced and how to resume") {
  progress p;
  p.session_id = "0123456789ab";
  p.status = session_status::running;
  p.step = session_step::run;
  p.baseline_delta_enforced = false;
  auto text = joined(session_details(p, plain_view));
  CHECK(contains(text, "baseline_delta"));
  CHECK(contains(text, "ratchet run --resume 0123456789ab"));
  CHECK(contains(text, "next autoresearch_run"));
}

TEST_CASE("a gate that was not asked is named once, with its reason; no peers are no fault") {
  progress p;
  p.federation_export_enforced = p.federation_broadcast_enforced = false;
  CHECK_FALSE(contains(joined(session_details(p, plain_view)), "not enforced"));
  p.baseline_delta_enforced = false;
  p.not_enforced = {"baseline_delta: could not be asked: disk gone", "mine: could not be asked: x"};
  auto text = joined(session_details(p, plain_view));
  CHECK(contains(text, "not enforced  baseline_delta: could not be asked: disk gone\n"));
  CHECK(contains(text, "not enforced  mine: could not be asked: x\n"));
  CHECK_FALSE(contains(text, "not enforced  baseline_delta\n"));
}

TEST_CASE("a refusal shows the end of the gate's output below its reason") {
  auto row = kept_row();
  row.decision = "rejected_by_gate";
  row.reason = "tests: exit code 8: b failed\na passed\nb \x1b[31mfailed";
  auto text = joined(iteration_details(row, plain_view));
  CHECK(
      contains(text, "reason        tests: exit code 8: b failed\n  a passed\n  b ?[31mfailed\n"));
  CHECK_FALSE(contains(joined(iteration_table({row}, 200, plain_view)), "a passed"));
}

TEST_CASE("what one run used is shown, as far as it was measured") {
  auto row = kept_row();
  CHECK_FALSE(contains(joined(iteration_details(row, plain_view)), "one run"));
  row.result->wall_s = 2.5;
  row.result->cpu_s = 0.25;
  row.result->max_rss_mb = 34.52;
  CHECK(contains(joined(iteration_details(row, plain_view)),
                 "one run       2.5 s, processor 250 ms, memory 34.5 MB\n"));
  row.result->instructions = 5e9;
  CHECK(contains(joined(iteration_details(row, plain_view)), "5e+09 instructions"));
}

TEST_CASE(
    "a session's details tell the gain by pairs, what was taken back, warnings and why it failed") {
  progress p;
  p.session_id = "0123456789ab";
  p.comparison = {{"summary", "+12 % (95 % interval +9 % to +15 %), measured again"}};
  p.pruned = "taken back, as it brought nothing: 8 -> 7";
  p.warnings = {"no gate, no check, no guard"};
  p.not_enforced = {"tests: could not be asked"};
  p.metric_source = "fallback:loss";
  p.status = session_status::failed;
  p.last_result = {{"step", "autoresearch_setup"}, {"answer", {{"error", "Baseline failed: x"}}}};
  auto text = joined(session_details(p, plain_view));
  for (const char* part : {"+12 %", "8 -> 7", "no gate, no check", "tests: could not be asked",
                           "fallback:loss", "Baseline failed: x"})
    CHECK(contains(text, part));
}

TEST_CASE("the table of iterations tells why each one lost, of a crash the line that tells") {
  iteration_record lost;
  lost.iteration = 1;
  lost.decision = "reverted";
  lost.candidate.hypothesis = "lr";
  lost.reason = "better by 0.01, which is not more than min_delta 0.05";
  auto crashed = lost;
  crashed.reason = "Traceback (most recent call last):\n  File \"t.py\"\nNameError: y";
  crashed.result = run_result{};
  crashed.result->error = crashed.reason;
  auto text = joined(iteration_table({lost, crashed}, 200, plain_view));
  CHECK(contains(text, "lr (better by 0.01, which is not more than min_delta 0.05)"));
  CHECK(contains(text, "lr (NameError: y)"));
}

TEST_CASE("an event is one line whatever its payload holds") {
  event e{42,
          "autoresearch.edited",
          "0123456789ab",
          "2026-01-31T23:59:59.123Z",
          {{"session_id", "0123456789ab"}, {"hypothesis", "a\nb\x1b[2J"}, {"files", {"x"}}}};
  auto line = event_text(e, plain_view);
  CHECK(line ==
        "42 2026-01-31T23:59:59.123Z 0123456789ab autoresearch.edited  hypothesis=a b?[2J "
        "files=[\"x\"]");
}
