// SPDX-License-Identifier: MIT
#include "actors/logic/run_board.hpp"

#include <doctest/doctest.h>

#include <random>

#include "actors/logic/requirements.hpp"

using namespace ratchet;

namespace {

machine_facts board_machine(const std::string& name, int cpus = 2,
                            std::map<std::string, std::string> labels = {}) {
  machine_facts m;
  m.name = name;
  m.arch = "x86_64";
  m.cpu = "test";
  m.cpus = cpus;
  m.labels = std::move(labels);
  return m;
}

const std::string home_of_board = machine_class(board_machine("node"));

board_job run_job(std::int64_t id, const std::string& session = "s") {
  board_job j;
  j.id = id;
  j.session_id = session;
  j.home_class = home_of_board;
  j.incumbent = "head";
  j.compares = true;
  return j;
}

std::vector<std::int64_t> started_runs(run_board& board) {
  std::vector<std::int64_t> ids;
  while (auto s = board.next()) ids.push_back(s->job.id);
  return ids;
}

}  // namespace

TEST_CASE("runs start in order of arrival, as many as there are slots") {
  run_board board(board_machine("node"), 2);
  for (int i = 1; i <= 3; ++i) board.add(run_job(i));
  CHECK(started_runs(board) == std::vector<std::int64_t>{1, 2});
  board.end(1, {});
  CHECK(started_runs(board) == std::vector<std::int64_t>{3});
}

TEST_CASE("runs of one session on this node have work trees of their own") {
  run_board board(board_machine("node"), 3);
  board.add(run_job(1));
  board.add(run_job(2));
  board.add(run_job(3, "other"));
  CHECK(board.next()->lane == 0);
  CHECK(board.next()->lane == 1);
  CHECK(board.next()->lane == 0);
  board.end(1, {});
  board.add(run_job(4));
  CHECK(board.next()->lane == 0);  // free again
}

TEST_CASE("a run beside others leaves the session's own work tree alone") {
  run_board board(board_machine("node"), 3);
  auto beside = run_job(1);
  beside.beside = true;
  board.add(beside);
  beside.id = 2;
  board.add(beside);
  board.add(run_job(3));
  CHECK(board.next()->lane == 1);
  CHECK(board.next()->lane == 2);
  CHECK(board.next()->lane == 0);
}

TEST_CASE("a run that no machine here may take waits, and lets others pass") {
  run_board board(board_machine("node"), 1);
  auto picky = run_job(1);
  picky.requirements = {"gpu"};
  CHECK(!board.can_ever_run(picky));
  board.add(picky);
  board.add(run_job(2));
  CHECK(started_runs(board) == std::vector<std::int64_t>{2});
  board.join(7, board_machine("lab", 2, {{"gpu", ""}}), 1);
  CHECK(board.can_ever_run(picky));
  auto started = board.next();
  REQUIRE(started);
  CHECK(started->worker_id == 7);
}

TEST_CASE("what has to run on this node does, however many workers there are") {
  run_board board(board_machine("node"), 1);
  board.join(1, board_machine("a"), 8);
  auto local = run_job(1);
  local.local_only = true;
  board.add(local);
  auto second = run_job(2);
  second.local_only = true;
  board.add(second);
  CHECK(board.next()->worker_id == 0);
  CHECK(!board.next());
}

TEST_CASE("a draining worker takes nothing more and keeps what it has") {
  run_board board(board_machine("node"), 0);
  board.join(1, board_machine("a"), 2);
  board.add(run_job(1));
  REQUIRE(board.next());
  board.drain(1);
  board.add(run_job(2));
  CHECK(!board.next());
  CHECK(!board.can_ever_run(run_job(3)));
  board.end(1, {});
  CHECK(board.workers().at(1).busy == 0);
}

