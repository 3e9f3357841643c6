// SPDX-License-Identifier: MIT
//
// What is kept about other nodes.
#include <doctest/doctest.h>

#include <csignal>
#include <random>
#include <sstream>

#include "runtime/store/federation_store.hpp"
#include "runtime/store/schema.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/runtime/store/scratch.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

constexpr std::int64_t now = 1'700'000'000'000;
const std::string a(64, 'a'), b(64, 'b'), c3(64, 'c');

struct opened_federation {
  scratch s;
  std::shared_ptr<whole_store> store = *open_store(s.path);
  std::shared_ptr<federation_port> federation = *open_federation(s.path);

  peer_record peer(const std::string& id) {
    auto found = federation->peer(id);
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
  }
  std::int64_t put(const std::string& session = "0123456789ab") {
    auto id = federation->add_to_outbox(session, json{{"version", 1}}, "now");
    REQUIRE(id);
    return *id;
  }
  std::vector<std::int64_t> pending(const std::string& id) {
    std::vector<std::int64_t> out;
    for (const auto& e : *federation->pending(id, 100)) out.push_back(e.id);
    return out;
  }
  std::int64_t in_outbox() const {
    return sqlite::connection(s.path / "ratchet.db").integer("SELECT count(*) FROM outbox");
  }
  bool told(const std::string& session) {
    return (**store->session(session)).state["federation_broadcast_enforced"] == true;
  }
  void session(const std::string& id, bool in_step) {
    REQUIRE(
        store->write({.session = session_record{
                          id, "completed", json::object(),
                          json{{"x", 0.1}, {"federation_broadcast_enforced", false}}, in_step}}));
  }
};

using ids = std::vector<std::int64_t>;

checked_delta delta_of(const std::string& node, std::int64_t sequence) {
  checked_delta d;
  d.node_id = node;
  d.sequence = sequence;
  d.digest = std::to_string(sequence);
  d.scores = {{"autoresearch", "mutate", 0.5, 2, 40, 0.25, 0.01},
              {"autoresearch", "llm", 0.25, 9, 5}};
  recipe r;
  r.session_id = "0123456789ab";
  r.iteration = static_cast<int>(sequence);
  r.changes = json::parse(R"([{"path": "a.py", "search": "1\n", "replace": "2\n"}])");
  d.recipes = {r};
  d.body = json{{"sequence", sequence}};
  return d;
}

}  // namespace

TEST_CASE("A store of the first layout is brought to the second with what is in it") {
  scratch s;
  {
    sqlite::connection c(s.path / "ratchet.db");
    schema::migrate(c, 1);
    CHECK(c.integer("PRAGMA user_version") == 1);
    c.execute("INSERT INTO outbox (session_id, delta, time) VALUES ('s', '{\"version\":1}', 't')");
    c.execute("INSERT INTO peers VALUES ('" + a + "', 'h:1', '" + a + "', 3, 't')");
  }
  auto federation = *open_federation(s.path);
  CHECK((**federation->peer(a)).last_sequence == 3);
  CHECK(*federation->add_to_outbox("s", json::object(), "t") == 2);
  CHECK(federation->pending(a, 10)->size() == 1);
}

