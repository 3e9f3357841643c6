// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>

#include "runtime/cli/search_view.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::cli;
using namespace ratchet::testing;

namespace {

const text_style plain{};

search_state middle_of_a_search() {
  search_state s;
  s.session_id = "0123456789ab";
  s.repo_path = "/home/someone/lab";
  s.branch = "ratchet/0123456789ab";
  s.metric_name = "score";
  s.baseline = 2.0;
  s.best = 2.5;
  s.best_iteration = 7;
  s.iteration = 12;
  s.max_iterations = 50;
  s.kept = 3;
  s.reverted = 7;
  s.rejected = 1;
  s.failed = 1;
  s.finished = 12;
  s.spark_consumed = 48;
  s.spark_budget = 200;
  s.spark_per_iteration = 4;
  s.phase = search_phase::run;
  s.opened = true;
  s.recent.push_back({11, "kept", false, 2.5, 2.5, "learning_rate 0.1 to 0.2", ""});
  s.recent.push_back({12, "reverted", true, std::nullopt, 2.5, "batch 0", "ValueError: batch"});
  return s;
}

search_result ended() {
  search_result r;
  r.finished = true;
  r.ended_by = "the budget is spent";
  r.final_answer = {{"status", "completed"},
                    {"branch", "ratchet/0123456789ab"},
                    {"report_path", "/state/reports/0123456789ab.json"}};
  return r;
}

}  // namespace

TEST_CASE("the block fits every width and shows what matters") {
  auto s = middle_of_a_search();
  s.note = std::string(300, 'n');
  for (int width : {20, 40, 79, 80, 120, 200})
    for (bool colour : {false, true}) {
      auto lines = progress_block(s, {60, 4.2, false}, width, {.colour = colour});
      CHECK(lines.size() <= 12);
      for (const auto& line : lines) CHECK(display_width(line) <= width);
    }
  auto text = joined(progress_block(s, {60, 4.2, false}, 100, plain));
  CHECK(contains(text, "0123456789ab"));
  CHECK(contains(text, "12/50"));
  CHECK(contains(text, "12 it/min"));
  CHECK(contains(text, "best 2.5 +25 % (iteration 7)"));
  CHECK(contains(text, "baseline 2"));
  CHECK(contains(text, "3 kept  7 reverted  1 rejected  1 failed"));
  CHECK(contains(text, "spark 48/200"));
  CHECK(contains(text, "iteration 12: running  4.2 s"));
  CHECK(contains(text, "total 1:00"));
  CHECK(contains(text, "#11   kept"));
  CHECK(contains(text, "learning_rate 0.1 to 0.2"));
  CHECK(contains(text, "crashed      batch 0 (ValueError: batch)"));
}

TEST_CASE("before the baseline is there the block says so and shows no empty bar") {
  search_state s;
  s.metric_name = "score";
  s.repo_path = "/lab";
  auto text = joined(progress_block(s, {3, 3, false}, 80, plain));
  CHECK(contains(text, "measuring the baseline  3.0 s"));
  CHECK_FALSE(contains(text, "best"));
}

TEST_CASE("an edit at work belongs to the iteration that it will become") {
  auto s = middle_of_a_search();
  s.phase = search_phase::edit;
  CHECK(contains(joined(progress_block(s, {60, 1, false}, 80, plain)), "iteration 13: editing"));
}

TEST_CASE("after Ctrl-C the block says what a second one does") {
  auto text = joined(progress_block(middle_of_a_search(), {60, 1, true}, 80, plain));
  CHECK(contains(text, "stopping (Ctrl-C again ends at once)"));
}

TEST_CASE("without Unicode nothing but ASCII is drawn") {
  auto s = middle_of_a_search();
  s.best.reset();
  for (const auto& line :
       progress_block(s, {60, 1, false}, 60, {.colour = false, .unicode = false}))
    CHECK(std::all_of(line.begin(), line.end(), [](unsigned char c) { return c < 0x80; }));
}

TEST_CASE("time left is bounded by iterations and by spark") {
  auto s = middle_of_a_search();
  CHECK(time_left_s(s, 120) == doctest::Approx(380));  // 38 more, 10 s each
  s.spark_budget = 88;                                 // 10 more runs
  CHECK(time_left_s(s, 120) == doctest::Approx(100));
  s.finished = 0;
  CHECK_FALSE(time_left_s(s, 120).has_value());
}

