// SPDX-License-Identifier: MIT
//
// The llm backend on a fake of the network: the reply as an edit, the repair round, the ensemble,
// the budgets.
#include <doctest/doctest.h>

#include "runtime/edit/llm_editor.hpp"
#include "tests/runtime/edit/fake_ports.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/chat_answers.hpp"
#include "tests/support/expected_printing.hpp"
#include "tests/support/fake_benchmarks.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::test;
using namespace ratchet::testing;

namespace {

struct bench {
  bench() {
    context.session_id = "0123456789ab";
    context.iteration = 1;
    changed(context.settings)->target_files = {"a.py"};
    changed(context.settings)->metric_name = "score";
    context.targets = {{"a.py", "n = 1\nm = 2\n"}};
  }
  expected<proposal> propose(json options = {{"model", "m1"}}) {
    if (!options.contains("base_url")) options["base_url"] = "http://127.0.0.1:1/v1";
    auto editor =
        make_llm_editor_with(read_llm_options(options), &benchmarks, http, [] { return 0.0; });
    return editor->propose(context, {});
  }
  std::shared_ptr<fake_http> http = std::make_shared<fake_http>();
  fake_benchmarks benchmarks;
  edit_context context;
};

const std::string good = block_edit("Hypothesis: a larger n", "a.py", "n = 1", "n = 5");
const std::string bad = block_edit("Hypothesis: change q", "a.py", "q = 1", "q = 5");
const json priced{{"model", "m1"}, {"prices", {{"m1", {{"input", 1}, {"output", 2}}}}}};

fake_http::answer says(const std::string& text) { return {200, openai_stream(text)}; }

}  // namespace

TEST_CASE_FIXTURE(bench, "a reply becomes an edit with its hypothesis and what it cost") {
  http->answers = {says(good)};
  auto p = propose(priced);
  REQUIRE(p);
  CHECK(p->refused.empty());
  CHECK(p->hypothesis == "a larger n");
  CHECK(p->changes.at(0).content == "n = 5\nm = 2\n");
  REQUIRE(p->usage);
  CHECK(p->usage->model == "m1");
  CHECK(p->usage->calls == 1);
  CHECK(*p->usage->cost_usd == doctest::Approx(0.00014));
  auto sent = http->sent(0);
  CHECK(sent["model"] == "m1");
  CHECK(contains(sent["messages"][1]["content"].get<std::string>(), "n = 1\nm = 2\n"));
  CHECK(contains(sent["messages"][1]["content"].get<std::string>(), "<<<<<<< SEARCH"));
}

TEST_CASE_FIXTURE(bench, "a reply that does not apply gets one round that shows what was wrong") {
  http->answers = {says(bad), says(good)};
  auto p = propose();
  REQUIRE(p);
  CHECK(p->refused.empty());
  CHECK(p->hypothesis == "a larger n");
  CHECK(p->usage->calls == 2);
  CHECK(p->usage->input_tokens == 200);
  auto messages = http->sent(1)["messages"];
  REQUIRE(messages.size() == 4);
  CHECK(messages[2]["role"] == "assistant");
  CHECK(messages[2]["content"] == bad);
  CHECK(contains(messages[3]["content"].get<std::string>(), "could not be used"));
  CHECK(contains(messages[3]["content"].get<std::string>(), "a.py"));
}

TEST_CASE_FIXTURE(bench, "a second reply that is no use either is the end of it") {
  http->answers = {says(bad)};
  auto p = propose();
  REQUIRE(p);
  CHECK(http->requests.size() == 2);
  CHECK(contains(p->refused, "the reply of model m1 could not be used"));
  CHECK(contains(p->refused, "second reply"));
  CHECK(p->usage->calls == 2);
  http->requests.clear();
  p = propose({{"model", "m1"}, {"repair", false}});
  CHECK(http->requests.size() == 1);
  CHECK_FALSE(p->refused.empty());
}