TEST_CASE("A delta is addressed to the peers that are then in use, with a number that grows") {
  opened_federation f;
  CHECK(f.put() == 1);
  REQUIRE(f.federation->add_peer(a, "192.0.2.1:1", "ann", now));
  CHECK(f.pending(a) == ids{1});  // the newest delta, so that a new peer learns at once
  REQUIRE(f.federation->add_peer(b, "", "", now));
  REQUIRE(f.federation->introduce({{c3, "192.0.2.3:1"}, {a, "198.51.100.1:1"}}, a, now));
  CHECK(f.peer(a).address == "192.0.2.1:1");  // no introduction changes who is known
  CHECK(f.peer(c3).learned);
  CHECK(f.peer(c3).introduced_by == a);
  CHECK(!f.peer(c3).in_use);
  CHECK(f.put() == 2);
  CHECK(f.pending(a) == ids{1, 2});
  CHECK(f.pending(b).empty());
  CHECK(f.pending(c3).empty());
  REQUIRE(f.federation->set({.exchange = true}));
  CHECK(f.federation->settings()->exchange);
  CHECK(!f.federation->settings()->share_recipes);
  CHECK(f.peer(c3).in_use);
  CHECK(f.put() == 3);
  CHECK(f.pending(c3) == ids{3});
  CHECK(f.federation->sender(c3, now)->has_value());
  REQUIRE(f.federation->set({}));
  CHECK(!f.federation->sender(c3, now)->has_value());
  REQUIRE(f.federation->add_peer(c3, "192.0.2.3:1", "", now));
  CHECK(f.peer(c3).in_use);
  CHECK(f.federation->peers()->size() == 3);
}

TEST_CASE("Whom the owner has removed no peer brings back") {
  opened_federation f;
  REQUIRE(f.federation->add_peer(a, "h:1", "", now));
  REQUIRE(*f.federation->remove_peer(a));
  REQUIRE(f.federation->introduce({{a, "h:1"}, {b, "h:2"}}, c3, now));
  REQUIRE(f.federation->peers()->size() == 1);
  CHECK(f.federation->peers()->front().node_id == b);
  REQUIRE(f.federation->add_peer(a, "h:1", "", now));
  CHECK(!f.peer(a).learned);
}

TEST_CASE("No more peers are learned than there is room for") {
  opened_federation f;
  std::vector<peer_introduction> many;
  for (int i = 0; i < 400; ++i) {
    std::string id = std::to_string(i);
    many.push_back({std::string(64 - id.size(), '0') + id, "h:1"});
  }
  REQUIRE(f.federation->introduce(many, a, now));
  CHECK(f.federation->peers()->size() == max_learned_peers);
}

TEST_CASE("That everybody has accepted is noted with the session, once it is not at work") {
  opened_federation f;
  REQUIRE(f.federation->add_peer(a, "h:1", "", now));
  REQUIRE(f.federation->add_peer(b, "h:2", "", now));
  f.session("one", true);
  f.session("two", false);
  const auto one = f.put("one"), two = f.put("two");
  auto told = [&](const std::string& who, std::int64_t id, const char* why = "") {
    REQUIRE(f.federation->delivered(who, id, why, now + 5));
    REQUIRE(f.federation->settle());
  };
  told(a, one);
  CHECK(f.pending(a) == ids{two});
  told(b, one);
  CHECK(!f.told("one"));  // its last step would write over it
  CHECK(f.in_outbox() == 2);
  f.session("one", false);
  REQUIRE(f.federation->settle());
  CHECK(f.told("one"));
  CHECK((**f.store->session("one")).state["x"] == 0.1);
  CHECK(f.in_outbox() == 1);
  told(a, two);
  told(b, two, "stale: two hours");
  CHECK(!f.told("two"));
  CHECK(f.in_outbox() == 1);  // the newest stays, for peers to come
  CHECK(f.peer(a).delivered == 2);
  CHECK(f.peer(a).last_seen_ms == now + 5);
  CHECK(f.peer(b).delivered == 1);
  CHECK(f.peer(b).rejected == 1);
  CHECK(f.peer(b).last_rejection == "stale: two hours");
  told(b, two);  // noted twice changes nothing
  CHECK(f.peer(b).delivered == 1);
  CHECK(f.put() == 3);
}

TEST_CASE("The outbox of a node whose peers are gone does not grow without bound") {
  opened_federation f;
  REQUIRE(f.federation->add_peer(a, "h:1", "", now));
  sqlite::connection c(f.s.path / "ratchet.db");
  for (int i = 0; i < 1010; ++i)
    c.execute("INSERT INTO outbox (session_id, delta, time) VALUES ('s', '{}', 't')");
  CHECK(f.in_outbox() == static_cast<std::int64_t>(max_outbox));
  CHECK(f.pending(a).front() == 11);
  CHECK(f.peer(a).pending == static_cast<std::int64_t>(max_outbox));
}

