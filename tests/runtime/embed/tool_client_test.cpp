// SPDX-License-Identifier: MIT
#include "runtime/embed/tool_client.hpp"

#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

using no_gates = gate_chain_actor;
using no_events = event_hub_actor;

/// A registry that writes down what reaches it and answers nothing but a finished run.
struct called : actor_fixture {
  std::vector<std::string> heard;
  bool ends = false;  ///< runs are answered at once
  session_registry_actor registry;
  supervisor_actor top;
  std::vector<json> answers;

  called() {
    registry = spawn(
        [this](session_registry_actor::pointer self,
               bool) -> session_registry_actor::behavior_type {
          auto silent = [self]<class Answer>(Answer) {
            return self->make_response_promise<Answer>();
          };
          return {[=](const setup_session&) { return silent(session_opened{}); },
                  [=](const edit_candidate&) { return silent(edit_answer{}); },
                  [this, self](const run_candidate&) {
                    heard.emplace_back("run");
                    auto promise = self->make_response_promise<run_answer>();
                    if (ends) promise.deliver(run_answer{});
                    return promise;
                  },
                  [=](const decide_candidate&) { return silent(decide_answer{}); },
                  [=](const finalize_session&) { return silent(finalize_answer{}); },
                  [=](const get_status&) { return silent(progress{}); },
                  [=](const list_sessions&) { return silent(session_list{}); },
                  [=](const show_session&) { return silent(session_shown{}); },
                  [=](const steer_session&) { return silent(steer_answer{}); },
                  [=](const read_iterations&) { return silent(iterations_read{}); },
                  [=](const compare_session&) { return silent(comparison{}); },
                  [=](const prune_session&) { return silent(session_pruned{}); },
                  [=](const best_tool_query&) { return silent(best_tool_answer{}); },
                  [this](const cancel_step& m) { heard.push_back("cancel " + m.session_id); }};
        },
        true);
    top = spawn(
        [this](supervisor_actor::pointer, bool) -> supervisor_actor::behavior_type {
          return {[this](const find_roles&)
                      -> caf::result<session_registry_actor, event_hub_actor, gate_chain_actor> {
                    return {registry, no_events{}, no_gates{}};
                  },
                  [](const find_runner&) -> caf::result<experiment_runner_actor> {
                    return caf::sec::invalid_argument;
                  },
                  [](const add_gate&, const gate_actor&) { return done{}; }};
        },
        true);
  }

  tool_client_actor call() {
    auto client = call_tool(
        system(), top, "autoresearch_run", run_candidate{"0123456789ab"}, -1,
        [this](json answer) { answers.push_back(std::move(answer)); },
        fail(errc::internal, "gone"));
    own(client);
    return client;
  }
  void cancel(const tool_client_actor& client) {
    caf::anon_send(client, cancel_step{"0123456789ab"});
  }
};

}  // namespace

TEST_CASE_FIXTURE(called, "a cancel reaches the registry once, after the call that it cancels") {
  auto client = call();
  run();
  cancel(client);
  advance(std::chrono::seconds(10));
  cancel(client);
  run();
  CHECK(heard == std::vector<std::string>{"run", "cancel 0123456789ab"});
  CHECK(answers.empty());
}

TEST_CASE_FIXTURE(called, "a call that is cancelled before the registry is found never begins") {
  cancel(call());
  run();
  CHECK(heard.empty());
  REQUIRE(answers.size() == 1);
  CHECK(answers[0]["code"] == "cancelled");
}

TEST_CASE_FIXTURE(called, "a cancel after the answer is nothing") {
  ends = true;
  auto client = call();
  run();
  cancel(client);
  run();
  CHECK(heard == std::vector<std::string>{"run"});
  CHECK(answers.size() == 1);
}