TEST_CASE("on another class one run measures the incumbent and the others wait for it") {
  run_board board(board_machine("node"), 0);
  board.join(1, board_machine("big", 64), 4);
  for (int i = 1; i <= 3; ++i) board.add(run_job(i));
  CHECK(started_runs(board) == std::vector<std::int64_t>{1});
  board.end(1, 17.5);
  CHECK(started_runs(board) == std::vector<std::int64_t>{2, 3});
  CHECK(board.incumbent_on(run_job(4), 1) == 17.5);
  // Another best code is another incumbent.
  board.end(2, {});
  board.end(3, {});
  auto next = run_job(4);
  next.incumbent = "newer";
  board.add(next);
  next.id = 5;
  board.add(next);
  CHECK(started_runs(board) == std::vector<std::int64_t>{4});
}

TEST_CASE("when the run that measures the incumbent is lost, another one does it") {
  run_board board(board_machine("node"), 0);
  board.join(1, board_machine("big", 64), 2);
  board.join(2, board_machine("big too", 64), 2);
  board.add(run_job(1));
  board.add(run_job(2));
  auto first = board.next();
  REQUIRE(first);
  CHECK(!board.next());
  auto lost = board.leave(first->worker_id);
  REQUIRE(lost.size() == 1);
  board.add_again(lost[0]);
  CHECK(started_runs(board) == std::vector<std::int64_t>{1});
}

TEST_CASE("the session's own class of machine is preferred, and asked for where it has to be") {
  run_board board(board_machine("node"), 1);
  board.join(1, board_machine("big", 64), 8);
  board.add(run_job(1));
  CHECK(board.next()->worker_id == 0);
  auto again = run_job(2);
  again.home_only = true;
  board.add(again);
  CHECK(!board.next());  // there is such a machine: it is waited for
  board.end(1, {});
  CHECK(board.next()->worker_id == 0);
  run_board elsewhere(board_machine("node"), 0);
  elsewhere.join(1, board_machine("big", 64), 1);
  elsewhere.add(again);
  CHECK(elsewhere.next()->worker_id == 1);  // there is none: better than never
}

TEST_CASE("a session's waiting runs can be taken out of the queue") {
  run_board board(board_machine("node"), 1);
  board.add(run_job(1));
  board.add(run_job(2));
  board.add(run_job(3, "other"));
  REQUIRE(board.next());
  CHECK(board.take_waiting("s").size() == 1);
  board.end(1, {});
  CHECK(started_runs(board) == std::vector<std::int64_t>{3});
}

TEST_CASE("whatever joins, leaves and ends, no run is lost or at work twice") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    run_board board(board_machine("node"), pick(3));
    std::map<std::int64_t, std::int64_t> at_work;  // job → worker
    std::set<std::int64_t> open;
    std::int64_t last_job = 0, last_worker = 0;
    std::set<std::int64_t> workers;
    auto serve = [&] {
      while (auto s = board.next()) {
        CHECK(open.count(s->job.id) == 1);
        CHECK(at_work.emplace(s->job.id, s->worker_id).second);
      }
    };
    for (int step = 0; step < 120; ++step) {
      switch (pick(5)) {
        case 0:
          open.insert(++last_job);
          board.add(run_job(last_job, pick(2) ? "s" : "t"));
          break;
        case 1:
          workers.insert(++last_worker);
          board.join(last_worker, board_machine("w", pick(2) ? 2 : 64), 1 + pick(3));
          break;
        case 2:
          if (!workers.empty()) {
            auto gone = *workers.begin();
            workers.erase(gone);
            for (const auto& lost : board.leave(gone)) {
              CHECK(at_work.at(lost.id) == gone);
              at_work.erase(lost.id);
              board.add_again(lost);
            }
          }
          break;
        default:
          if (!at_work.empty()) {
            auto done = at_work.begin()->first;
            at_work.erase(done);
            open.erase(done);
            board.end(done, pick(2) ? std::optional(1.0) : std::nullopt);
          }
      }
      serve();
    }
    board.join(++last_worker, board_machine("enough"), 1000);
    serve();
    for (int i = 0; i < 400 && !open.empty(); ++i) {
      REQUIRE(!at_work.empty());
      auto done = at_work.begin()->first;
      at_work.erase(done);
      open.erase(done);
      board.end(done, 1.0);
      serve();
    }
    CHECK(open.empty());
  }
}
