// SPDX-License-Identifier: MIT
#include "actors/supervisor.hpp"

#include <doctest/doctest.h>

#include "messages/timeouts.hpp"
#include "tests/support/actor_fixture.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

/// Two roles are enough to see the order of starts and stops.
struct supervised : actor_fixture {
  int starts = 0;
  std::vector<std::string> gates_added;
  started_roles latest;
  supervisor_actor top;

  supervised() {
    top = spawn(supervisor, start_roles([this] { return begin_roles(); }));
  }

  started_roles begin_roles() {
    ++starts;
    latest = {};
    // Each with an argument: without one, CAF 0.17.6 binds a reference to nothing, which the
    // sanitizer of undefined behaviour stops at.
    latest.hub = system().spawn(
        [](event_hub_actor::pointer, const subscribed& answer) -> event_hub_actor::behavior_type {
          return {[](const recorded_events&) {},
                  [answer](const subscription&, const subscriber_actor&) { return answer; },
                  [](const unsubscribe&) {}};
        },
        subscribed{});
    latest.gates = system().spawn(
        [](gate_chain_actor::pointer,
           std::vector<std::string>* added) -> gate_chain_actor::behavior_type {
          return {[](const judge_candidate&) { return judgement{}; },
                  [added](const add_gate& g, const gate_actor&) {
                    added->push_back(g.name);
                    return done{};
                  }};
        },
        &gates_added);
    own(latest.hub);
    own(latest.gates);
    latest.in_order = {{"event_hub", caf::actor_cast<caf::actor>(latest.hub)},
                       {"gate_chain", caf::actor_cast<caf::actor>(latest.gates)}};
    return latest;
  }
};

}  // namespace

TEST_CASE_FIXTURE(supervised, "a role that dies takes the others down and all start again") {
  CHECK(starts == 1);
  auto first_gates = latest.gates;
  kill(latest.hub);
  CHECK(starts == 2);
  CHECK(latest.gates != first_gates);
}

TEST_CASE_FIXTURE(supervised, "the user's gates are added again after a restart") {
  gate_actor gate = spawn(
      [](gate_actor::pointer, const gate_verdict& verdict) -> gate_actor::behavior_type {
        return {[verdict](const judge_candidate&) { return verdict; }};
      },
      gate_verdict{});
  REQUIRE(ask<done>(top, add_gate{"mine"}, gate));
  kill(latest.hub);
  CHECK(gates_added == std::vector<std::string>{"mine", "mine"});
}

TEST_CASE_FIXTURE(supervised, "more deaths than the restart budget allows end the supervisor") {
  for (int i = 0; i < restart_budget; ++i) kill(latest.hub);
  CHECK(starts == restart_budget + 1);
  kill(latest.hub);
  CHECK(starts == restart_budget + 1);
  CHECK(!ask<done>(top, add_gate{"late"}, gate_actor{}));
}

TEST_CASE_FIXTURE(supervised, "deaths far apart never use the restart budget up") {
  for (int i = 0; i < 3 * restart_budget; ++i) {
    kill(latest.hub);
    advance(restart_window);
  }
  CHECK(starts == 3 * restart_budget + 1);
}

namespace {

/// Roles that note that they were told to end, and go when the test says so.
struct stubborn : actor_fixture {
  std::vector<std::string> told;
  std::vector<caf::actor> roles;
  supervisor_actor top;
  bool ended = false;

  stubborn() {
    top = spawn(supervisor, start_roles([this] { return begin_roles(); }));
    caf::actor_cast<caf::actor>(top)->attach_functor([this] { ended = true; });
  }

  started_roles begin_roles() {
    started_roles started;
    for (const std::string name : {"first", "second", "third"}) {
      roles.push_back(system().spawn(
          [this](caf::event_based_actor* self, const std::string& role) -> caf::behavior {
            self->set_exit_handler([=, this](caf::exit_msg&) { told.push_back(role); });
            return {[](const done&) {}};
          },
          name));
      own(roles.back());
      started.in_order.emplace_back(name, roles.back());
    }
    return started;
  }
  void stop() {
    caf::anon_send_exit(top, caf::exit_reason::user_shutdown);
    run();
  }
};

}  // namespace

TEST_CASE_FIXTURE(stubborn, "roles end in reverse order, each once the one before it is gone") {
  stop();
  CHECK(told == std::vector<std::string>{"third"});
  CHECK(!ask<experiment_runner_actor>(top, find_runner{}));  // no handle of what is about to go
  kill(roles[2]);
  CHECK(told == std::vector<std::string>{"third", "second"});
  kill(roles[1]);
  CHECK(told == std::vector<std::string>{"third", "second", "first"});
  CHECK(!ended);
  kill(roles[0]);
  CHECK(ended);
}

TEST_CASE_FIXTURE(stubborn, "one that dies before its turn has come is not waited for") {
  stop();
  kill(roles[1]);
  CHECK(told == std::vector<std::string>{"third"});
  kill(roles[2]);
  CHECK(told == std::vector<std::string>{"third", "first"});
}

TEST_CASE_FIXTURE(stubborn, "a role that does not end is left behind when its time is over") {
  stop();
  advance(role_patience);
  CHECK(told == std::vector<std::string>{"third", "second"});
  advance(2 * role_patience);
  CHECK(ended);
}

TEST_CASE_FIXTURE(stubborn, "what a restart has replaced is waited for, too") {
  kill(roles[0]);
  REQUIRE(roles.size() == 6);
  CHECK(told == std::vector<std::string>{"third", "second"});
  stop();
  for (std::size_t i : {5, 4, 3}) kill(roles[i]);
  CHECK(!ended);
  kill(roles[1]);
  kill(roles[2]);
  CHECK(ended);
}