TEST_CASE_FIXTURE(bench, "no edit, an empty one, one cut short and one tried before are told so") {
  for (const auto& [reply, why] :
       {std::pair{std::string("I would rather not."), "holds no edit"},
        std::pair{block_edit("same", "a.py", "n = 1", "n = 1"), "changes no byte"}}) {
    http->requests.clear();
    http->answers = {says(reply), says(good)};
    CHECK(propose()->refused.empty());
    CHECK(contains(http->sent(1).dump(), why));
  }
  http->requests.clear();
  http->answers = {{200, openai_stream(good, "length")}, says(good)};
  CHECK(propose()->refused.empty());
  CHECK(contains(http->sent(1).dump(), "smaller edit"));
  http->requests.clear();
  http->answers = {says(good), says(block_edit("other", "a.py", "n = 1", "n = 6"))};
  context.tried_as = [](const std::vector<file_change>& c) {
    return c[0].content == "n = 5\nm = 2\n" ? "iteration 3: five | score 2, reverted" : "";
  };
  CHECK(propose()->hypothesis == "other");
  CHECK(contains(http->sent(1).dump(), "tried before (iteration 3: five | score 2, reverted)"));
  auto messages = http->sent(1)["messages"];
  CHECK(contains(messages[3]["content"].get<std::string>(),
                 "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-n = 1\n+n = 5\n m = 2\n"));
}

TEST_CASE_FIXTURE(bench, "what a model thought is neither its edit nor its hypothesis") {
  http->answers = {says("<think>\n" + bad + "\n</think>\n" + good)};
  auto p = propose();
  CHECK(http->requests.size() == 1);
  CHECK(p->hypothesis == "a larger n");
  CHECK(p->changes.at(0).content == "n = 5\nm = 2\n");
}

TEST_CASE_FIXTURE(bench, "a filter's refusal is not argued with, an empty reply not sent back") {
  http->answers = {{200, openai_stream("", "content_filter")}};
  CHECK(contains(propose()->refused, "refused to answer"));
  CHECK(http->requests.size() == 1);
  http->requests.clear();
  http->answers = {says(""), says(good)};
  CHECK(propose()->refused.empty());
  CHECK(http->sent(1)["messages"].size() == 2);
}

TEST_CASE_FIXTURE(bench, "diffs and whole files are asked for and read as set") {
  http->answers = {says(
      "Go.\n\n```diff\n--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-n = 1\n+n = 9\n m = 2\n```\n")};
  CHECK(propose({{"model", "m1"}, {"format", "diff"}})->changes.at(0).content == "n = 9\nm = 2\n");
  CHECK(contains(http->sent(0).dump(), "unified diff"));
  http->answers = {says("Go.\n\na.py\n```\nn = 7\n```\n")};
  CHECK(propose({{"model", "m1"}, {"format", "whole"}})->changes.at(0).content == "n = 7\n");
}

TEST_CASE_FIXTURE(bench, "a model that cannot be reached is stood in for by another") {
  json two{{"models", {{{"model", "m1"}, {"weight", 1e6}}, {{"model", "m2"}, {"weight", 1e-6}}}},
           {"retries", 0}};
  http->answers = {fake_http::error(401, {{"error", {{"message", "no"}}}}), says(good)};
  auto p = propose(two);
  REQUIRE(p);
  CHECK(p->refused.empty());
  CHECK(p->usage->model == "m2");
  CHECK(http->sent(0)["model"] == "m1");
  http->answers = {fake_http::error(401, {{"error", {{"message", "no"}}}})};
  p = propose(two);
  CHECK(contains(p->refused, "model m1: HTTP status 401"));
  CHECK(contains(p->refused, "model m2: HTTP status 401"));
  CHECK_FALSE(p->usage);
}

TEST_CASE_FIXTURE(bench, "a cancelled call says what it had cost by then") {
  http->answers = {says(bad), fake_http::broken(http_end::cancelled, "data: {}\n\n")};
  auto p = propose(priced);
  REQUIRE(p);
  REQUIRE(p->failed);
  CHECK(p->failed->code == errc::cancelled);
  const auto usage = p->usage.value();
  CHECK(usage.calls == 2);
  CHECK_FALSE(usage.output_tokens);
  CHECK(usage.counted_tokens > 120);
}

