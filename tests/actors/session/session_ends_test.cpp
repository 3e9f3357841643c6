// SPDX-License-Identifier: MIT
//
// The end of a session: compared once more, pruned, or ended by an edit that can never work.
#include <doctest/doctest.h>

#include "tests/support/session_laboratory.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

struct ending_laboratory : session_laboratory {
  ending_laboratory() {
    workspaces->repository = {{"train.py", "rate = 1\nother = 7\nthird = 3\n"}};
  }
  std::string kept_session(const std::string& text) {
    auto id = open();
    REQUIRE(edit(id, text));
    REQUIRE(run_it(id));
    auto answer = decide(id);
    REQUIRE(answer);
    REQUIRE(answer->decision == "kept");
    return id;
  }
  expected<finalize_answer> finalize(const std::string& id, bool compare = true) {
    return ask<finalize_answer>(registry, finalize_session{id, compare});
  }
  expected<session_pruned> prune(const std::string& id, double time_s = 0) {
    return ask<session_pruned>(registry, prune_session{id, time_s});
  }
};

}  // namespace

TEST_CASE_FIXTURE(ending_laboratory, "finalize measures what was kept against the baseline again") {
  auto id = kept_session("rate = 5\nother = 7\nthird = 3\n");
  int before = process->runs;
  auto end = finalize(id);
  REQUIRE(end);
  CHECK(process->runs == before + 12);
  REQUIRE(end->comparison.is_object());
  CHECK(end->comparison["gain_percent"] == 400.0);
  CHECK(contains(end->comparison["summary"].get<std::string>(), "+400 %"));
  CHECK(status(id)->comparison == end->comparison);
  auto again = finalize(id);
  REQUIRE(again);
  CHECK(again->comparison == end->comparison);
  CHECK(process->runs == before + 12);
}

TEST_CASE_FIXTURE(ending_laboratory,
                  "finalize compares nothing when told so, or when nothing was kept") {
  auto id = kept_session("rate = 5\nother = 7\nthird = 3\n");
  int before = process->runs;
  auto end = finalize(id, false);
  REQUIRE(end);
  CHECK(end->comparison.is_null());
  auto other = open();
  CHECK(finalize(other)->comparison.is_null());
  CHECK(process->runs == before + 2);  // the baseline of the other
}

TEST_CASE_FIXTURE(ending_laboratory, "a comparison of this commit is not made twice") {
  auto id = kept_session("rate = 5\nother = 7\nthird = 3\n");
  REQUIRE(ask<comparison>(registry, compare_session{id, 3}));
  int before = process->runs;
  auto end = finalize(id);
  REQUIRE(end);
  CHECK(process->runs == before);
  CHECK(end->comparison["pairs"] == 3);
}

TEST_CASE_FIXTURE(ending_laboratory,
                  "the comparison that a search asks for is bounded as finalize's is") {
  process->takes_s = 20;  // a minute has room for one pair, worth nothing
  auto id = kept_session("rate = 5\nother = 7\nthird = 3\n");
  int before = process->runs;
  auto left_out = ask<comparison>(registry, compare_session{id, 0});
  REQUIRE(left_out);
  CHECK(contains(left_out->error, "left out: a pair of runs takes about 40 s"));
  CHECK(process->runs == before);
  CHECK(contains(status(id)->comparison["summary"].get<std::string>(), "left out"));
  auto asked_for = ask<comparison>(registry, compare_session{id, 2});
  REQUIRE(asked_for);
  CHECK(asked_for->pairs == 2);
  CHECK(process->runs == before + 4);

  process->takes_s = 8;
  auto shorter = kept_session("rate = 6\nother = 7\nthird = 3\n");
  auto fewer = ask<comparison>(registry, compare_session{shorter, 0});
  REQUIRE(fewer);
  CHECK(fewer->pairs == 3);
  CHECK(contains(status(shorter)->comparison["note"].get<std::string>(), "3 of 6 pairs"));
}