TEST_CASE("a decision is one line with number, verdict, metric, best and the idea") {
  auto s = middle_of_a_search();
  CHECK(iteration_text(s.recent[0], s, plain) ==
        "iteration 11/50  kept  score=2.5  best=2.5  learning_rate 0.1 to 0.2");
  CHECK(iteration_text(s.recent[1], s, plain) ==
        "iteration 12/50  reverted  crashed  best=2.5  batch 0 (ValueError: batch)");
  iteration_line failed{13, "edit_failed", false, {}, 2.5, "", "no literal left\nto try"};
  CHECK(iteration_text(failed, s, plain) ==
        "iteration 13/50  edit_failed  best=2.5  no literal left to try");
}

TEST_CASE("a hypothesis with escape sequences is shown and not obeyed") {
  auto s = middle_of_a_search();
  iteration_line line{1, "kept", false, 1.0, 1.0, "evil \x1b[2J\n text", ""};
  CHECK_FALSE(contains(iteration_text(line, s, plain), "\x1b"));
}

TEST_CASE("the summary names the gain with its interval, the merge command and the files") {
  auto s = middle_of_a_search();
  auto r = ended();
  r.compared = comparison{2.0, 2.4, 20.0, 15.0, 26.0, 5, ""};
  auto text = joined(summary_lines(s, r, 75, plain));
  CHECK(contains(text, "session 0123456789ab ended after 1:15: the budget is spent"));
  CHECK(contains(text, "best      score 2.5 at iteration 7, baseline 2"));
  CHECK_FALSE(contains(text, "as measured in the search"));  // luck is in that
  CHECK(contains(text, "gain      +20 %  (95 % interval +15 % … +26 %)"));
  CHECK(contains(text, "5 interleaved pairs: 2 → 2.4"));
  CHECK_FALSE(contains(text, "does not exclude chance"));
  CHECK(contains(text, "git -C /home/someone/lab merge ratchet/0123456789ab"));
  CHECK(contains(text, "/state/reports/0123456789ab.json"));
  CHECK(contains(text, "/state/reports/0123456789ab/results.tsv"));
  CHECK(contains(text, "/state/reports/0123456789ab/progress.svg"));
}

TEST_CASE("a gain that was not measured again is called what it is") {
  auto s = middle_of_a_search();
  auto r = ended();
  r.not_compared = "not asked for";
  auto text = joined(summary_lines(s, r, 75, plain));
  CHECK(contains(text, "baseline 2 (+25 % as measured in the search)"));
  CHECK(contains(text, "gain      not measured again: not asked for"));
  CHECK(contains(text, "look before you merge"));
}

TEST_CASE("finalize's comparison counts where the search made none") {
  auto s = middle_of_a_search();
  auto r = ended();
  r.final_answer["comparison"] = comparison{2.0, 2.4, 20.0, 15.0, 26.0, 6, ""};
  CHECK(contains(joined(summary_lines(s, r, 75, plain)), "gain      +20 %"));
}

TEST_CASE("one pair has no interval") {
  auto s = middle_of_a_search();
  auto r = ended();
  r.compared = comparison{2.0, 2.4, 20.0, 20.0, 20.0, 1, ""};
  auto text = joined(summary_lines(s, r, 75, plain));
  CHECK(contains(text, "gain      +20 %, measured again in 1 pair of runs: 2 → 2.4"));
  CHECK_FALSE(contains(text, "interval"));
}

TEST_CASE("the summary tells what was taken back, and what speaks against the gain") {
  auto s = middle_of_a_search();
  s.warnings = {"iteration 7: accuracy 1.5 is more than 1"};
  auto r = ended();
  r.final_answer["pruned"] = "taken back, as it brought nothing: 0.7 -> 0.9 (t.py:3)";
  auto text = joined(summary_lines(s, r, 75, plain));
  CHECK(contains(text, "pruned    taken back, as it brought nothing: 0.7 -> 0.9"));
  CHECK(contains(text, "warning   iteration 7: accuracy 1.5"));
}