TEST_CASE_FIXTURE(bench,
                  "a call gets no more room than the budgets have left, and none is no call") {
  http->answers = {says(good)};
  changed(context.settings)->max_tokens = 5000;
  context.spent.counted_tokens = 1000;
  CHECK(propose()->exhausted.empty());
  auto room = http->sent(0)["max_tokens"].get<long long>();
  CHECK(room > 1000);
  CHECK(room < 4000);
  context.spent.counted_tokens = 4800;
  http->requests.clear();
  auto p = propose();
  REQUIRE(p);
  CHECK(http->requests.empty());
  CHECK(contains(p->exhausted, "tokens: 4800 of max_tokens 5000 counted"));
  CHECK(p->refused.empty());
  changed(context.settings)->max_tokens = 0;
  changed(context.settings)->max_cost_usd = 0.01;
  context.spent.counted_cost_usd = 0.0099;
  p = propose(priced);
  CHECK(http->requests.empty());
  CHECK(contains(p->exhausted, "of max_cost_usd 0.01"));
}

TEST_CASE_FIXTURE(bench, "there is no repair round that the budget does not pay for") {
  http->answers = {says(bad)};
  changed(context.settings)->max_tokens = 100'000;
  REQUIRE(propose({{"model", "m1"}, {"repair", false}, {"max_reply_tokens", 1'000'000}}));
  auto prompt = 100'000 - http->sent(0)["max_tokens"].get<long long>();
  http->requests.clear();
  changed(context.settings)->max_tokens =
      prompt + 300;  // for one reply, and not for what comes after
  auto p = propose();
  REQUIRE(p);
  CHECK(http->requests.size() == 1);
  CHECK_FALSE(p->refused.empty());
  CHECK(p->usage->calls == 1);
}

TEST_CASE_FIXTURE(bench,
                  "the prompt keeps to its bound: oldest results go first, then the target") {
  for (int i = 1; i <= 9; ++i) {
    iteration_record r;
    r.iteration = i;
    r.decision = "reverted";
    r.candidate.hypothesis = "idea " + std::to_string(i) + " " + std::string(140, 'x');
    context.history.push_back(r);
  }
  auto at = [&](long long tokens) {
    prompt_form form;
    form.max_tokens = tokens;
    return edit_prompt(context, form);
  };
  auto all = at(0);
  CHECK(contains(all, "idea 1 "));
  auto whole = estimated_tokens(all);
  CHECK(at(whole) == all);
  auto less = at(whole - 1);
  CHECK_FALSE(contains(less, "idea 1 "));
  CHECK(contains(less, "idea 2 "));
  CHECK(estimated_tokens(less) < whole);
  auto few = at(whole - 400);
  CHECK(contains(few, "idea 9 "));
  CHECK_FALSE(contains(few, "idea 5 "));
  CHECK(contains(few, "m = 2"));
  context.targets["a.py"] = std::string(60'000, 'y') + "\n";
  auto cut = at(2000);
  CHECK(estimated_tokens(cut) <= 2000);
  CHECK(contains(cut, "change only what you see"));
  CHECK(contains(cut, "yyyy"));
  CHECK(contains(cut, "left out, for want of room"));
}

TEST_CASE_FIXTURE(bench, "the repair round keeps to the same bound") {
  http->answers = {says(std::string(50'000, 'z')), says(good)};
  for (int i = 1; i <= 9; ++i) {
    iteration_record r;
    r.iteration = i;
    r.candidate.hypothesis = std::string(150, 'x');
    context.history.push_back(r);
  }
  CHECK(propose({{"model", "m1"}, {"max_prompt_tokens", 2000}})->refused.empty());
  long long tokens = 0;
  const json sent = http->sent(1);
  for (const auto& m : sent["messages"])
    tokens += estimated_tokens(m["content"].get<std::string>());
  CHECK(tokens <= 2100);
  CHECK(contains(sent.dump(), "(cut here)"));
}