TEST_CASE_FIXTURE(ending_laboratory, "a comparison that fails costs the end nothing, and is told") {
  auto id = kept_session("rate = 5\nother = 7\nthird = 3\n");
  process->broken = fail(errc::process_failed, "no launcher");
  auto end = finalize(id);
  REQUIRE(end);
  CHECK(end->status == session_status::completed);
  CHECK(contains(end->comparison["summary"].get<std::string>(), "not measured again: no launcher"));
}

TEST_CASE_FIXTURE(ending_laboratory, "what brings nothing is taken back as one last commit") {
  auto id = kept_session("rate = 5\nother = 8\nthird = 4\n");
  auto pruned = prune(id);
  REQUIRE(pruned);
  CHECK(pruned->parts == 3);
  CHECK(pruned->measured == 3);
  REQUIRE(pruned->taken_back.size() == 2);
  CHECK(contains(pruned->taken_back[0], "8 -> 7 (train.py:2"));
  CHECK(pruned->commit.size() == 40);
  CHECK(file() == "rate = 5\nother = 7\nthird = 3\n");
  CHECK(workspaces->trees.at(id).head == pruned->commit);
  auto now = status(id);
  CHECK(now->best_metric == 5.0);
  CHECK(now->total_improvements == 1);
  CHECK(now->state == "idle");
  CHECK(contains(now->pruned, "8 -> 7"));
  auto row = *sessions->iteration(id, 2);
  REQUIRE(row);
  CHECK(row->decision == "kept");
  CHECK(row->candidate.backend == "prune");
  auto end = finalize(id, false);
  REQUIRE(end);
  CHECK(contains(end->pruned, "8 -> 7"));
}

TEST_CASE_FIXTURE(ending_laboratory, "where every part brings something nothing changes") {
  auto id = kept_session("rate = 5\nother = 7\nthird = 3\n");
  auto pruned = prune(id);
  REQUIRE(pruned);
  CHECK(pruned->commit.empty());
  CHECK(pruned->why_not == "the winning change is one part");
  CHECK(status(id)->iteration == 1);
  CHECK(file() == "rate = 5\nother = 7\nthird = 3\n");
}

TEST_CASE_FIXTURE(ending_laboratory, "a prune that the laboratory could not make leaves the best") {
  auto id = kept_session("rate = 5\nother = 8\nthird = 4\n");
  process->broken = fail(errc::process_failed, "no launcher");
  auto pruned = prune(id);
  REQUIRE(pruned);
  CHECK(pruned->commit.empty());
  CHECK(contains(pruned->why_not, "no launcher"));
  process->broken.reset();
  CHECK(file() == "rate = 5\nother = 8\nthird = 4\n");
  CHECK(status(id)->state == "idle");
  REQUIRE(edit(id, "rate = 9\n"));
}

TEST_CASE_FIXTURE(ending_laboratory,
                  "an editor that can never work is told apart from one bad edit") {
  editor = std::make_shared<fake_editor>();
  auto s = settings();
  s.edit_backend.name = "mutate";
  auto id = open(s);
  editor->fail_on("propose", for_good(fail(errc::edit_refused, "no literal to change")));
  auto answer = ask<edit_answer>(registry, edit_candidate{id, {}});
  REQUIRE(answer);
  CHECK(answer->permanent == true);
  CHECK(answer->reason == "no literal to change");
  CHECK(status(id)->iteration == 0);
  REQUIRE(edit(id, "rate = 5\n"));
}

TEST_CASE_FIXTURE(ending_laboratory, "why a candidate lost is told with its numbers") {
  auto id = open();
  REQUIRE(edit(id, "rate = 0.5\n"));
  auto ran = run_it(id);
  REQUIRE(ran);
  CHECK(contains(ran->reason, "0.5 against 1"));
  auto answer = decide(id);
  REQUIRE(answer);
  CHECK(answer->reason == ran->reason);
}
