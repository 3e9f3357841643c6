// SPDX-License-Identifier: MIT
#include "actors/federation_broadcaster.hpp"

#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/fake_benchmarks.hpp"
#include "tests/support/fake_federation.hpp"
#include "tests/support/fake_recipes.hpp"

namespace ratchet {
namespace {

using namespace testing;

struct broadcaster_stage : actor_fixture {
  std::shared_ptr<fake_benchmarks> benchmarks = std::make_shared<fake_benchmarks>();
  std::shared_ptr<fake_recipes> recipes = std::make_shared<fake_recipes>();
  std::shared_ptr<fake_clock> clock = std::make_shared<fake_clock>();
  std::shared_ptr<fake_federation> federation = std::make_shared<fake_federation>();
  int woken = 0;
  federation_broadcaster_actor actor = spawn(federation_broadcaster, ports());
  share_delta what;

  broadcaster_stage() {
    what.session.session_id = "0123456789ab";
    what.session.total_improvements = 2;
    what.session.baseline_metric = 1;
    what.session.best_metric = 2;
  }

  world ports() {
    world w;
    w.benchmarks = benchmarks;
    w.recipes = recipes;
    w.clock = clock;
    w.federation = federation;
    w.deliver_soon = [this] { ++woken; };
    return w;
  }
};

TEST_CASE("an improved session's delta is in the outbox, and that nobody has it yet is said") {
  broadcaster_stage s;
  auto shared = s.ask<delta_shared>(s.actor, s.what);
  REQUIRE(shared);
  CHECK(shared->exported);
  CHECK(!shared->broadcast);
  CHECK(shared->reason == "no peers: `ratchet peers add` names one");
  CHECK(s.woken == 0);
  REQUIRE(s.federation->sent.size() == 1);
  CHECK(s.federation->sent[0].session_id == "0123456789ab");
  CHECK(s.federation->sent[0].delta["autoresearch"]["best"] == 2);
  CHECK(s.federation->sent[0].time == "2023-11-14T22:13:20.000Z");
}

TEST_CASE("peers are told later: the answer waits for none of them and says how many there are") {
  broadcaster_stage s;
  s.federation->known = {{.node_id = "a", .address = "192.0.2.1:7718"},
                         {.node_id = "b", .address = "192.0.2.2:7718"},
                         {.node_id = "only listened to"},
                         {.node_id = "learned", .address = "192.0.2.3:7718", .in_use = false}};
  auto shared = s.ask<delta_shared>(s.actor, s.what);
  REQUIRE(shared);
  CHECK(shared->exported);
  CHECK(!shared->broadcast);
  CHECK(shared->reason.find("2 peers are being told") == 0);
  CHECK(s.woken == 1);
}

TEST_CASE("recipes of the session go with the delta only where the owner shares them") {
  for (bool share : {false, true}) {
    broadcaster_stage s;
    recipe won;
    won.session_id = s.what.session.session_id;
    won.changes = json::parse(R"([{"path": "a.py", "search": "1\n", "replace": "2\n"}])");
    recipe others = won;
    others.session_id = "ffffffffffff";
    recipe secret = won;
    secret.changes[0]["replace"] = "owner = 'jane.doe@example.org'";
    s.recipes->stored_recipes = {won, others, secret};
    s.federation->chosen.share_recipes = share;
    REQUIRE(s.ask<delta_shared>(s.actor, s.what));
    REQUIRE(s.federation->sent.size() == 1);
    const auto& delta = s.federation->sent[0].delta;
    REQUIRE(delta.contains("recipes") == share);
    if (share) CHECK(delta["recipes"] == json::array({won}));
  }
}

TEST_CASE("a session that did not improve has nothing to share, which is no failure") {
  broadcaster_stage s;
  s.what.session.total_improvements = 0;
  auto shared = s.ask<delta_shared>(s.actor, s.what);
  REQUIRE(shared);
  CHECK(shared->exported);
  CHECK(!shared->broadcast);
  CHECK(s.federation->sent.empty());
}

TEST_CASE("personal data is taken out before the delta reaches the outbox") {
  broadcaster_stage s;
  changed(s.what.settings)->metric_name = "score of jane.doe@example.org";
  REQUIRE(s.ask<delta_shared>(s.actor, s.what));
  REQUIRE(s.federation->sent.size() == 1);
  auto text = s.federation->sent[0].delta.dump();
  CHECK(text.find("jane") == std::string::npos);
  CHECK(text.find("score of [redacted:email]") != std::string::npos);
}

TEST_CASE("a store that fails exports nothing and says so") {
  for (const char* call : {"tool_scores", "add_to_outbox", "settings", "peers"}) {
    broadcaster_stage s;
    s.benchmarks->fail_on(call, fail(errc::store_failed, "disk full"));
    s.federation->fail_on(call, fail(errc::store_failed, "disk full"));
    auto shared = s.ask<delta_shared>(s.actor, s.what);
    REQUIRE(!shared);
    CHECK(shared.error().text == "disk full");
  }
}

}  // namespace
}  // namespace ratchet
