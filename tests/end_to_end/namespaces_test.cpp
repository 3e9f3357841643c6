// SPDX-License-Identifier: MIT
//
// A node and four workers, and three owners' nodes, each in a network namespace of its own, on a
// bridge: as in hive_test.cpp and federation_test.cpp, on links that the kernel makes, where this
// user may make them. Elsewhere the cases say so and end; loopback is what those files are for.
#include "tests/end_to_end/cluster.hpp"
#include "tests/end_to_end/owner.hpp"
#include "tests/end_to_end/switched_network.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

const std::vector<std::string> four{"w1", "w2", "w3", "w4"};

std::string start(cluster& c, const std::string& wait) {
  for (const auto& w : four) c.add(w, {"--slots", "1"});
  return c.start_search(4, wait + "; sed 's/.*score/score/; s/#.*//' p.txt");
}

json round_of(const cluster& c, const std::string& id, const std::function<void()>& meanwhile) {
  REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
  auto run = c.begin("autoresearch_run", {{"session_id", id}});
  run->ends_within(300);
  meanwhile();
  const json ran = run->end().answer();
  CHECK_MESSAGE(ran["variants"].size() == 4, ran.dump());
  c.ask("autoresearch_decide", {{"session_id", id}});
  return ran;
}

}  // namespace

TEST_CASE("in namespaces: a pulled cable costs the time of a lease, a killed machine nothing") {
  switched_network network(four);
  if (!network.there()) {
    MESSAGE("this user may not make network namespaces here");
    return;
  }
  auto options = network.options();
  options.lease_s = 2;
  cluster c(options);
  const auto id = start(c, "sleep 0.8");
  round_of(c, id, [&] { network.connect("w1", false); });
  network.connect("w1", true);
  c.await_workers(4);
  round_of(c, id, [&] {
    c.at("w2").program->send(SIGKILL);
    c.at("w2").program->end();
  });
  c.start("w2");
  c.await_workers(4);
  round_of(c, id, [] {});
  CHECK(c.lab.rows("results") == 1 + 12);
  CHECK(c.lab.rows("benchmarks") == 1 + 12);
  CHECK(c.lab.status(id)["spark_consumed"] == 48);
}

TEST_CASE("in namespaces: latency and loss of the kernel's making lose nothing") {
  switched_network network(four);
  if (!network.there()) {
    MESSAGE("this user may not make network namespaces here");
    return;
  }
  cluster c(network.options());
  const auto id = start(c, "true");
  for (const auto& w : four)
    if (!network.make_bad(w)) {
      MESSAGE("this kernel has no netem; hive_test.cpp makes latency and loss itself");
      return;
    }
  for (int i = 0; i < 2; ++i) round_of(c, id, [] {});
  CHECK(c.lab.rows("benchmarks") == 1 + 8);
}

TEST_CASE(
    "in namespaces: what an owner learned reaches a peer once, however its cable was pulled") {
  switched_network network({"owner-a", "owner-b", "owner-c"});
  if (!network.there()) {
    MESSAGE("this user may not make network namespaces here");
    return;
  }
  owner a(network.address_of(0), network.place("owner-a"));
  owner b(network.address_of(1), network.place("owner-b"));
  owner c(network.address_of(2), network.place("owner-c"));
  befriend(a, b);
  befriend(b, c);
  befriend(c, a);
  network.connect("owner-b", false);
  const auto session = a.improve();
  CHECK(becomes([&] { return c.peer(a)["accepted"] == 1; }));
  CHECK(a.peer(b)["pending"] == 1);
  CHECK(b.peer(a)["accepted"] == 0);
  CHECK(a.lab.status(session)["federation_broadcast_enforced"] == false);

  network.connect("owner-b", true);
  a.add(b);  // named anew, it is called at once
  CHECK(becomes([&] { return a.peer(b)["delivered"] == 1; }));
  CHECK(a.lab.status(session)["federation_broadcast_enforced"] == true);
  CHECK(b.peer(a)["accepted"] == 1);
  // What follows comes after it, and it does not come again: a second time would be refused.
  a.improve();
  CHECK(becomes([&] { return a.peer(b)["delivered"] == 2 && a.peer(c)["delivered"] == 2; }));
  for (const auto* other : {&b, &c}) {
    const json told = other->peer(a);
    CHECK_MESSAGE(told["accepted"] == 2, told.dump());
    CHECK_MESSAGE(told["refused"] == 0, told.dump());
    CHECK(a.peer(*other)["rejected"] == 0);
  }
}