TEST_CASE("why a candidate lost stands behind its idea, of a crash the line that tells") {
  auto s = middle_of_a_search();
  iteration_line lost{
      3, "reverted", false, 2.2, 2.5, "lr 0.1 to 0.2", "not better than the best 2.5"};
  CHECK(iteration_text(lost, s, plain) ==
        "iteration 3/50  reverted  score=2.2  best=2.5  lr 0.1 to 0.2 (not better than the best "
        "2.5)");
  iteration_line crashed{4,
                         "reverted",
                         true,
                         {},
                         2.5,
                         "x",
                         "Traceback (most recent call last):\n  File \"t.py\"\nNameError: y"};
  CHECK(contains(iteration_text(crashed, s, plain), "x (NameError: y)"));
}

TEST_CASE("an interval that reaches the wrong side of zero is called what it is") {
  auto s = middle_of_a_search();
  auto r = ended();
  r.compared = comparison{2.0, 2.1, 5.0, -1.0, 9.0, 5, ""};
  CHECK(contains(joined(summary_lines(s, r, 75, plain)), "does not exclude chance"));
}

TEST_CASE("a gain is positive where lower is better, too") {
  auto s = middle_of_a_search();
  auto r = ended();
  s.direction = metric_direction::lower_is_better;
  r.compared = comparison{2.0, 1.9, 5.0, 1.0, 9.0, 5, ""};
  CHECK_FALSE(contains(joined(summary_lines(s, r, 75, plain)), "does not exclude chance"));
  r.compared = comparison{2.0, 2.1, -5.0, -9.0, -1.0, 5, ""};
  CHECK(contains(joined(summary_lines(s, r, 75, plain)), "does not exclude chance"));
}

TEST_CASE("where nothing was kept there is nothing to merge") {
  auto s = middle_of_a_search();
  s.kept = 0;
  s.best = s.baseline;
  auto text = joined(summary_lines(s, ended(), 75, plain));
  CHECK(contains(text, "nothing: no candidate was kept"));
  CHECK_FALSE(contains(text, "git -C"));
  CHECK_FALSE(contains(text, "gain"));
}

TEST_CASE("a search that could not end says why and how to go on") {
  auto s = middle_of_a_search();
  search_result r;
  r.ended_by = "the store is full";
  r.final_answer = {{"error", "the store is full"}, {"code", "store_failed"}};
  auto text = joined(summary_lines(s, r, 75, plain));
  CHECK(contains(text, "error: the store is full"));
  CHECK(contains(text, "ratchet run --resume 0123456789ab"));
  s.opened = false;  // there is nothing to go on with
  r.final_answer["code"] = "baseline_failed";
  CHECK(contains(joined(summary_lines(s, r, 75, plain)), "look      ratchet show 0123456789ab 0"));
  CHECK_FALSE(contains(joined(summary_lines(s, r, 75, plain)), "--resume"));
}

TEST_CASE("a search at a node names the invitation to go on with, and whose paths it speaks of") {
  auto s = middle_of_a_search();
  s.invitation = "/home/me/lab 2.invite";
  search_result left;
  left.ended_by = "the node is away";
  CHECK(contains(joined(summary_lines(s, left, 75, plain)),
                 "ratchet --join '/home/me/lab 2.invite' run --resume 0123456789ab"));
  auto text = joined(summary_lines(s, ended(), 75, plain));
  CHECK(contains(text, "merge ratchet/0123456789ab  (at the node)"));
  CHECK(contains(text, "/state/reports/0123456789ab.json  (at the node)"));
  CHECK(summary_json(s, ended(), 75)["summary"]["invitation"] == s.invitation);
}

TEST_CASE("the summary for programs has the same") {
  auto r = ended();
  r.compared = comparison{2.0, 2.4, 20.0, 15.0, 26.0, 5, ""};
  json summary = summary_json(middle_of_a_search(), r, 75)["summary"];
  CHECK(summary["session_id"] == "0123456789ab");
  CHECK(summary["finished"] == true);
  CHECK(summary["iterations"]["kept"] == 3);
  CHECK(summary["comparison"]["gain_percent"] == 20.0);
  CHECK(summary["merge"][4] == "ratchet/0123456789ab");
  CHECK(summary["results_path"] == "/state/reports/0123456789ab/results.tsv");
}

TEST_CASE("a path with blanks or quotes is one word for the shell") {
  CHECK(shell_word("/a/b-c_1.x") == "/a/b-c_1.x");
  CHECK(shell_word("/a b") == "'/a b'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("$(x)") == "'$(x)'");
}
