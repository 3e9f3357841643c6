// SPDX-License-Identifier: MIT
//
// Candidates side by side in a session, through its registry, with every role but the ports for
// real.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include "tests/support/session_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

struct wide_laboratory : session_laboratory {
  wide_laboratory() : session_laboratory(3) { editor = std::make_shared<fake_editor>(); }

  session_settings round_of(int variants) {
    auto s = settings();
    s.edit_backend.name = "mutate";
    s.hive_parallel = true;
    s.num_variants = variants;
    return s;
  }
  void will_propose(std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      proposal p;
      p.hypothesis = text;
      p.changes = {{"train.py", std::string(text), {}}};
      p.state = json{{"after", text}};
      editor->proposals.push_back(p);
    }
  }
  expected<edit_answer> propose(const std::string& id) {
    return ask<edit_answer>(registry, edit_candidate{id, {}});
  }
  expected<run_answer> run_all(const std::string& id) {
    return ask<run_answer>(registry, run_candidate{id, 0, true});
  }
};

}  // namespace

TEST_CASE_FIXTURE(wide_laboratory, "a round runs side by side, and its best candidate is kept") {
  auto id = open(round_of(3));
  will_propose({"rate = 5\n", "rate = 9\n", "rate = 2\n"});
  auto edited = propose(id);
  REQUIRE(edited);
  CHECK(edited->variants.size() == 3);
  CHECK(file() == "rate = 1\n");  // nothing is left applied
  process->directories.clear();
  auto ran = run_all(id);
  REQUIRE(ran);
  CHECK(process->directories.size() == 3);
  CHECK(ran->iteration == 2);
  CHECK(ran->metric_value == 9.0);
  auto kept = decide(id);
  REQUIRE(kept);
  CHECK(kept->decision == "kept");
  CHECK(kept->best_iteration == 2);
  CHECK(file() == "rate = 9\n");
  auto now = status(id);
  CHECK(now->iteration == 3);
  CHECK(now->spark_consumed == 12);
  CHECK(now->side_by_side == 0);
  CHECK(sessions->iteration(id, 1)->value().decision == "reverted");
  CHECK(sessions->iteration(id, 1)->value().reason ==
        "better than the best, but less so than iteration 2 beside it");
  CHECK(sessions->iteration(id, 2)->value().decision == "kept");
}

TEST_CASE_FIXTURE(wide_laboratory, "each proposal knows of those before it, so none comes twice") {
  auto id = open(round_of(3));
  will_propose({"rate = 5\n", "rate = 5\n", "rate = 7\n"});
  std::vector<std::string> tried;
  editor->on_propose = [&](const edit_context& context, std::stop_token) {
    tried.push_back(context.tried_as({{"train.py", "rate = 5\n", {}}}));
    auto next = editor->proposals.front();
    editor->proposals.pop_front();
    return expected<proposal>(next);
  };
  auto edited = propose(id);
  REQUIRE(edited);
  REQUIRE(edited->variants.size() == 3);
  CHECK(edited->variants[0].success);
  CHECK(!edited->variants[1].success);
  CHECK(edited->variants[1].reason.find("same edit") != std::string::npos);
  CHECK(edited->variants[2].success);
  REQUIRE(editor->contexts.size() == 3);
  CHECK(editor->contexts[2].backend_state == json{{"after", "rate = 5\n"}});
  CHECK(editor->contexts[2].iteration == 3);
  const std::string known = "another one of this round";
  CHECK(tried == std::vector<std::string>{"", known, known});
}

TEST_CASE_FIXTURE(wide_laboratory, "an editor learns as which iteration an edit was tried") {
  auto id = open(round_of(1));
  REQUIRE(edit(id, "rate = 0\n"));
  REQUIRE(run_all(id));
  REQUIRE(decide(id)->decision == "reverted");
  std::string known, unknown;
  editor->on_propose = [&](const edit_context& context, std::stop_token) {
    known = context.tried_as({{"train.py", "rate = 0\n", {}}});
    unknown = context.tried_as({{"train.py", "rate = 4\n", {}}});
    return expected<proposal>(fail(errc::edit_refused, "enough"));
  };
  REQUIRE(propose(id));
  CHECK(known.starts_with("iteration 1: write rate = 0 | score 0, reverted"));
  CHECK(unknown == "");
}

namespace {

/// Proposals that are all asked for before any is given, or the test fails.
struct asked_together {
  explicit asked_together(std::size_t count) : count(count) {}
  expected<proposal> answer(const edit_context& context) {
    std::unique_lock lock(mutex);
    seen.push_back(context);
    changed.notify_all();
    bool all =
        changed.wait_for(lock, std::chrono::seconds(20), [&] { return seen.size() >= count; });
    if (!all) return fail(errc::internal, "the others were not asked meanwhile");
    proposal p;
    p.usage = edit_usage{};
    p.usage->model = "m";
    p.usage->calls = 1;
    p.changes = {{"train.py", "rate = " + std::to_string(2 * context.variant) + "\n", {}}};
    return p;
  }
  std::size_t count;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<edit_context> seen;
};

}  // namespace

