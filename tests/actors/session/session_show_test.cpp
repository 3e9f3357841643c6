// SPDX-License-Identifier: MIT
//
// autoresearch_show: what a session has stored and made, at any moment of its life.
#include <doctest/doctest.h>

#include "tests/support/session_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

struct shown_laboratory : session_laboratory {
  expected<session_shown> show(const std::string& id, shown_part what,
                               std::optional<int> iteration = {}, std::string file = "") {
    return ask<session_shown>(registry, show_session{id, what, iteration, std::move(file), {}});
  }
  std::string text(const std::string& id, shown_part what, std::optional<int> iteration = {}) {
    auto shown = show(id, what, iteration);
    REQUIRE_MESSAGE(shown, shown.error().text);
    return shown->text;
  }
  std::string refused(const std::string& id, shown_part what, std::optional<int> iteration = {},
                      std::string file = "") {
    auto shown = show(id, what, iteration, std::move(file));
    REQUIRE_FALSE(shown);
    return shown.error().text;
  }
  json stored_state(const std::string& id) { return (*sessions->session(id))->state; }
};

}  // namespace

TEST_CASE_FIXTURE(shown_laboratory, "the best text is that of the best commit, at any step") {
  auto id = open();
  const std::string base = stored_state(id)["base_commit"];
  code->texts[base + ":train.py"] = "rate = 1\n";
  CHECK(text(id, shown_part::text) == "rate = 1\n");
  REQUIRE(edit(id, "rate = 5\n"));
  CHECK(text(id, shown_part::text) == "rate = 1\n");
  auto row = sessions->iteration(id, 1);
  code->texts[(*row)->candidate.tree + ":train.py"] = "rate = 5\n";
  CHECK(text(id, shown_part::text, 1) == "rate = 5\n");
  CHECK(text(id, shown_part::text, 0) == "rate = 1\n");
}

TEST_CASE_FIXTURE(shown_laboratory, "diffs, outputs and history are of the iterations") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  CHECK(refused(id, shown_part::output, 1).find("was not run") != std::string::npos);
  REQUIRE(run_it(id));
  REQUIRE(decide(id));
  CHECK(text(id, shown_part::diff, 1) == (*sessions->iteration(id, 1))->candidate.diff);
  CHECK(show(id, shown_part::output)->iteration == 1);
  CHECK(show(id, shown_part::output, 0)->iteration == 0);
  CHECK(text(id, shown_part::history).find("\n1: write rate = 5") != std::string::npos);
  CHECK(text(id, shown_part::summary).find("targets train.py\n") != std::string::npos);
}

TEST_CASE_FIXTURE(shown_laboratory,
                  "the best change is what the best commit and the base differ in") {
  auto id = open();
  auto nothing = show(id, shown_part::diff);
  REQUIRE(nothing);
  CHECK(nothing->text.empty());
  CHECK(nothing->instruction.find("Nothing has been kept") != std::string::npos);
  REQUIRE(edit(id, "rate = 5\n"));
  REQUIRE(run_it(id));
  auto decided = decide(id);
  REQUIRE(decided);
  REQUIRE(decided->decision == "kept");
  CHECK(text(id, shown_part::diff) == "from " + stored_state(id)["base_commit"].get<std::string>() +
                                          " to " + decided->commit + "\n");
}

TEST_CASE_FIXTURE(shown_laboratory, "what is not there is refused with what there is") {
  auto id = open();
  CHECK(refused(id, shown_part::diff, 7).find("it is at iteration 0") != std::string::npos);
  CHECK(refused(id, shown_part::text, 0, "other.py").find("the targets are train.py") !=
        std::string::npos);
  CHECK(refused(id, shown_part::report).find("autoresearch_finalize") != std::string::npos);
  CHECK(refused("00000000abcd", shown_part::summary).find("there is no session 00000000abcd") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(shown_laboratory, "several targets are listed when none is named") {
  workspaces->repository["other.py"] = "x\n";
  auto with_two = settings();
  with_two.target_files = {"train.py", "other.py"};
  auto id = open(with_two);
  const std::string base = stored_state(id)["base_commit"];
  code->texts[base + ":train.py"] = "rate = 1\n";
  code->texts[base + ":other.py"] = "x\n";
  const auto list = text(id, shown_part::text);
  CHECK(list.find("train.py") != std::string::npos);
  CHECK(list.find("other.py") != std::string::npos);
  CHECK(refused(id, shown_part::text, {}, "absent.py").find("the targets are train.py, other.py") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(shown_laboratory, "a session is shown while its step is at work") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  auto running = begin<run_answer>(registry, run_candidate{id});
  run(3);
  CHECK(text(id, shown_part::history).find("1: write rate = 5") != std::string::npos);
  run();
  CHECK(running.get());
}

TEST_CASE_FIXTURE(shown_laboratory, "a run answers the end of its output and its guards") {
  auto guarded = settings();
  guarded.guard_metrics = {
      {"latency", "", metric_pick::last, metric_direction::lower_is_better, 0.1}};
  process->also_prints = "latency: 20\n";
  auto id = open(guarded);
  REQUIRE(edit(id, "rate = 5\n"));
  auto ran = run_it(id);
  REQUIRE(ran);
  CHECK(ran->output_tail.find("latency: 20") != std::string::npos);
  CHECK(ran->output_bytes > 0);
  REQUIRE(ran->guards.count("latency") == 1);
  CHECK(ran->guards["latency"].value == 20);
  CHECK(ran->guards["latency"].baseline == 20);
  CHECK(*ran->guards["latency"].allowed == doctest::Approx(22));
}
