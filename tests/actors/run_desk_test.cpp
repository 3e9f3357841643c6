// SPDX-License-Identifier: MIT
//
// Runs under leases: what becomes of them when workers on other machines answer, stall, vanish or
// answer late.
#include "tests/actors/desk_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;
using namespace std::chrono_literals;

namespace {

/// Joins by itself with one slot, as real ones do, and notes what it hears in order.
remote_worker_actor::behavior_type joining_worker(
    remote_worker_actor::pointer self, const experiment_runner_actor& runner,
    const std::shared_ptr<std::vector<std::string>>& heard) {
  self->request(runner, caf::infinite, join_runner{desk_machine("joins"), 1},
                remote_worker_actor{self})
      .then([heard](const worker_joined&, const object_source_actor& source) {
        heard->push_back(source ? "joined" : "joined without a source");
      });
  return {
      [self, heard](const run_on_worker&) -> caf::result<run_result> {
        heard->push_back("run");
        return self->make_response_promise<run_result>();
      },
      [](const compare_on_worker&) { return comparison{}; },
      [](const stop_lease&) {},
      [](const release_session&) {},
  };
}

}  // namespace

TEST_CASE_FIXTURE(desk_laboratory, "a run goes to the worker that has joined, and says so") {
  auto worker = join("lab-1", 1, {{"gpu", ""}});
  auto waiting = begin<run_result>(runner, job());
  run();
  REQUIRE(worker.log->runs.size() == 1);
  CHECK(worker.log->runs[0].job.tree == "t1");
  CHECK(!waiting.answered());
  tell(worker.handle, measured_there(7));
  REQUIRE(waiting.get());
  CHECK(waiting.get()->metric_value == 7.0);
  CHECK(waiting.get()->worker == "lab-1");
  CHECK(waiting.get()->machine.find("gpu") != std::string::npos);
  CHECK(waiting.get()->environment["labels"] == json{{"gpu", ""}});
  auto list = ask<worker_list>(runner, list_workers{});
  REQUIRE(list);
  REQUIRE(list->workers.size() == 2);
  CHECK(list->workers[1].runs == 1);
  CHECK(list->workers[1].busy == 0);
}

TEST_CASE_FIXTURE(desk_laboratory,
                  "a worker that falls silent costs the time of its lease, and its late answer "
                  "nothing") {
  auto silent = join("silent");
  auto waiting = begin<run_result>(runner, job());
  run();
  auto other = join("other");
  REQUIRE(silent.log->runs.size() == 1);
  for (auto waited = 0s; waited <= world{}.lease_time + 4s; waited += 2s) {
    beat(other, {});
    advance(2s);
  }
  REQUIRE(other.log->runs.size() == 1);
  tell(silent.handle, measured_there(1));
  CHECK(!waiting.answered());
  tell(other.handle, measured_there(2));
  REQUIRE(waiting.get());
  CHECK(waiting.get()->metric_value == 2.0);
  auto heard = ask<heartbeat_heard>(runner, worker_heartbeat{silent.id, {}});
  REQUIRE(heard);
  CHECK(!heard->known);
}

TEST_CASE_FIXTURE(desk_laboratory, "a lease lasts as long as the heartbeats name it") {
  auto worker = join("slow");
  auto waiting = begin<run_result>(runner, job());
  run();
  const auto lease = worker.log->runs.at(0).lease;
  for (int i = 0; i < 30; ++i) {
    advance(2s);
    beat(worker, {{lease, "epoch " + std::to_string(i)}});
  }
  CHECK(!waiting.answered());
  CHECK(w.output->last_line("0123456789ab") == "epoch 29");
  tell(worker.handle, measured_there(3));
  CHECK(waiting.get()->metric_value == 3.0);
  CHECK(w.output->last_line("0123456789ab").empty());
}

TEST_CASE_FIXTURE(desk_laboratory, "a worker that beats but has forgotten a run loses it") {
  auto worker = join("forgetful");
  auto waiting = begin<run_result>(runner, job());
  run();
  for (auto waited = 0s; waited <= world{}.lease_time + 4s; waited += 2s) {
    beat(worker, {});
    advance(2s);
  }
  CHECK(worker.log->stopped.size() >= 1);
  CHECK(worker.log->runs.size() == 2);     // it is the only one there is
  tell(worker.handle, measured_there(0));  // the lost one's, too late
  CHECK(!waiting.answered());
  tell(worker.handle, measured_there(4));
  REQUIRE(waiting.get());
  CHECK(waiting.get()->metric_value == 4.0);
}

TEST_CASE_FIXTURE(desk_laboratory, "the runs of a worker that dies are given to another at once") {
  auto first = join("first", 2);
  auto a = begin<run_result>(runner, job(1));
  auto b = begin<run_result>(runner, job(2));
  run();
  CHECK(first.log->runs.size() == 2);
  auto second = join("second", 2);
  kill(first.handle);
  REQUIRE(second.log->runs.size() == 2);
  for (int i = 0; i < 2; ++i) tell(second.handle, measured_there(5));
  CHECK(a.get()->metric_value == 5.0);
  CHECK(b.get()->metric_value == 5.0);
}

