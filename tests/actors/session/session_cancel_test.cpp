// SPDX-License-Identifier: MIT
//
// A cancel is said once, at any moment of a step, and is not lost: through every role.
#include <doctest/doctest.h>

#include "tests/support/session_laboratory.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

struct cancelled_laboratory : session_laboratory {
  void cancel(const std::string& id) { caf::anon_send(registry, cancel_step{id}); }
  /// The request is on its way when this returns: a cancel after it comes after it.
  template <class Answer, class Request>
  pending<Answer> send(Request request) {
    auto answer = begin<Answer>(registry, std::move(request));
    run(1);
    return answer;
  }
  pending<edit_answer> begin_edit(const std::string& id) {
    given_edit given;
    given.hypothesis = "write";
    given.content = "rate = 5\n";
    return send<edit_answer>(edit_candidate{id, given});
  }
};

template <class Answer>
bool was_cancelled(const expected<Answer>& answer) {
  return !answer && answer.error().code == errc::cancelled;
}

/// Far more turns of actors than a step takes.
constexpr std::size_t long_after = 200;

}  // namespace

TEST_CASE_FIXTURE(cancelled_laboratory, "a cancel while an edit is being opened ends the edit") {
  auto id = open();
  auto edited = begin_edit(id);
  cancel(id);
  run();
  CHECK(was_cancelled(edited.get()));
  CHECK(file() == "rate = 1\n");
  CHECK(status(id)->step == session_step::edit);
}

TEST_CASE_FIXTURE(cancelled_laboratory,
                  "at whatever moment a cancel comes, a run ends or is over") {
  std::size_t ended = 0;
  bool came_late = false;
  for (std::size_t moment = 0; !came_late && moment < long_after; ++moment) {
    auto id = open();
    REQUIRE(edit(id, "rate = 5\n"));
    const int before = process->runs;
    auto ran = send<run_answer>(run_candidate{id});
    run(moment);
    cancel(id);
    run();
    CAPTURE(moment);
    // A job may be ahead of its cancel by the way from the registry to the runner.
    if (ran.get()) {
      came_late = true;
      CHECK(process->runs > before);
      continue;
    }
    CHECK(was_cancelled(ran.get()));
    CHECK(status(id)->step == session_step::run);
    ++ended;
  }
  CHECK(came_late);
  CHECK(ended > 3);  // while it is opened, marked and on its way
}

TEST_CASE_FIXTURE(cancelled_laboratory,
                  "at whatever moment a cancel comes, an edit ends or is over") {
  editor = std::make_shared<fake_editor>();
  auto s = settings();
  s.edit_backend.name = "llm";
  int asked = 0;
  editor->on_propose = [&](const edit_context&, const std::stop_token& stop) -> expected<proposal> {
    if (stop.stop_requested()) return fail(errc::cancelled, "stopped");
    ++asked;
    proposal p;
    p.changes = {{"train.py", "rate = " + std::to_string(asked + 1) + "\n", {}}};
    return p;
  };
  bool came_late = false;
  for (std::size_t moment = 0; !came_late && moment < long_after; ++moment) {
    auto id = open(s);
    const int before = asked;
    auto edited = send<edit_answer>(edit_candidate{id, {}});
    run(moment);
    cancel(id);
    run();
    came_late = asked > before;
    CAPTURE(moment);
    CHECK(was_cancelled(edited.get()) == !came_late);
  }
  CHECK(came_late);
}

TEST_CASE_FIXTURE(cancelled_laboratory, "a setup is cancelled while its repository is looked at") {
  const std::string id = "0123456789ab";
  auto opened = send<session_opened>(setup_session{settings(), id});
  cancel(id);
  run();
  CHECK(was_cancelled(opened.get()));
  CHECK(process->runs == 0);
}

TEST_CASE_FIXTURE(cancelled_laboratory,
                  "a cancel ends the steps that wait for their turn as well") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  auto first = begin<run_answer>(registry, run_candidate{id});
  auto second = begin<run_answer>(registry, run_candidate{id});
  run(2);  // both requests are on their way
  cancel(id);
  run();
  CHECK(was_cancelled(first.get()));
  CHECK(was_cancelled(second.get()));
}

TEST_CASE_FIXTURE(cancelled_laboratory,
                  "a cancel is over with its step, and one of nothing is none") {
  auto id = open();
  cancel(id);
  run();
  REQUIRE(edit(id, "rate = 5\n"));
  auto ran = send<run_answer>(run_candidate{id});
  cancel(id);
  run();
  CHECK(was_cancelled(ran.get()));
  CHECK(run_it(id));
  CHECK(decide(id)->decision == "kept");
}

TEST_CASE_FIXTURE(cancelled_laboratory,
                  "an end that is cancelled leaves out the comparison, no more") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  REQUIRE(run_it(id));
  REQUIRE(decide(id));
  auto ended = send<finalize_answer>(finalize_session{id});
  cancel(id);
  run();
  REQUIRE(ended.get());
  CHECK(contains(ended.get()->comparison.value("error", ""), "cancelled"));
}

TEST_CASE("a stop that comes before its job is taken up is found there, and by no later one") {
  cancellations stops;
  stops.expect("job");
  stops.cancel("job");
  CHECK(cancellable(stops, "job").token().stop_requested());
  stops.expect("job");
  CHECK_FALSE(cancellable(stops, "job").token().stop_requested());
}

TEST_CASE("a stop for what nobody expects is forgotten") {
  cancellations stops;
  stops.cancel("job");
  CHECK_FALSE(cancellable(stops, "job").token().stop_requested());
  stops.expect("other");
  stops.forget("other");
  stops.cancel("other");
  CHECK_FALSE(cancellable(stops, "other").token().stop_requested());
}
