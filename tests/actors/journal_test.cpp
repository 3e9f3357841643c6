// SPDX-License-Identifier: MIT
#include "actors/journal.hpp"

#include <doctest/doctest.h>

#include "actors/event_hub.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_sessions.hpp"

namespace ratchet {
namespace {

using namespace testing;

constexpr auto id = "0123456789ab";

subscriber_actor::behavior_type topics_into(subscriber_actor::pointer,
                                            std::shared_ptr<std::vector<std::string>> topics) {
  return {[topics](const event& e) { topics->push_back(e.topic); }};
}

struct journal_stage : actor_fixture {
  std::shared_ptr<fake_sessions> sessions = std::make_shared<fake_sessions>();
  std::shared_ptr<fake_leases> leases = std::make_shared<fake_leases>();
  std::shared_ptr<fake_report> reports = std::make_shared<fake_report>();
  std::shared_ptr<fake_clock> clock = std::make_shared<fake_clock>();
  event_hub_actor hub = spawn(event_hub, sessions->events);
  journal_actor actor = spawn(journal, sessions, leases, reports, clock, hub);

  journal_stage() {
    auto& record = sessions->stored_sessions[id];
    record.session_id = id;
    record.status = "running";
    record.state = json{{"iteration", 3}};
    iteration_record row;
    row.session_id = id;
    row.iteration = 3;
    row.reason = "the third";
    sessions->stored_iterations[{id, 3}] = row;
    row.iteration = 2;
    sessions->stored_iterations[{id, 2}] = row;
  }
  expected<opened_step> open() { return ask<opened_step>(actor, open_step{id}); }
  expected<done> write(bool release) {
    write_step w;
    w.what.session = sessions->stored_sessions[id];
    w.what.events = {{0, "autoresearch.edited", id, "2026-01-01T00:00:00.000Z", json::object()}};
    w.release = release;
    return ask<done>(actor, w);
  }
};

TEST_CASE("a step opens with the session, its current iteration and the lease") {
  journal_stage s;
  auto opened = s.open();
  REQUIRE(opened);
  CHECK(opened->record.status == "running");
  REQUIRE(opened->current);
  CHECK(opened->current->reason == "the third");
  CHECK(s.leases->held(id));
}

TEST_CASE("a session whose step is open is busy, here and elsewhere") {
  journal_stage s;
  REQUIRE(s.open());
  auto here = s.open();
  REQUIRE(!here);
  CHECK(here.error().code == errc::session_busy);
  CHECK(here.error().text.find(id) != std::string::npos);
  s.tell(s.actor, close_step{id});
  CHECK(!s.leases->held(id));
  s.leases->taken_elsewhere(id);
  auto elsewhere = s.open();
  REQUIRE(!elsewhere);
  CHECK(elsewhere.error().code == errc::session_busy);
  s.leases->returned_elsewhere(id);
  CHECK(s.open());
}

TEST_CASE("reading alone takes no lease and minds nobody's") {
  journal_stage s;
  s.leases->taken_elsewhere(id);
  CHECK(s.ask<opened_step>(s.actor, open_step{id, false}));
}

TEST_CASE("an unknown session is named and keeps no lease") {
  journal_stage s;
  auto opened = s.ask<opened_step>(s.actor, open_step{"ffffffffffff"});
  REQUIRE(!opened);
  CHECK(opened.error().code == errc::unknown_session);
  CHECK(opened.error().text.find("ffffffffffff") != std::string::npos);
  CHECK(!s.leases->held("ffffffffffff"));
}

TEST_CASE("a fresh session gets its lease before anything is stored") {
  journal_stage s;
  REQUIRE(s.ask<opened_step>(s.actor, open_step{"ffffffffffff", true, true}));
  CHECK(s.leases->held("ffffffffffff"));
}

TEST_CASE("what no session needs can be claimed, what one needs or is at work on cannot") {
  journal_stage s;
  auto claim = [&](const std::string& which) {
    return s.ask<done>(s.actor, claim_unfinished{which});
  };
  for (const char* status : {"pending", "running", "budget_exhausted"}) {
    s.sessions->stored_sessions[id].status = status;
    auto refused = claim(id);
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::session_busy);
  }
  CHECK(s.leases->count("acquire") == 0);  // not even for a moment
  s.sessions->stored_sessions[id].status = "completed";
  s.sessions->stored_sessions[id].in_step = true;  // its own finalize sees to it
  CHECK(!claim(id));
  s.sessions->stored_sessions[id].in_step = false;
  CHECK(claim(id));
  CHECK(s.leases->held(id));
  s.leases->taken_elsewhere("being-made");
  auto busy = claim("being-made");
  REQUIRE(!busy);
  CHECK(busy.error().code == errc::session_busy);
  CHECK(claim("of-no-session"));
  s.tell(s.actor, close_step{"of-no-session"});
  CHECK(!s.leases->held("of-no-session"));
  // A failure keeps no lease.
  s.sessions->fail_on("session", fail(errc::store_failed, "unreadable"));
  CHECK(!claim("of-no-session"));
  CHECK(!s.leases->held("of-no-session"));
}

TEST_CASE("a store that cannot be read keeps no lease") {
  for (const char* call : {"session", "iteration"}) {
    journal_stage s;
    s.sessions->fail_on(call, fail(errc::store_failed, "disk gone"));
    auto opened = s.open();
    REQUIRE(!opened);
    CHECK(opened.error().text == "disk gone");
    CHECK(!s.leases->held(id));
  }
}

TEST_CASE("what a step wrote is durable and told to the hub") {
  journal_stage s;
  auto topics = std::make_shared<std::vector<std::string>>();
  REQUIRE(s.ask<subscribed>(s.hub, subscription{}, subscriber_actor(s.spawn(topics_into, topics))));
  REQUIRE(s.open());
  REQUIRE(s.write(true));
  REQUIRE(s.sessions->events->events.size() == 1);
  CHECK(s.sessions->events->events[0].time == "2026-01-01T00:00:00.000Z");
  CHECK(*topics == std::vector<std::string>{"autoresearch.edited"});
  CHECK(!s.leases->held(id));
}

TEST_CASE("the lease stays until a write releases it") {
  journal_stage s;
  REQUIRE(s.open());
  REQUIRE(s.write(false));
  CHECK(s.leases->held(id));
  REQUIRE(s.write(true));
  CHECK(!s.leases->held(id));
}

TEST_CASE("a failed write keeps the lease until close_step and tells the hub nothing") {
  journal_stage s;
  REQUIRE(s.open());
  s.sessions->fail_on("write", fail(errc::store_failed, "disk full"));
  auto written = s.write(true);
  REQUIRE(!written);
  CHECK(written.error().code == errc::store_failed);
  CHECK(s.leases->held(id));
  CHECK(s.sessions->events->events.empty());
  s.tell(s.actor, close_step{id});
  CHECK(!s.leases->held(id));
}

TEST_CASE("the end of the journal gives every lease back") {
  journal_stage s;
  REQUIRE(s.open());
  s.kill(s.actor);
  CHECK(!s.leases->held(id));
}

TEST_CASE("stored sessions are found by status or by an interrupted step") {
  journal_stage s;
  s.sessions->stored_sessions["b"] = {"b", "completed", {}, {}, false, 5, 5};
  s.sessions->stored_sessions["c"] = {"c", "running", {}, {}, true, 9, 9};
  read_sessions query;
  CHECK(s.ask<stored_sessions>(s.actor, query)->sessions.size() == 3);
  query.statuses = {"running"};
  auto running = s.ask<stored_sessions>(s.actor, query);
  REQUIRE(running->sessions.size() == 2);
  CHECK(running->sessions[0].session_id == "c");
  query.interrupted_only = true;
  CHECK(s.ask<stored_sessions>(s.actor, query)->sessions.size() == 1);
}

TEST_CASE("a report holds the session and every stored iteration") {
  journal_stage s;
  write_report ask;
  ask.session.session_id = id;
  ask.extra = json{{"branch", "x"}};
  auto written = s.ask<report_written>(s.actor, ask);
  REQUIRE(written);
  CHECK(written->path == "/state/reports/0123456789ab.json");
  REQUIRE(s.reports->reports.size() == 1);
  CHECK(s.reports->reports[0].results.size() == 2);
  CHECK(s.reports->reports[0].session["session_id"] == id);
  s.reports->fail_on("write", fail(errc::store_failed, "no room"));
  CHECK(s.ask<report_written>(s.actor, ask).error().text == "no room");
}

}  // namespace
}  // namespace ratchet
