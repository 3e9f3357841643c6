// SPDX-License-Identifier: MIT
//
// Workers that cannot do what they are asked, or answer what is not so: what it costs the node.
#include <limits>

#include "tests/actors/desk_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;
using namespace std::chrono_literals;

namespace {

struct sick_laboratory : desk_laboratory {
  const failure full_disk = fail(errc::workspace_failed, "the disk is nearly full");

  void fails(logged_worker& worker, const failure& why) {
    worker.log->refusal = why;
    tell(worker.handle, drain_worker{});
  }
  worker_row row(const logged_worker& worker) {
    auto listed = ask<worker_list>(runner, list_workers{});
    REQUIRE(listed);
    for (const auto& w : listed->workers)
      if (w.worker_id == worker.id) return w;
    FAIL("the worker is not listed");
    return {};
  }
  /// Time goes on, and the workers say that they are at these leases.
  void beats(std::chrono::seconds time, const std::vector<const logged_worker*>& workers) {
    for (auto t = 0s; t < time; t += 2s) {
      advance(2s);
      for (const auto* worker : workers) {
        std::vector<lease_news> at_work;
        for (const auto& run : worker->log->runs) at_work.push_back({run.lease, ""});
        auto heard = ask<heartbeat_heard>(runner, worker_heartbeat{worker->id, at_work});
        REQUIRE(heard);
      }
    }
  }
  run_result crashed(const std::string& error) {
    run_result r;
    r.error = error;
    return r;
  }
  run_experiment compared_job(int iteration = 1) {
    auto m = job(iteration);
    m.best_metric = 10;
    return m;
  }
};

}  // namespace

TEST_CASE_FIXTURE(sick_laboratory, "a run that a worker could not make goes elsewhere, not back") {
  auto sick = join("sick", 2);
  auto waiting = begin<run_result>(runner, job());
  run();
  REQUIRE(sick.log->runs.size() == 1);
  auto healthy = join("healthy");
  fails(sick, full_disk);
  CHECK(sick.log->runs.size() == 1);
  REQUIRE(healthy.log->runs.size() == 1);
  tell(healthy.handle, measured_there(3));
  REQUIRE(waiting.get());
  CHECK(waiting.get()->worker == "healthy");
  CHECK(row(sick).failures == 1);
  CHECK(row(sick).last_failure.find("the disk is nearly full") != std::string::npos);
}

TEST_CASE_FIXTURE(
    sick_laboratory,
    "a worker that fails three times in a row rests, longer each time, and comes back") {
  auto sick = join("sick");
  auto healthy = join("healthy");
  std::vector<pending<run_result>> waiting;
  int told = 0;
  auto ask_for_runs = [&](int count) {
    for (int i = 0; i < count; ++i) waiting.push_back(begin<run_result>(runner, job(++told)));
    run();
  };
  ask_for_runs(6);
  for (int i = 0; i < 3; ++i) fails(sick, full_disk);
  CHECK(sick.log->runs.size() == 3);
  CHECK(row(sick).rests_s > 4);
  while (!healthy.log->promises.empty()) tell(healthy.handle, measured_there(1));
  for (const auto& run : waiting) CHECK(run.get());  // every one of them, on the healthy one
  // It is tried again after five seconds, and rests ten after one more failure.
  beats(6s, {&sick, &healthy});
  CHECK(row(sick).rests_s == 0);
  ask_for_runs(2);
  CHECK(sick.log->runs.size() == 4);
  fails(sick, full_disk);
  CHECK(row(sick).rests_s > 9);
  while (!healthy.log->promises.empty()) tell(healthy.handle, measured_there(1));
  // A run that it makes ends it.
  beats(12s, {&sick, &healthy});
  ask_for_runs(2);
  REQUIRE(sick.log->promises.size() == 1);
  tell(sick.handle, measured_there(1));
  CHECK(row(sick).failures == 0);
  CHECK(row(sick).rests_s == 0);
}

TEST_CASE_FIXTURE(sick_laboratory,
                  "a program that is missing on one worker is not the candidate's failure") {
  auto sick = join("sick");
  auto waiting = begin<run_result>(runner, compared_job());
  run();
  auto healthy = join("healthy");
  tell(sick.handle, crashed("exit code 127 (command not found)\nsh: experiment: not found"));
  CHECK_FALSE(waiting.answered());
  REQUIRE(healthy.log->runs.size() == 1);
  tell(healthy.handle, measured_there(11));
  REQUIRE(waiting.get());
  CHECK(waiting.get()->metric_value == 11.0);
  CHECK(row(sick).failures == 1);
  // One that has measured something of the session is believed at once, and so is the last one.
  auto second = begin<run_result>(runner, compared_job(2));
  run();
  auto& first_choice = healthy.log->promises.empty() ? sick : healthy;
  auto& other = healthy.log->promises.empty() ? healthy : sick;
  tell(first_choice.handle, crashed("exit code 127 (command not found)"));
  if (!second.answered()) tell(other.handle, crashed("exit code 127 (command not found)"));
  REQUIRE(second.get());
  CHECK(second.get()->error == "exit code 127 (command not found)");
}