TEST_CASE("A back-off is kept, and cleared when the peer is reached or named anew") {
  opened_federation f;
  REQUIRE(f.federation->add_peer(a, "h:1", "ann", now));
  REQUIRE(f.federation->unreached(a, "nobody there", 3, now + 40'000));
  CHECK((**(*open_federation(f.s.path))->peer(a)).next_attempt_ms == now + 40'000);
  CHECK(f.peer(a).last_error == "nobody there");
  REQUIRE(f.federation->add_peer(a, "h:2", "", now));
  CHECK(f.peer(a).failures == 0);
  CHECK(f.peer(a).next_attempt_ms == 0);
  CHECK(f.peer(a).name == "ann");
  CHECK(f.peer(a).address == "h:2");
}

TEST_CASE("An accepted delta replaces the node's votes; an older one changes nothing") {
  opened_federation f;
  REQUIRE(f.federation->add_peer(a, "h:1", "", now));
  CHECK(*f.federation->accept(delta_of(a, 5), now));
  CHECK(f.federation->votes("autoresearch")->size() == 2);
  auto next = delta_of(a, 9);
  next.scores.pop_back();
  CHECK(*f.federation->accept(next, now + 1));
  CHECK(!*f.federation->accept(delta_of(a, 9), now + 2));
  CHECK(!*f.federation->accept(delta_of(a, 7), now + 2));
  REQUIRE(f.federation->votes("autoresearch")->size() == 1);
  CHECK(f.federation->votes("autoresearch")->front().node_id == a);
  CHECK(f.federation->votes("autoresearch")->front().score.kept_rate == 0.25);
  CHECK(f.federation->votes("review")->empty());
  auto known = *f.federation->sender(a, now + 10);
  CHECK(known->last_sequence == 9);
  CHECK(known->last_digest == "9");
  CHECK(known->accepted_last_hour == 2);
  CHECK((*f.federation->sender(a, now + 3'600'001))->accepted_last_hour == 0);
  CHECK(f.peer(a).accepted == 2);
  CHECK(!*f.federation->accept(delta_of(b, 1), now));  // no peer
}

TEST_CASE("A state directory that was restored can be heard again, by a command on either side") {
  opened_federation f;
  REQUIRE(f.federation->add_peer(a, "h:1", "", now));
  CHECK(*f.federation->accept(delta_of(a, 900), now));
  CHECK(!*f.federation->accept(delta_of(a, 3), now));
  CHECK(*f.federation->forgive_sequence(a));
  CHECK(*f.federation->accept(delta_of(a, 3), now));
  CHECK(!*f.federation->forgive_sequence(b));
  const auto before = f.put();
  CHECK(*f.federation->renumber(now) == now);
  CHECK(f.put() > now);
  CHECK(*f.federation->renumber(now) > now);  // never back
  CHECK(before < now);
  opened_federation fresh;  // that has told nothing yet
  CHECK(*fresh.federation->renumber(now) == now);
  CHECK(fresh.put() == now + 1);
}

TEST_CASE("What was received is bounded, kept apart from the own, and goes with its node") {
  opened_federation f;
  REQUIRE(f.federation->add_peer(a, "h:1", "", now));
  REQUIRE(f.federation->add_peer(b, "h:2", "", now));
  for (int i = 1; i <= 120; ++i) {
    auto d = delta_of(a, i);
    for (int n = 0; n < 5; ++n) {
      d.recipes.push_back(d.recipes[0]);
      d.recipes.back().iteration = 1000 + 10 * i + n;
    }
    REQUIRE(*f.federation->accept(d, now + i));
  }
  REQUIRE(*f.federation->accept(delta_of(b, 1), now));
  CHECK(f.store->recipes(10)->empty());
  CHECK(f.federation->received_recipes(9999)->size() == max_received_recipes + 1);
  CHECK(f.federation->received_recipes(1)->front().node_id == b);
  sqlite::connection c(f.s.path / "ratchet.db");
  CHECK(c.integer("SELECT count(*) FROM received WHERE sequence > 1") == max_received_deltas);
  CHECK(*f.federation->remove_peer(a));
  CHECK(!*f.federation->remove_peer(a));
  CHECK(f.federation->received_recipes(9999)->size() == 1);
  CHECK(f.federation->votes("autoresearch")->size() == 2);
  CHECK(c.integer("SELECT count(*) FROM received") == 1);
}

TEST_CASE("A refusal is counted with its reason, as one line") {
  opened_federation f;
  REQUIRE(f.federation->add_peer(a, "h:1", "", now));
  REQUIRE(f.federation->refuse(a, {"signature", "not\nits own\xff"}, now + 7));
  CHECK(f.peer(a).refused == 1);
  CHECK(f.peer(a).last_refusal == "signature: not its own\xEF\xBF\xBD");
  CHECK(f.peer(a).last_refusal_ms == now + 7);
  REQUIRE(f.federation->refuse(b, {"signature", ""}, now));  // nobody's: nothing to count
}

TEST_CASE("After kill -9 at any moment no sequence number is given twice") {
  scratch s;
  {
    auto federation = *open_federation(s.path);
    REQUIRE(federation->add_peer(a, "h:1", "", now));
  }
  std::mt19937 random(7);
  std::int64_t last = 0;
  for (int round = 0; round < 25; ++round) {
    CAPTURE(round);
    child writer([&](int fd) {
      auto federation = *open_federation(s.path);
      for (;;) {
        auto id = federation->add_to_outbox("s", json{{"version", 1}}, "now");
        if (!id) break;
        tell(fd, std::to_string(*id) + "\n");
        // Told and forgotten: the highest number may be in no row any more.
        if (!federation->delivered(a, *id, "", now) || !federation->settle()) break;
      }
    });
    std::string told;
    for (unsigned n = 0; n < 1 + random() % 8; ++n) told += writer.line() + "\n";
    ::usleep(random() % 1500);
    ::kill(writer.pid, SIGKILL);
    told += writer.rest();
    std::istringstream lines(told);
    for (std::int64_t id; lines >> id;) {
      CHECK(id > last);
      last = id;
    }
    auto federation = *open_federation(s.path);
    // One delta a blow, at most: written, and not yet told of.
    CHECK(federation->pending(a, 100)->size() <= static_cast<std::size_t>(round) + 1);
  }
  CHECK(last >= 25);
}

TEST_CASE("After kill -9 an acknowledged delta is there whole and cannot be accepted again") {
  scratch s;
  {
    auto federation = *open_federation(s.path);
    REQUIRE(federation->add_peer(a, "h:1", "", now));
  }
  std::mt19937 random(8);
  std::int64_t next = 1;
  for (int round = 0; round < 25; ++round) {
    CAPTURE(round);
    child receiver([&](int fd) {
      auto federation = *open_federation(s.path);
      for (auto n = next;; ++n) {
        auto taken = federation->accept(delta_of(a, n), now);
        if (!taken || !*taken) break;
        tell(fd, std::to_string(n) + "\n");
      }
    });
    std::string told;
    for (unsigned n = 0; n < 1 + random() % 8; ++n) told += receiver.line() + "\n";
    ::usleep(random() % 1500);
    ::kill(receiver.pid, SIGKILL);
    told += receiver.rest();
    std::int64_t acknowledged = 0;
    std::istringstream lines(told);
    for (std::int64_t n; lines >> n;) acknowledged = n;
    auto federation = *open_federation(s.path);
    const auto stored = (*federation->sender(a, now))->last_sequence;
    CHECK(stored >= acknowledged);
    CHECK(stored <= acknowledged + 1);
    CHECK(!*federation->accept(delta_of(a, acknowledged), now));
    CHECK(federation->received_recipes(1)->front().what.iteration == stored);
    CHECK((**federation->peer(a)).accepted == stored);
    next = stored + 1;
  }
}
