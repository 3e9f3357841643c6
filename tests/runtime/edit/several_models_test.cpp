// SPDX-License-Identifier: MIT
//
// The llm backend with several models, on a fake of the network: who is asked, and what the session
// keeps of it.
#include <doctest/doctest.h>

#include <set>

#include "runtime/edit/llm_editor.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/chat_answers.hpp"
#include "tests/support/expected_printing.hpp"
#include "tests/support/fake_benchmarks.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

struct ensemble {
  ensemble() {
    context.session_id = "0123456789ab";
    context.iteration = 1;
    changed(context.settings)->target_files = {"a.py"};
    changed(context.settings)->metric_name = "score";
    context.targets = {{"a.py", "n = 1\n"}};
    http->answers = {
        {200, openai_stream(block_edit("Hypothesis: more", "a.py", "n = 1", "n = 2"))}};
  }
  proposal propose() {
    json all = options;
    all["base_url"] = "http://127.0.0.1:1/v1";
    all["retries"] = 0;
    auto editor =
        make_llm_editor_with(read_llm_options(all), &benchmarks, http, [] { return 0.0; });
    auto proposed = editor->propose(context, {});
    REQUIRE(proposed);
    return *proposed;
  }
  /// An iteration from its edit to its verdict; answers whose edit it was.
  std::string iterate(const std::string& who_gains) {
    auto p = propose();
    iteration_record row;
    row.iteration = context.iteration++;
    row.candidate.usage = p.usage;
    const std::string model = p.usage.value().model;
    row.decision = model == who_gains ? "kept" : "reverted";
    row.result = run_result{.metric_value = 1.1, .best_metric = 1};
    context.history.push_back(row);
    if (context.history.size() > 10) context.history.erase(context.history.begin());
    context.backend_state = p.state;
    return model;
  }
  std::map<std::string, int> iterate_often(const std::string& who_gains) {
    std::map<std::string, int> calls;
    for (int i = 0; i < 60; ++i) ++calls[iterate(who_gains)];
    return calls;
  }

  std::shared_ptr<fake_http> http = std::make_shared<fake_http>();
  fake_benchmarks benchmarks;
  edit_context context;
  json options{{"models", {"m1", "m2", "m3"}}};
};

}  // namespace

TEST_CASE_FIXTURE(ensemble, "the model that gains most for its cost is asked most, by default") {
  auto calls = iterate_often("m2");
  CAPTURE(calls["m2"]);
  CHECK(calls["m2"] > 40);
  CHECK(calls["m1"] >= 1);
  CHECK(calls["m3"] >= 1);
}

TEST_CASE_FIXTURE(ensemble, "fixed weights stay what they are, and remember nothing") {
  options["choose"] = "weight";
  auto calls = iterate_often("m2");
  for (const char* model : {"m1", "m2", "m3"}) {
    CHECK(calls[model] > 10);
    CHECK(calls[model] < 30);
  }
  CHECK(context.backend_state.is_null());
}

TEST_CASE_FIXTURE(ensemble, "the benchmark is asked where it is to choose, and else never") {
  benchmarks.known_models = {{"m3", 0.9, 1, 9}, {"m2", 0.5, 1, 9}, {"m1", 0.1, 1, 9}};
  options["choose"] = "benchmark";
  CHECK(iterate_often("m2")["m3"] > 40);
  CHECK(context.backend_state.is_null());
  context.history.clear();
  options["choose"] = "bandit";
  CHECK(iterate_often("m2")["m3"] < 20);
}

TEST_CASE_FIXTURE(ensemble, "one model needs no choice and no memory") {
  options = {{"model", "m1"}};
  CHECK(iterate("m1") == "m1");
  CHECK(context.backend_state.is_null());
}

TEST_CASE_FIXTURE(ensemble, "an iteration that is begun again asks the same model") {
  iterate("");
  auto first = propose().usage.value().model;
  CHECK(propose().usage.value().model == first);
}

TEST_CASE_FIXTURE(ensemble,
                  "the proposals of a round ask different models while some are untried") {
  std::set<std::string> asked;
  context.variants = 3;
  for (context.variant = 1; context.variant <= 3; ++context.variant) {
    asked.insert(propose().usage.value().model);
    ++context.iteration;
  }
  CHECK(asked.size() == 3);
}

TEST_CASE_FIXTURE(ensemble, "a model that cannot be reached is remembered, with who stood in") {
  http->answers.push_front(fake_http::error(401, {{"error", {{"message", "no"}}}}));
  auto p = propose();
  CHECK(p.refused.empty());
  const auto gone = http->sent(0)["model"].get<std::string>();
  CHECK(p.usage.value().model != gone);
  json of_gone;
  for (const auto& m : p.state["models"])
    if (m["model"] == gone) of_gone = m;
  CHECK(of_gone["unreached"] == 1);
  CHECK(p.state["open"][0]["usage"]["model"] == p.usage.value().model);
}