TEST_CASE_FIXTURE(sick_laboratory,
                  "where even the best code does not run, the candidate is tried elsewhere") {
  auto sick = join("sick");
  auto waiting = begin<run_result>(runner, compared_job());
  run();
  auto healthy = join("healthy");
  auto r = crashed("the best code so far, run again beside the candidate, failed twice: no disk");
  r.samples = {{std::nullopt, 0.1, true, "no disk"}};
  tell(sick.handle, r);
  CHECK_FALSE(waiting.answered());
  CHECK(healthy.log->runs.size() == 1);
}

TEST_CASE_FIXTURE(sick_laboratory, "what two workers cannot build is the candidate's failure") {
  auto first = join("first");
  auto second = join("second");
  auto waiting = begin<run_result>(runner, compared_job());
  run();
  auto broken = crashed("a.c:1: error: no");
  broken.failed_at = "build";
  const bool at_first = !first.log->promises.empty();
  tell((at_first ? first : second).handle, broken);
  CHECK_FALSE(waiting.answered());
  tell((at_first ? second : first).handle, broken);
  REQUIRE(waiting.get());
  CHECK(waiting.get()->failed_at == "build");
  CHECK(row(first).failures == 0);
  CHECK(row(second).failures == 0);
}

TEST_CASE_FIXTURE(sick_laboratory,
                  "a lone worker's failures are believed, there is nobody to ask") {
  auto worker = join("lone");
  auto waiting = begin<run_result>(runner, compared_job());
  run();
  tell(worker.handle, crashed("exit code 127 (command not found)"));
  REQUIRE(waiting.get());
  CHECK(waiting.get()->error == "exit code 127 (command not found)");
}

TEST_CASE_FIXTURE(sick_laboratory,
                  "a worker's word makes no candidate better, nor a NaN a metric") {
  auto worker = join("liar");
  auto waiting = begin<run_result>(runner, compared_job());
  run();
  auto lie = measured_there(9);
  lie.improved = true;
  tell(worker.handle, lie);
  REQUIRE(waiting.get());
  CHECK_FALSE(waiting.get()->improved);
  auto second = begin<run_result>(runner, compared_job(2));
  run();
  lie.metric_value = std::numeric_limits<double>::quiet_NaN();
  tell(worker.handle, lie);
  REQUIRE(second.get());
  CHECK_FALSE(second.get()->improved);
  CHECK_FALSE(second.get()->metric_value);
}

TEST_CASE_FIXTURE(sick_laboratory,
                  "a worker that beats and never answers loses the run when its time is over") {
  auto hung = join("hung");
  auto m = compared_job();
  session_settings s;
  s.time_budget_s = 3;
  s.repeats.pairs = 1;
  m.settings = s;
  // What the first run of a session there may take: the base has to be fetched.
  auto waiting = begin<run_result>(runner, m);
  run();
  beats(600s, {&hung});
  CHECK(hung.log->runs.size() == 1);
  auto healthy = join("healthy");
  beats(150s, {&hung, &healthy});
  REQUIRE(healthy.log->runs.size() == 1);
  CHECK(hung.log->stopped == std::vector<std::int64_t>{hung.log->runs[0].lease});
  tell(healthy.handle, measured_there(11));
  REQUIRE(waiting.get());
  CHECK(waiting.get()->worker == "healthy");
  CHECK(row(hung).last_failure.find("not answered") != std::string::npos);
  // Later ones may take their runs and the time of a work tree, no more.
  auto second = begin<run_result>(runner, m);
  run();
  REQUIRE(healthy.log->runs.size() == 2);
  auto third = join("third");
  beats(100s, {&hung, &healthy, &third});
  CHECK(healthy.log->stopped.empty());
  beats(50s, {&hung, &healthy, &third});
  CHECK(healthy.log->stopped.size() == 1);
  CHECK(third.log->runs.size() + hung.log->runs.size() == 2);
}

TEST_CASE_FIXTURE(sick_laboratory,
                  "the code that a session begins with is not failed by one worker") {
  auto liar = join("liar", 2);
  auto honest = join("honest");
  auto answer = begin<run_result>(runner, job(0));
  run();
  REQUIRE(liar.log->runs.size() == 1);  // it has more slots free
  run_result told;
  told.metric_value = std::numeric_limits<double>::quiet_NaN();
  tell(liar.handle, told);
  CHECK_FALSE(answer.answered());
  REQUIRE(honest.log->runs.size() == 1);
  tell(honest.handle, measured_there(5));
  REQUIRE(answer.answered());
  CHECK(answer.get()->metric_value == 5.0);
  // What two say is so.
  auto again = begin<run_result>(runner, [this] {
    auto m = job(0);
    m.session_id = "ba9876543210";
    return m;
  }());
  run();
  for (int i = 0; i < 2; ++i) {
    if (liar.log->promises.size() > 0) tell(liar.handle, told);
    if (honest.log->promises.size() > 0) tell(honest.handle, told);
  }
  REQUIRE(again.answered());
  REQUIRE(again.get()->error);
  CHECK(again.get()->error->find("no finite number") != std::string::npos);
}