TEST_CASE_FIXTURE(desk_laboratory, "a run that ends every worker it is given to is given up") {
  auto waiting = begin<run_result>(runner, job());
  for (int i = 0; i < max_losses; ++i) {
    auto victim = join("victim");
    REQUIRE(victim.log->runs.size() == 1);
    kill(victim.handle);
  }
  REQUIRE(!waiting.get());
  CHECK(waiting.get().error().code == errc::worker_lost);
  CHECK(waiting.get().error().text.find("3 times") != std::string::npos);
}

TEST_CASE_FIXTURE(desk_laboratory, "a run that nobody waits for any more is ended on its worker") {
  auto worker = join("lab");
  auto waiting = begin<run_result>(runner, job());
  run();
  tell(runner, stop_job{"0123456789ab"});
  REQUIRE(!waiting.get());
  CHECK(waiting.get().error().code == errc::cancelled);
  CHECK(worker.log->stopped == std::vector<std::int64_t>{worker.log->runs[0].lease});
  // Its slot is free once it has answered.
  auto next = begin<run_result>(runner, job(2));
  run();
  CHECK(worker.log->runs.size() == 1);
  worker.log->refusal = fail(errc::cancelled, "the run was cancelled");
  tell(worker.handle, drain_worker{});
  CHECK(worker.log->runs.size() == 2);
}

TEST_CASE_FIXTURE(desk_laboratory, "a heartbeat learns which of its runs are somebody else's") {
  auto worker = join("lab");
  auto heard = ask<heartbeat_heard>(runner, worker_heartbeat{worker.id, {{99, ""}}});
  REQUIRE(heard);
  CHECK(heard->stopped == std::vector<std::int64_t>{99});
}

TEST_CASE_FIXTURE(desk_laboratory, "what a worker's laboratory could not do another one tries") {
  auto full = join("full disk");
  auto waiting = begin<run_result>(runner, job());
  run();
  auto fine = join("fine", 2);
  full.log->refusal = fail(errc::workspace_failed, "no space left");
  tell(full.handle, drain_worker{});
  CHECK(full.log->runs.size() + fine.log->runs.size() == 2);
}

TEST_CASE_FIXTURE(desk_laboratory,
                  "who joins while runs wait hears that it has joined, then of them") {
  auto first = join("lab-1");
  std::vector<pending<run_result>> waiting;
  for (int i = 1; i <= 64; ++i) waiting.push_back(begin<run_result>(runner, job(i)));
  run();
  for (int i = 2; i <= 13; ++i) {
    auto heard = std::make_shared<std::vector<std::string>>();
    spawn(joining_worker, runner, heard);
    CHECK(*heard == std::vector<std::string>{"joined", "run"});
  }
  CHECK(first.log->runs.size() == 1);
}

TEST_CASE_FIXTURE(desk_laboratory,
                  "a baseline waits for the first machine, and says so meanwhile") {
  auto waiting = begin<run_result>(runner, job(0));
  run();
  CHECK_FALSE(waiting.answered());
  CHECK(w.output->last_line("0123456789ab").find("waits for a machine with a free slot") == 0);
  auto worker = join("first");
  REQUIRE(worker.log->runs.size() == 1);
  tell(worker.handle, measured_there(3));
  REQUIRE(waiting.get());
  CHECK(w.output->last_line("0123456789ab").empty());
  // Where there are machines, and none of them will do, it is likelier a slip of the pen.
  auto m = job(0);
  session_settings s;
  s.requirements = {"gpu"};
  m.settings = s;
  const auto refused = ask<run_result>(runner, m);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().details["field"] == "requirements");
}

TEST_CASE_FIXTURE(desk_laboratory, "a worker with no slots, or a thousand too many, is refused") {
  for (int slots : {0, -1, 1025}) {
    auto worker = spawn(logging_worker, std::make_shared<worker_log>());
    auto refused = std::make_shared<std::optional<failure>>();
    auto asker = [=, this](caf::event_based_actor* self, bool) {
      self->request(runner, caf::infinite, join_runner{desk_machine("odd"), slots},
                    caf::actor_cast<remote_worker_actor>(worker))
          .then([](const worker_joined&, const object_source_actor&) {},
                [refused](const caf::error& e) { *refused = as_failure(e, "the runner"); });
    };
    own(system().spawn(asker, true));
    run();
    REQUIRE(*refused);
    CHECK((*refused)->details["field"] == "slots");
  }
}

TEST_CASE_FIXTURE(desk_laboratory,
                  "a baseline that no machine here may run is refused, naming what is missing") {
  join("lab");
  auto m = job(0);
  changed(m.settings)->requirements = {"gpu"};
  auto refused = ask<run_result>(runner, m);
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().text.find("gpu") != std::string::npos);
}

TEST_CASE_FIXTURE(desk_laboratory, "workers hear that a session is over") {
  auto worker = join("lab");
  tell(runner, release_session{"0123456789ab"});
  CHECK(worker.log->released == std::vector<std::string>{"0123456789ab"});
}
