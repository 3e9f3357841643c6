// SPDX-License-Identifier: MIT
#include "runtime/edit/model_memory.hpp"

#include <doctest/doctest.h>

#include "tests/runtime/edit/model_pool.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::test;

namespace {

const std::vector<scripted_model> two{{.name = "a", .keeps = 0.3}, {.name = "b", .keeps = 0.2}};

long long asked(const played_session& s) { return s.known_of(0).asked() + s.known_of(1).asked(); }

}  // namespace

TEST_CASE("every iteration is credited once, however many rows a context shows again") {
  played_session s(two);
  s.play(60);
  CHECK(asked(s) == 60);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto known = s.known_of(i);
    CHECK(known.yield.asked == s.calls[s.models[i].model]);
    CHECK(known.yield.applied == known.yield.asked);
    CHECK(known.yield.kept == static_cast<long long>(known.gains.size()));
    CHECK(*known.yield.counted_cost_usd == doctest::Approx(0.01 * known.yield.asked));
    CHECK(known.yield.counted_tokens == 1000 * known.yield.asked);
  }
  CHECK(s.known_of(0).yield.kept > 0);
  const json stored = json::parse(s.context.backend_state.dump());
  CHECK(model_memory::from(stored).to_state() == stored);
}

TEST_CASE("a round that starts from one state loses none of its credits") {
  played_session s(two);
  s.play(20, 4);
  CHECK(asked(s) == 80);
  CHECK(s.known_of(0).yield.asked == s.calls["a"]);
}

TEST_CASE("of a round of more than ten the gain is credited, and the rows that are seen") {
  played_session s({{.name = "a", .keeps = 0}, {.name = "b", .keeps = 0}});
  s.play(1, 20);
  CHECK(asked(s) == 10);
  s.context.best_run = s.context.history.front();
  auto& best = *s.context.best_run;
  best.iteration = 3;  // which the history no longer shows
  best.decision = "kept";
  best.result->metric_value = 2;
  CHECK(asked(s) == 11);
  CHECK(s.known_of(0).yield.gain + s.known_of(1).yield.gain == doctest::Approx(0.5));
}

TEST_CASE("an edit that leaves no row is paid for all the same") {
  played_session s(two);
  s.slip();
  CHECK(asked(s) == 1);
  s.slip();
  s.play(1);
  CHECK(asked(s) == 3);
  CHECK(s.known_of(0).yield.applied + s.known_of(1).yield.applied == 1);
  s.play(11);
  CHECK(asked(s) == 14);
}

TEST_CASE("proposals of one round that know of each other count before their rows are there") {
  played_session s(two);
  model_memory memory;
  memory.learn(s.context);
  memory.note(1, edit_usage{"a", 1, {}, {}, {}, 500, {}}, {});
  s.context.iteration = 2;
  memory.learn(s.context);
  auto arms = memory.arms_of(s.models);
  CHECK(arms[0].asked() == 1);
  CHECK(arms[0].yield.counted_tokens == 500);
  CHECK(arms[1].asked() == 0);
}

TEST_CASE("a model in whose place another answered was asked; one that broke off is the usage's") {
  played_session s(two);
  model_memory memory;
  memory.note(1, edit_usage{"b", 1, {}, {}, {}, 500, {}}, {"a"});
  memory.note(2, edit_usage{"a", 1, {}, {}, {}, 500, {}}, {"b", "a"});
  memory.note(3, {}, {"a", "b"});
  auto arms = memory.arms_of(s.models);
  CHECK(arms[0].unreached == 2);
  CHECK(arms[1].unreached == 2);
  CHECK(arms[0].yield.asked == 1);
}

TEST_CASE("edits that the caller wrote are nobody's, and a strange state is none") {
  played_session s(two);
  s.play(12);
  iteration_record given;
  given.iteration = s.context.iteration++;
  given.decision = "kept";
  s.context.history.push_back(given);
  CHECK(asked(s) == 12);
  for (const json& strange : {json(), json(3), json{{"version", 2}}, json{{"version", 1}},
                              json{{"version", 1}, {"through", 0}, {"models", {1}}}})
    CHECK(model_memory::from(strange).to_state() == model_memory().to_state());
}

TEST_CASE("the state stays small, however long the session") {
  played_session s({{.name = "a", .keeps = 1}, {.name = "b", .keeps = 1}});
  s.play(600);
  CHECK(asked(s) == 600);
  CHECK(s.known_of(0).gains.size() <= 50);
  CHECK(s.context.backend_state.dump().size() < 4000);
}
