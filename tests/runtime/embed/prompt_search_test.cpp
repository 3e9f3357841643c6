// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "runtime/edit/prompt.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/prompt_search.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

constexpr std::uint64_t some_seed = 7;

std::set<std::string> heads_of(const std::string& prompt) {
  std::set<std::string> heads;
  for (const auto& section : sections_of(prompt)) heads.insert(section.head);
  return heads;
}

iteration_record row(int n, const std::string& decision, double value) {
  iteration_record r;
  r.iteration = n;
  r.candidate.hypothesis = "idea " + std::to_string(n);
  r.candidate.diff = "-n = 1\n+n = 2\n";
  r.decision = decision;
  r.result.emplace().metric_value = value;
  return r;
}

/// With something in every part.
edit_context full_context() {
  edit_context c;
  c.session_id = "0123456789ab";
  changed(c.settings)->target_files = {"train.py"};
  c.targets = {{"train.py", "n = 1\n"}};
  c.instructions = "be brief";
  c.idea = "idea 9";
  c.unapplied = "it does not occur";
  c.lessons = {{"larger is better", {1}}};
  c.best_run = row(1, "kept", 2);
  c.best_run->result->output_tail = "time in parse: 9 %\n";
  c.history = {row(1, "kept", 2), row(2, "reverted", 1)};
  return c;
}

/// What a programmer proposes who reads this, several times.
std::set<std::string> parts_proposed(const std::string& prompt) {
  const idea_pool pool(some_seed);
  scripted_programmer programmer(pool, {}, 1);
  std::set<std::string> parts;
  for (int i = 0; i < 100; ++i) {
    const auto reply = programmer.reply(prompt);
    parts.insert(reply.substr(0, reply.find(' ')));
  }
  return parts;
}

std::string advice_against_all_but(const std::string& part) {
  std::string advice;
  for (const char* other : {"parse", "sort", "cache", "hash", "merge", "write"})
    if (other != part) advice += std::string("- Leave ") + other + " alone\n";
  return advice;
}

}  // namespace

TEST_CASE("whoever reads prompts by the heads of their sections finds every one of them") {
  auto c = full_context();
  auto failed = row(3, "reverted", 0);
  failed.result->metric_value.reset();
  failed.result->error = "Traceback\nno";
  c.history.push_back(failed);
  auto heads = heads_of(edit_prompt(c, {}));
  c.since_keep = 8;
  heads.merge(heads_of(edit_prompt(c, {})));
  c.since_keep = 0;
  c.history.insert(c.history.end(), 2, failed);
  heads.merge(heads_of(edit_prompt(c, {})));
  for (const char* head : section_heads) CHECK_MESSAGE(heads.contains(head), head);
}

TEST_CASE("the sections of a prompt are the whole prompt, and are read as they are meant") {
  const auto prompt = edit_prompt(full_context(), {});
  CHECK(without(prompt, {}) == prompt);
  const auto told = read_prompt(prompt);
  REQUIRE(told.results.size() == 2);
  CHECK(told.results[0].words == "idea 1");
  CHECK(told.results[0].kept);
  CHECK(told.results[1].value == 1);
  REQUIRE(told.changes.size() == 2);
  CHECK_FALSE(told.changes[0].lost);
  CHECK(told.changes[1].lost);
  CHECK(told.idea == "idea 9");
  CHECK_FALSE(told.combine);
  CHECK(read_prompt("").results.empty());
}

TEST_CASE("a lesson and the user's word keep a reader from a part, as long as they are told") {
  const auto advice = advice_against_all_but("hash");
  CHECK(parts_proposed("TASK\n").size() == idea_pool::parts);
  CHECK(parts_proposed("LESSONS of earlier replies\n" + advice) == std::set<std::string>{"hash"});
  CHECK(parts_proposed("INSTRUCTIONS of the user\n" + advice) == std::set<std::string>{"hash"});
  CHECK(parts_proposed("RULES\n" + advice).size() == idea_pool::parts);
}

TEST_CASE("a search by prompts finds what helps only together where near changes are shown") {
  const auto found = prompt_search(some_seed, {}).until_solved(100, 200);
  CHECK(found.failed == "");
  CHECK(found.solved);
  CHECK(found.calls >= found.measured);
  const auto again = prompt_search(some_seed, {}).until_solved(100, 200);
  CHECK(again.measured == found.measured);
  const auto blind =
      prompt_search(some_seed, {prompt_topic::near_changes}).until_solved(found.measured, 200);
  CHECK_FALSE(blind.solved);
}

TEST_CASE("what is left out of a prompt is not in it") {
  prompt_search search(some_seed, every_topic());
  CHECK(search.until_solved(15, 20).failed == "");
  CHECK(heads_of(search.last_prompt()) ==
        std::set<std::string>{"", "TASK", "TARGET CONTENTS", "ANSWER"});
}
