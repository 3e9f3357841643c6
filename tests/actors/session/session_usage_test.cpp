// SPDX-License-Identifier: MIT
//
// What a session's editor costs, through every role: charged, stored, counted, and its end.
#include <doctest/doctest.h>

#include "tests/support/session_laboratory.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

edit_usage told(long long in, long long out) { return {"m1", 1, in, out, 0.5, in + out, 0.5}; }

struct metered : session_laboratory {
  metered() { editor = std::make_shared<fake_editor>(); }
  std::string open_llm(long long max_tokens = 0) {
    auto s = settings();
    s.edit_backend.name = "llm";
    s.max_tokens = max_tokens;
    return open(s);
  }
  void proposes(const std::string& text, std::optional<edit_usage> usage) {
    proposal p;
    p.hypothesis = "write " + text;
    p.changes = {{"train.py", text, {}}};
    p.usage = std::move(usage);
    editor->proposals.push_back(std::move(p));
  }
  void comes_to_nothing(const edit_usage& usage) {
    proposal p;
    p.refused = "the reply does not apply";
    p.usage = usage;
    p.state = {{"n", 1}};
    editor->proposals.push_back(std::move(p));
  }
  expected<edit_answer> propose(const std::string& id) {
    return ask<edit_answer>(registry, edit_candidate{id, {}});
  }
};

}  // namespace

TEST_CASE_FIXTURE(metered, "what edits cost is charged, also when they came to nothing") {
  auto id = open_llm();
  CHECK_FALSE(status(id)->usage.input_tokens);
  proposes("rate = 5\n", told(100, 20));
  auto first = propose(id);
  REQUIRE(first);
  CHECK(first->usage->input_tokens == 100);
  REQUIRE(run_it(id));
  REQUIRE(decide(id));
  comes_to_nothing(told(50, 5));
  auto second = propose(id);
  REQUIRE(second);
  CHECK(second->success == false);
  CHECK(second->reason == "the reply does not apply");
  auto now = status(id);
  CHECK(now->usage.calls == 2);
  CHECK(now->usage.input_tokens == 150);
  CHECK(now->usage.cost_usd == 1.0);
  CHECK(now->iteration == 1);
  // The next proposal is told what has been spent, and gets the state that a failed one left.
  proposes("rate = 6\n", told(1, 1));
  REQUIRE(propose(id));
  CHECK(editor->contexts.back().spent.counted_tokens == 175);
  CHECK(editor->contexts.back().backend_state["n"] == 1);
  auto rows = sessions->iterations(id, 0);
  CHECK((*rows)[2].candidate.usage->output_tokens == 1);
  auto ended = ask<finalize_answer>(registry, finalize_session{id});
  REQUIRE(ended);
  CHECK(ended->usage.output_tokens == 26);
}

TEST_CASE_FIXTURE(metered,
                  "a model's failed edits and its runs are its samples, a host's are none") {
  auto id = open_llm();
  comes_to_nothing(told(50, 5));
  REQUIRE(propose(id));
  proposes("rate = 5\n", told(100, 20));
  REQUIRE(propose(id));
  REQUIRE(run_it(id));
  std::vector<std::pair<std::string, bool>> samples;
  for (const auto& row : benchmarks->rows)
    if (!row.model_name.empty())
      samples.emplace_back(row.tool_name + "/" + row.model_name, row.success);
  CHECK(samples == std::vector<std::pair<std::string, bool>>{{"llm/m1", false}, {"llm/m1", true}});
}

TEST_CASE_FIXTURE(metered, "a spent budget ends the session as every budget does") {
  auto id = open_llm(100);
  comes_to_nothing(told(90, 20));
  auto failed = propose(id);
  REQUIRE(failed);
  CHECK(contains(failed->instruction, "budget is spent"));
  auto over = propose(id);
  REQUIRE(over);
  CHECK(over->budget_exhausted == true);
  CHECK(over->reason == "tokens: 110 counted, max_tokens is 100; raise max_tokens / --max-tokens");
  CHECK(status(id)->status == session_status::budget_exhausted);
  CHECK(editor->contexts.size() == 1);
}

TEST_CASE_FIXTURE(metered, "an editor that may not call any more ends it without an iteration") {
  auto id = open_llm(100);
  proposal p;
  p.exhausted = "tokens: the next call might go over max_tokens 100";
  editor->proposals.push_back(p);
  auto over = propose(id);
  REQUIRE(over);
  CHECK(over->budget_exhausted == true);
  CHECK(over->reason == p.exhausted);
  auto now = status(id);
  CHECK(now->iteration == 0);
  CHECK(now->status == session_status::budget_exhausted);
  CHECK(file() == "rate = 1\n");
  CHECK(contains(joined(sessions->events->topics()), "autoresearch.budget_exhausted"));
}

TEST_CASE_FIXTURE(metered,
                  "a cancelled call, and one whose edit could not be written, are paid for") {
  auto id = open_llm();
  proposal cut_short;
  cut_short.failed = fail(errc::cancelled, "cancelled");
  cut_short.usage = told(30, 3);
  editor->proposals.push_back(cut_short);
  auto cancelled = propose(id);
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == errc::cancelled);
  CHECK(status(id)->usage.input_tokens == 30);
  CHECK(status(id)->iteration == 0);
  proposes("rate = 5\n", told(10, 1));
  workspaces->fail_on("apply", fail(errc::workspace_failed, "disk full"));
  REQUIRE_FALSE(propose(id));
  CHECK(status(id)->usage.input_tokens == 40);
  proposes("rate = 5\n", std::nullopt);
  REQUIRE(propose(id));
  CHECK(status(id)->usage.input_tokens == 40);
}
