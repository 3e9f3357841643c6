// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"

namespace ratchet {
namespace {

using testing::actor_fixture;

/// Answers a query as its task type says.
benchmark_recorder_actor::behavior_type moody(benchmark_recorder_actor::pointer self, bool) {
  return {[](const benchmark_row&) -> caf::result<done> { return done{}; },
          [self](const best_tool_query& q) -> caf::result<best_tool_answer> {
            if (q.task_type == "refuse")
              return as_error(fail(errc::wrong_step, "run comes next; call autoresearch_run",
                                   json{{"expected", "autoresearch_run"}}));
            if (q.task_type == "throw") throw std::runtime_error("secret detail");
            if (q.task_type == "quit") self->quit(caf::exit_reason::kill);
            if (q.task_type == "silence" || q.task_type == "quit")
              return self->make_response_promise<best_tool_answer>();
            return best_tool_answer{};
          }};
}

TEST_CASE("a failure reaches the requester with its code, text and details") {
  actor_fixture f;
  auto actor = f.spawn(moody, true);
  auto answer = f.ask<best_tool_answer>(actor, best_tool_query{"refuse"});
  REQUIRE(!answer);
  CHECK(answer.error().code == errc::wrong_step);
  CHECK(answer.error().text == "run comes next; call autoresearch_run");
  CHECK(answer.error().details == json{{"expected", "autoresearch_run"}});
}

TEST_CASE("an answer is an answer") {
  actor_fixture f;
  CHECK(f.ask<best_tool_answer>(f.spawn(moody, true), best_tool_query{}));
}

TEST_CASE("a receiver that is gone is a lost worker") {
  actor_fixture f;
  auto actor = f.spawn(moody, true);
  f.kill(actor);
  auto answer = f.ask<best_tool_answer>(actor, best_tool_query{});
  REQUIRE(!answer);
  CHECK(answer.error().code == errc::worker_lost);
  CHECK(answer.error().text.find("the actor ended before it answered") == 0);
}

TEST_CASE("an exception in a handler is reported as a bug, without its text") {
  actor_fixture f;
  auto answer = f.ask<best_tool_answer>(f.spawn(moody, true), best_tool_query{"throw"});
  REQUIRE(!answer);
  CHECK(answer.error().code == errc::internal);
  CHECK(answer.error().text.find("secret") == std::string::npos);
}

TEST_CASE("a time-out is timed_out and says who was asked") {
  auto f = as_failure(caf::sec::request_timeout, "the journal");
  CHECK(f.code == errc::timed_out);
  CHECK(f.text.find("the journal did not answer") == 0);
}

TEST_CASE("a failure of a newer node with an unknown code is internal, with its text") {
  auto f = as_failure(caf::error{200, failure_category,
                                 caf::make_message(std::string("odd"), std::string("{broken"))},
                      "the node");
  CHECK(f.code == errc::internal);
  CHECK(f.text == "odd");
  CHECK(f.details.is_null());
}

TEST_CASE("a request that nobody answers stays open until it is answered") {
  actor_fixture f;
  auto answer = f.begin<best_tool_answer>(f.spawn(moody, true), best_tool_query{"silence"});
  f.run();
  CHECK(!answer.answered());
}

}  // namespace
}  // namespace ratchet
