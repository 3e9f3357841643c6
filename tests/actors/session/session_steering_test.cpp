// SPDX-License-Identifier: MIT
//
// A word to a search that runs: new instructions, a pause, more pairs for the candidate at hand.
#include <doctest/doctest.h>

#include "tests/support/session_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

struct steered_laboratory : session_laboratory {
  steered_laboratory() { editor = std::make_shared<fake_editor>(); }

  std::string open_steered() {
    auto s = settings();
    s.edit_backend.name = "llm";
    s.instructions = "at first";
    return open(std::move(s));
  }
  expected<steer_answer> steer(const std::string& id, std::optional<std::string> instructions,
                               std::optional<bool> pause = {}) {
    return ask<steer_answer>(registry, steer_session{id, std::move(instructions), pause});
  }
  expected<edit_answer> propose(const std::string& id, const std::string& text = "rate = 2\n") {
    proposal p;
    p.hypothesis = "an idea";
    p.changes = {{"train.py", text, {}}};
    editor->proposals.push_back(std::move(p));
    return ask<edit_answer>(registry, edit_candidate{id, {}, {}});
  }
  std::vector<event> told(const std::string& topic) {
    std::vector<event> found;
    for (const auto& e : *sessions->events->events_after(0, 1000))
      if (e.topic == topic) found.push_back(e);
    return found;
  }
};

}  // namespace

TEST_CASE_FIXTURE(steered_laboratory,
                  "new instructions are in the next proposal, status and events") {
  auto id = open_steered();
  auto answer = steer(id, "try the parser");
  REQUIRE(answer);
  CHECK(answer->instructions == "try the parser");
  CHECK(status(id)->instructions == "try the parser");
  REQUIRE(told("autoresearch.steered").size() == 1);
  CHECK(told("autoresearch.steered")[0].payload["instructions"] == "try the parser");

  REQUIRE(propose(id));
  CHECK(editor->contexts.back().instructions == "try the parser");
  CHECK(sessions->stored_wishes.empty());
  REQUIRE(run_it(id));
  REQUIRE(decide(id));
  const auto after = status(id);
  REQUIRE(after);
  CHECK(after->instructions == "try the parser");
  REQUIRE(after->steered.size() == 1);
  CHECK(after->steered[0].iteration == 0);
  CHECK(after->steered[0].text == "try the parser");
}

TEST_CASE_FIXTURE(steered_laboratory,
                  "a wish waits while another process is at the session's step") {
  auto id = open_steered();
  REQUIRE(propose(id));
  runs_elsewhere(id);
  REQUIRE(steer(id, "later"));
  CHECK_FALSE(run_it(id));
  CHECK(sessions->stored_wishes.size() == 1);
  leases->returned_elsewhere(id);
  REQUIRE(run_it(id));
  CHECK(sessions->stored_wishes.empty());
  CHECK(status(id)->instructions == "later");
}

TEST_CASE_FIXTURE(steered_laboratory,
                  "a paused session ends its iteration and makes no edit until it may") {
  auto id = open_steered();
  REQUIRE(propose(id));
  auto paused = steer(id, {}, true);
  REQUIRE(paused);
  CHECK(paused->paused);
  REQUIRE(run_it(id));
  REQUIRE(decide(id));
  auto refused = propose(id, "rate = 3\n");
  REQUIRE(refused);
  CHECK(refused->paused == true);
  CHECK_FALSE(refused->iteration.has_value());
  CHECK(status(id)->paused);
  CHECK(status(id)->iteration == 1);
  REQUIRE(steer(id, {}, false));
  CHECK_FALSE(status(id)->paused);
  auto again = ask<edit_answer>(registry, edit_candidate{id, {}, {}});
  REQUIRE(again);
  CHECK(again->success == true);
}

TEST_CASE_FIXTURE(steered_laboratory,
                  "instructions may come with an edit, and are then the session's") {
  auto id = open_steered();
  proposal p;
  p.changes = {{"train.py", "rate = 2\n", {}}};
  editor->proposals.push_back(p);
  REQUIRE(ask<edit_answer>(registry, edit_candidate{id, {}, "with the call"}));
  CHECK(editor->contexts.back().instructions == "with the call");
  CHECK(status(id)->instructions == "with the call");
  CHECK(told("autoresearch.steered").size() == 1);
}

TEST_CASE_FIXTURE(steered_laboratory, "nothing is left to steer in a session that has ended") {
  auto id = open_steered();
  REQUIRE(ask<finalize_answer>(registry, finalize_session{id, false}));
  auto late = steer(id, "too late");
  REQUIRE_FALSE(late);
  CHECK(late.error().code == errc::session_ended);
  CHECK(steer("ffffffffffff", "nobody").error().code == errc::unknown_session);
  CHECK(told("autoresearch.steered").empty());
}

TEST_CASE_FIXTURE(steered_laboratory,
                  "more pairs are for a candidate that was run and is not decided") {
  auto id = open_steered();
  auto more = [&](int pairs) { return ask<run_answer>(registry, run_candidate{id, pairs}); };
  REQUIRE(propose(id));
  auto early = more(5);
  REQUIRE_FALSE(early);
  CHECK(early.error().text.find("has not been run yet") != std::string::npos);
  REQUIRE(run_it(id));
  auto few = more(1);
  REQUIRE_FALSE(few);
  CHECK(few.error().text.find("too few") != std::string::npos);
  const int spent = status(id)->spark_consumed;
  const int measured = process->runs;
  auto again = more(3);
  REQUIRE(again);
  CHECK(process->runs == measured + 6);
  CHECK(again->iteration == 1);
  CHECK(status(id)->spark_consumed == spent + 4);
  REQUIRE(decide(id));
  CHECK(more(5).error().code == errc::wrong_step);
}
