// SPDX-License-Identifier: MIT
//
// Nodes of different owners, as real processes with real sockets: they teach each other, one is
// killed and comes back, what one shares another runs for itself.
#include "tests/end_to_end/owner.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

TEST_CASE("three owners' nodes teach each other, also one that was killed and comes back") {
  owner a, b, c;
  befriend(a, b);
  befriend(b, c);
  befriend(c, a);
  const auto session = a.improve(5);
  CHECK(becomes([&] { return b.peer(a)["accepted"] == 1 && c.peer(a)["accepted"] == 1; }));
  CHECK(becomes([&] { return a.lab.status(session)["federation_broadcast_enforced"] == true; }));
  auto best = b.lab.ask("get_hive_best_tool", json::object());
  CHECK(best["tool"]["tool_name"] == "host");
  CHECK(best["tool"]["sample_count"].get<int>() >= 5);
  CHECK(best["nodes"] == 1);

  b.end(SIGKILL);
  const auto later = a.improve();
  CHECK(becomes([&] { return c.peer(a)["accepted"] == 2; }));
  CHECK(a.peer(b)["pending"] == 1);
  CHECK(a.lab.status(later)["federation_broadcast_enforced"] == false);
  b.begin();
  a.add(b);  // named anew, it is called at once
  CHECK(becomes([&] { return b.peer(a)["accepted"] == 2; }));
  CHECK(becomes([&] { return a.lab.status(later)["federation_broadcast_enforced"] == true; }));

  c.improve();
  CHECK(becomes([&] { return a.peer(c)["accepted"] == 1 && b.peer(c)["accepted"] == 1; }));
  for (const auto* o : {&a, &b, &c})
    for (const auto& p : o->peers()) {
      CHECK(p["refused"] == 0);
      CHECK(p["rejected"] == 0);
      CHECK(p["pending"] == 0);
    }
}

TEST_CASE("without a node of its own running, a call tells the peers before it ends") {
  owner a, b;
  befriend(a, b);
  CHECK(a.end(SIGTERM).exit_code == 0);
  a.improve();
  CHECK(b.peer(a)["accepted"] == 1);
  CHECK(a.peer(b)["delivered"] == 1);
  CHECK(a.peer(b)["last_seen_ms"].get<std::int64_t>() > 0);
}

TEST_CASE("a dead peer delays neither the answers nor the end of a call by more than its second") {
  owner a;
  REQUIRE(a.lab.run({"peers", "add", std::string(64, 'f'), "192.0.2.1:7718"}).exit_code == 0);
  a.end(SIGTERM);
  const auto id = a.improve();
  CHECK(a.lab.status(id)["federation_export_enforced"] == true);
  CHECK(a.lab.status(id)["federation_broadcast_enforced"] == false);
  const auto p = a.peers()[0];
  CHECK(p["pending"] == 1);
  CHECK(p["failures"].get<int>() >= 1);
}

TEST_CASE("what an owner shares another proposes, runs and judges for itself") {
  owner a, b;
  befriend(a, b);
  REQUIRE(a.lab.run({"peers", "share-recipes", "on"}).exit_code == 0);
  a.improve();
  REQUIRE(becomes([&] { return b.peer(a)["accepted"] == 1; }));
  const auto id = b.lab.start({{"edit_backend", "recipes"}});
  auto edited = b.lab.ask("autoresearch_edit", {{"session_id", id}});
  REQUIRE(edited["success"] == true);
  CHECK(edited["hypothesis"].get<std::string>().find("recipe from peer " + a.id.substr(0, 12)) ==
        0);
  CHECK(b.lab.ask("autoresearch_run", {{"session_id", id}})["metric_value"] == 6);
  CHECK(b.lab.ask("autoresearch_decide", {{"session_id", id}})["decision"] == "kept");
  CHECK(b.lab.ask("autoresearch_edit", {{"session_id", id}})["success"] == false);  // no more
}

TEST_CASE("a peer is named, listed and forgotten, and what is no peer is refused") {
  laboratory lab;
  const std::string id(64, 'e');
  auto words = [&](std::vector<std::string> more) {
    more.insert(more.begin(), "peers");
    return lab.run(more);
  };
  auto mine = words({"--json"}).answer()["node_id"].get<std::string>();
  CHECK(mine.size() == 64);
  CHECK(words({"add", "short", "h:1"}).exit_code == 2);
  CHECK(words({"add", mine, "h:1"}).exit_code == 2);
  CHECK(words({"add", id, "no-port"}).exit_code == 2);
  CHECK(words({"add", id, "lab.example:7718", "--name", "the lab"}).exit_code == 0);
  auto shown = words({});
  CHECK(shown.out.find("the lab") != std::string::npos);
  CHECK(shown.out.find("lab.example:7718") != std::string::npos);
  CHECK(words({"exchange", "on"}).exit_code == 0);
  CHECK(words({"--json"}).answer()["settings"]["exchange"] == true);
  CHECK(words({"--json"}).answer()["settings"]["share_recipes"] == false);
  CHECK(words({"exchange", "maybe"}).exit_code == 2);
  CHECK(words({"remove", "nobody"}).exit_code == 2);
  CHECK(words({"remove", id.substr(0, 12)}).exit_code == 0);
  CHECK(words({"--json"}).answer()["peers"].empty());
}
