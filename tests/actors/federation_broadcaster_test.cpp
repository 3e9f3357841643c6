// SPDX-License-Identifier: MIT
#include "actors/federation_broadcaster.hpp"

#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_store.hpp"

namespace ratchet {
namespace {

using namespace testing;

struct broadcaster_stage : actor_fixture {
  std::shared_ptr<fake_store> store = std::make_shared<fake_store>();
  std::shared_ptr<fake_clock> clock = std::make_shared<fake_clock>();
  federation_broadcaster_actor actor = spawn(federation_broadcaster, store, clock);
  share_delta what;

  broadcaster_stage() {
    what.session.session_id = "0123456789ab";
    what.session.total_improvements = 2;
    what.session.baseline_metric = 1;
    what.session.best_metric = 2;
  }
};

TEST_CASE("an improved session's delta is in the outbox, and that nobody has it yet is said") {
  broadcaster_stage s;
  auto shared = s.ask<delta_shared>(s.actor, s.what);
  REQUIRE(shared);
  CHECK(shared->exported);
  CHECK(!shared->broadcast);
  CHECK(shared->reason == "no peers: delivery is not part of this version");
  REQUIRE(s.store->sent.size() == 1);
  CHECK(s.store->sent[0].session_id == "0123456789ab");
  CHECK(s.store->sent[0].delta["autoresearch"]["best"] == 2);
  CHECK(s.store->sent[0].time == "2023-11-14T22:13:20.000Z");
}

TEST_CASE("a session that did not improve has nothing to share, which is no failure") {
  broadcaster_stage s;
  s.what.session.total_improvements = 0;
  auto shared = s.ask<delta_shared>(s.actor, s.what);
  REQUIRE(shared);
  CHECK(shared->exported);
  CHECK(!shared->broadcast);
  CHECK(s.store->sent.empty());
}

TEST_CASE("personal data is taken out before the delta reaches the outbox") {
  broadcaster_stage s;
  s.what.settings.metric_name = "score of jane.doe@example.org";
  REQUIRE(s.ask<delta_shared>(s.actor, s.what));
  REQUIRE(s.store->sent.size() == 1);
  auto text = s.store->sent[0].delta.dump();
  CHECK(text.find("jane") == std::string::npos);
  CHECK(text.find("score of [redacted:email]") != std::string::npos);
}

TEST_CASE("a store that fails exports nothing and says so") {
  for (const char* call : {"tool_scores", "add_to_outbox"}) {
    broadcaster_stage s;
    s.store->fail_on(call, fail(errc::store_failed, "disk full"));
    auto shared = s.ask<delta_shared>(s.actor, s.what);
    REQUIRE(!shared);
    CHECK(shared.error().text == "disk full");
  }
}

}  // namespace
}  // namespace ratchet