TEST_CASE_FIXTURE(wide_laboratory, "a backend that waits for others is asked for a round at once") {
  auto id = open(round_of(3));
  editor->together = true;
  asked_together all(3);
  editor->on_propose = [&](const edit_context& c, std::stop_token) { return all.answer(c); };
  auto edited = propose(id);
  REQUIRE(edited);
  REQUIRE(edited->variants.size() == 3);
  for (int i = 0; i < 3; ++i) {
    CHECK(edited->variants[i].success);
    CHECK(edited->variants[i].iteration == i + 1);
  }
  std::set<std::pair<int, int>> asked;
  for (const auto& c : all.seen) {
    asked.emplace(c.iteration, c.variant);
    CHECK(c.variants == 3);
  }
  CHECK(asked == std::set<std::pair<int, int>>{{1, 1}, {2, 2}, {3, 3}});
  CHECK(run_all(id)->iteration == 3);  // rate = 6
  CHECK(decide(id)->decision == "kept");
}

TEST_CASE_FIXTURE(wide_laboratory,
                  "of proposals that are asked for at once one failure ends the round, paid for") {
  auto id = open(round_of(3));
  editor->together = true;
  asked_together all(3);
  editor->on_propose = [&](const edit_context& c, std::stop_token) -> expected<proposal> {
    auto answered = all.answer(c);
    if (c.variant == 2) answered->failed = fail(errc::cancelled, "lost");
    return answered;
  };
  auto edited = propose(id);
  REQUIRE(!edited);
  CHECK(edited.error().text == "lost");
  CHECK(status(id)->iteration == 0);
  CHECK(status(id)->usage.calls == 3);
  editor->on_propose = [&](const edit_context& c, std::stop_token) { return all.answer(c); };
  CHECK(propose(id)->variants.size() == 3);
}

TEST_CASE_FIXTURE(wide_laboratory,
                  "with a budget of tokens each proposal waits for what the one before cost") {
  auto s = round_of(3);
  s.max_tokens = 1000;
  auto id = open(s);
  editor->together = true;
  std::atomic<int> at_once = 0, most = 0;
  editor->on_propose = [&](const edit_context& c, std::stop_token) {
    most = std::max<int>(most, ++at_once);
    proposal p;
    p.changes = {{"train.py", "rate = " + std::to_string(10 + c.iteration) + "\n", {}}};
    --at_once;
    return expected<proposal>(p);
  };
  CHECK(propose(id)->variants.size() == 3);
  CHECK(most == 1);
}

TEST_CASE_FIXTURE(wide_laboratory,
                  "with repeats what stands out of the noise is measured at length") {
  auto s = round_of(2);
  s.repeats = 5;
  auto id = open(s);
  will_propose({"rate = 5\n", "rate = 9\n"});
  REQUIRE(propose(id));
  process->runs = 0;
  auto ran = run_all(id);
  REQUIRE(ran);
  CHECK(ran->iteration == 2);
  CHECK(process->runs == 2 + 2 * 11);  // two screenings; then one more and five pairs of each
  CHECK(ran->samples.size() == 11);
}

TEST_CASE_FIXTURE(wide_laboratory, "a crash is one candidate's, and the others go on") {
  auto id = open(round_of(3));
  will_propose({"crash = 5\n", "rate = 4\n", "rate = 3\n"});
  REQUIRE(propose(id));
  auto ran = run_all(id);
  REQUIRE(ran);
  CHECK(ran->iteration == 2);
  CHECK(ran->variants[0].error);
  CHECK(decide(id)->decision == "kept");
  CHECK(sessions->iteration(id, 1)->value().decision == "reverted");
}

TEST_CASE_FIXTURE(wide_laboratory,
                  "a laboratory that fails leaves the whole round to be run again, for nothing") {
  auto id = open(round_of(2));
  will_propose({"rate = 5\n", "rate = 6\n"});
  REQUIRE(propose(id));
  process->broken = fail(errc::process_failed, "no launcher");
  REQUIRE(!run_all(id));
  process->broken.reset();
  auto ran = run_all(id);
  REQUIRE(ran);
  CHECK(ran->metric_value == 6.0);
  CHECK(ran->variants.size() == 2);
  CHECK(status(id)->spark_consumed == 8);
}

TEST_CASE_FIXTURE(wide_laboratory, "an edit that comes with the call is one candidate as ever") {
  auto id = open(round_of(3));
  auto edited = edit(id, "rate = 4\n");
  REQUIRE(edited);
  CHECK(edited->variants.empty());
  CHECK(run_all(id)->metric_value == 4.0);
  CHECK(decide(id)->decision == "kept");
}

TEST_CASE_FIXTURE(wide_laboratory, "a round that another process began is run by this one") {
  auto id = open(round_of(2));
  will_propose({"rate = 5\n", "rate = 6\n"});
  REQUIRE(propose(id));
  start();  // new roles on the same store, as after a restart
  auto ran = run_all(id);
  REQUIRE(ran);
  CHECK(ran->iteration == 2);
  CHECK(decide(id)->decision == "kept");
}
