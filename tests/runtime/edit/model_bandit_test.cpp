// SPDX-License-Identifier: MIT
#include "runtime/edit/model_bandit.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "tests/runtime/edit/model_pool.hpp"

using namespace ratchet;
using namespace ratchet::test;

namespace {

/// The shares of all calls in sessions of 200 iterations, one a seed.
std::map<std::string, double> shares(
    const std::vector<scripted_model>& pool,
    const std::function<void(played_session&)>& play = [](played_session& s) { s.play(200); }) {
  constexpr int sessions = 10;
  std::map<std::string, double> share;
  for (std::uint64_t seed = 1; seed <= sessions; ++seed) {
    played_session s(pool, seed);
    play(s);
    for (const auto& [name, calls] : s.calls)
      share[name] += static_cast<double>(calls) / s.total() / sessions;
  }
  return share;
}

const std::vector<scripted_model> plain_good_cheap{
    {.name = "plain"}, {.name = "good", .gain = 0.04}, {.name = "cheap", .usd = 0.001}};

}  // namespace

TEST_CASE(
    "most calls go to the model with the best gain per cost, and the others are still tried") {
  auto share = shares(plain_good_cheap);
  CAPTURE(share["plain"]);
  CAPTURE(share["good"]);
  CAPTURE(share["cheap"]);
  CHECK(share["cheap"] > 0.8);
  CHECK(share["good"] > 0.01);
  CHECK(share["plain"] > 0.01);
}

TEST_CASE("fixed weights know nothing of gains and costs") {
  auto share = shares(plain_good_cheap, [](played_session& s) { s.play_by_weight(200); });
  for (const char* name : {"plain", "good", "cheap"}) {
    CHECK(share[name] > 0.28);
    CHECK(share[name] < 0.4);
  }
}

TEST_CASE("at one price the model that gains more gets most, by size of its gains or by number") {
  auto larger = shares({{.name = "a"}, {.name = "b", .gain = 0.06}, {.name = "c"}});
  CAPTURE(larger["b"]);
  CHECK(larger["b"] > 0.5);
  auto oftener = shares({{.name = "a"}, {.name = "b", .keeps = 0.3}, {.name = "c"}});
  CAPTURE(oftener["b"]);
  CHECK(oftener["b"] > 0.6);
  CHECK(oftener["a"] > 0.02);
}

TEST_CASE("rounds of several proposals choose as well, and try each model at once") {
  played_session first(plain_good_cheap);
  first.play(1, 3);
  CHECK(first.calls == std::map<std::string, int>{{"plain", 1}, {"good", 1}, {"cheap", 1}});
  auto share = shares(plain_good_cheap, [](played_session& s) { s.play(50, 4); });
  CAPTURE(share["cheap"]);
  CHECK(share["cheap"] > 0.7);
}

TEST_CASE("while nobody has gained anything the cheap one is asked most, and nobody is given up") {
  auto share = shares({{.name = "dear", .keeps = 0}, {.name = "cheap", .keeps = 0, .usd = 0.002}});
  CAPTURE(share["dear"]);
  CHECK(share["dear"] > 0.05);
  CHECK(share["dear"] < 0.35);
}

TEST_CASE("a model that is free and useless does not keep out one that gains") {
  std::vector<scripted_model> pool{{.name = "free", .keeps = 0, .usd = 0},
                                   {.name = "paid", .keeps = 0.3}};
  auto share = shares(pool);
  CAPTURE(share["paid"]);
  CHECK(share["paid"] > 0.3);
  pool[1].usd = 0;  // none costs anything: by gain alone
  share = shares(pool);
  CAPTURE(share["paid"]);
  CHECK(share["paid"] > 0.85);
}

TEST_CASE("a first lucky stroke does not rule the session") {
  std::vector<scripted_model> pool{{.name = "lucky", .keeps = 0}, {.name = "good", .keeps = 0.3}};
  auto share = shares(pool, [](played_session& s) {
    iteration_record stroke;
    stroke.iteration = 1;
    stroke.decision = "kept";
    stroke.candidate.usage = edit_usage{"lucky", 1, 900, 100, 0.01, 1000, 0.01};
    stroke.result = run_result{.metric_value = 100, .best_metric = 1};
    s.context.history = {stroke};
    s.context.iteration = 2;
    s.play(200);
  });
  CAPTURE(share["good"]);
  CHECK(share["good"] > 0.7);
}

TEST_CASE("without a price of every model tokens are the cost") {
  std::vector<chat_model> models(2);
  models[0].price = token_price{};
  std::vector<model_arm> arms(2);
  arms[0].yield = {"few tokens", 50, 50, 5, 0.1, 50, 50'000, 500.0};
  arms[1].yield = {"many", 50, 50, 5, 0.1, 50, 1'000'000, {}};
  arms[0].gains = arms[1].gains = std::vector<double>(5, 0.02);
  int few = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    few += bandit_order(models, arms, {}, seed)[0] == 0 ? 1 : 0;
  CHECK(few > 95);
}

TEST_CASE("a weight is an advance that what is measured uses up") {
  std::vector<chat_model> models(2);
  models[1].weight = 4;
  std::vector<model_arm> arms(2);
  auto heavy = [&](int asked, int kept) {
    for (auto& arm : arms) {
      arm.yield = {"", asked, asked, kept, kept * 0.02, asked, asked * 1000LL, {}};
      arm.gains = std::vector<double>(static_cast<std::size_t>(kept), 0.02);
    }
    int first = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed)
      first += bandit_order(models, arms, {}, seed)[0] == 1 ? 1 : 0;
    return first;
  };
  const int early = heavy(1, 0), late = heavy(200, 40);
  CHECK(early > 280);
  CHECK(late > 150);
  CHECK(late < 270);
}

TEST_CASE("a model that cannot be reached is given up by and by, and one alone is always asked") {
  std::vector<scripted_model> pool{{.name = "gone", .reached = false}, {.name = "there"}};
  played_session s(pool);
  s.play(200);
  CHECK(s.calls["there"] == 200);
  CHECK(s.known_of(0).unreached > 2);
  CHECK(s.known_of(0).unreached < 60);
  played_session round(pool);
  round.play(40, 3);
  CHECK(round.known_of(0).unreached >= 1);
  played_session alone({{.name = "only", .keeps = 0}});
  alone.play(20);
  CHECK(alone.calls["only"] == 20);
}

TEST_CASE("the same seed gives the same order, which names each model once") {
  played_session s(plain_good_cheap);
  s.play(30);
  auto order = s.order_now();
  CHECK(order == s.order_now());
  CHECK(std::set<std::size_t>(order.begin(), order.end()) == std::set<std::size_t>{0, 1, 2});
}
