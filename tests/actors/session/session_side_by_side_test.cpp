// SPDX-License-Identifier: MIT
//
// Candidates whose runs end when the test says so, in the order that it says.
#include <doctest/doctest.h>

#include <caf/typed_event_based_actor.hpp>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/support/session_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

/// What the runner was asked, and whom it owes an answer.
struct open_runs {
  std::map<int, run_experiment> asked;
  std::map<int, caf::typed_response_promise<run_result>> owed;
  std::map<int, expected<run_result>> ends;  ///< given with the next message to the runner
  bool stopped = false;
  double noise = 0;  ///< of one run, as the baseline tells it

  std::set<int> at_work() const {
    std::set<int> all;
    for (const auto& [iteration, promise] : owed) all.insert(iteration);
    return all;
  }
};

run_result value_of(double value, bool improved = false) {
  run_result r;
  r.metric_value = value;
  r.improved = improved;
  return r;
}

/// The baseline is 1; everything else waits for the test.
experiment_runner_actor::behavior_type paced_runner(experiment_runner_actor::pointer self,
                                                    std::shared_ptr<open_runs> runs) {
  return {
      [self, runs](const run_experiment& m) -> caf::result<run_result> {
        if (m.iteration == 0) {
          auto baseline = value_of(1);
          baseline.noise.spread = runs->noise;
          return baseline;
        }
        runs->asked[m.iteration] = m;
        return runs->owed[m.iteration] = self->make_response_promise<run_result>();
      },
      [](const compare_commits&) { return comparison{}; },
      [](const run_setup&) { return done{}; },
      [runs](const stop_job&) {
        runs->stopped = true;
        for (auto& [iteration, promise] : std::exchange(runs->owed, {}))
          promise.deliver(as_error(fail(errc::cancelled, "the run was cancelled")));
      },
      [](const release_session&) {},
      [](const join_runner&,
         const remote_worker_actor&) -> caf::result<worker_joined, object_source_actor> {
        return as_error(fail(errc::internal, "nobody joins here"));
      },
      [](const worker_heartbeat&) { return heartbeat_heard{}; },
      [](const drain_worker&) {},
      [runs](const list_workers&) {  // a promise is kept by its actor alone
        for (auto& [iteration, result] : std::exchange(runs->ends, {})) {
          auto promise = runs->owed.extract(iteration).mapped();
          if (result)
            promise.deliver(*result);
          else
            promise.deliver(as_error(result.error()));
        }
        return worker_list{};
      },
  };
}

using held_rebases = std::vector<std::pair<caf::typed_response_promise<tree_rebased>, rebase_tree>>;

/// `real`, but for rebases once the test holds them; they go on with find_unfinished.
workspace_keeper_actor::behavior_type holding_keeper(workspace_keeper_actor::pointer self,
                                                     workspace_keeper_actor real, const bool* holds,
                                                     std::shared_ptr<held_rebases> held) {
  return {
      [=](inspect_repository& m) { return self->delegate(real, std::move(m)); },
      [=](open_workspace& m) { return self->delegate(real, std::move(m)); },
      [=](restore_workspace& m) { return self->delegate(real, std::move(m)); },
      [=](read_targets& m) { return self->delegate(real, std::move(m)); },
      [=](read_code& m) { return self->delegate(real, std::move(m)); },
      [=](draft_tree& m) { return self->delegate(real, std::move(m)); },
      [=](rebase_tree& m) -> caf::result<tree_rebased> {
        if (!*holds) return self->delegate(real, std::move(m));
        auto promise = self->make_response_promise<tree_rebased>();
        held->emplace_back(promise, m);
        return promise;
      },
      [=](commit_candidate& m) { return self->delegate(real, std::move(m)); },
      [=](publish_commit& m) { return self->delegate(real, std::move(m)); },
      [=](remove_workspace& m) { return self->delegate(real, std::move(m)); },
      [=](const find_unfinished&) {
        for (auto& [promise, m] : std::exchange(*held, {})) promise.delegate(real, m);
        return unfinished_workspaces{};
      },
  };
}

struct paced_laboratory : session_laboratory {
  bool holds_rebases = false;
  std::shared_ptr<held_rebases> held = std::make_shared<held_rebases>();
  std::shared_ptr<open_runs> runs = std::make_shared<open_runs>();

  paced_laboratory() {
    editor = std::make_shared<fake_editor>();
    editor->on_propose = [](const edit_context& c, std::stop_token) {
      proposal p;
      p.hypothesis = "idea " + std::to_string(c.iteration);
      p.changes = {{"train.py", "rate = " + std::to_string(100 + c.iteration) + "\n", {}}};
      return expected<proposal>(p);
    };
    take_up();
  }
  /// New roles on the same store, as after a restart.
  void take_up() {
    start();
    roles.runner = spawn(paced_runner, runs);
    const workspace_keeper_actor real = roles.keeper;
    roles.keeper = spawn(holding_keeper, real, &holds_rebases, held);
    registry = spawn(session_registry, roles);
  }
  std::string open_with(int places) {
    auto s = settings();
    s.edit_backend.name = "mutate";
    s.hive_parallel = true;
    s.num_variants = places;
    s.max_iterations = 20;
    return open(s);
  }
  expected<edit_answer> propose(const std::string& id) {
    return ask<edit_answer>(registry, edit_candidate{id, {}});
  }
  pending<run_answer> begin_run(const std::string& id, bool all = false) {
    auto running = begin<run_answer>(registry, run_candidate{id, 0, all});
    run();
    return running;
  }
  void end(int iteration, expected<run_result> result) {
    REQUIRE(runs->owed.contains(iteration));
    runs->ends.emplace(iteration, std::move(result));
    REQUIRE(ask<worker_list>(roles.runner, list_workers{}));
  }
  /// Two are at work, and the first is kept.
  void keep_the_first(const std::string& id) {
    REQUIRE(propose(id));
    auto running = begin_run(id);
    end(1, value_of(5, true));
    REQUIRE(running.answered());
    REQUIRE(decide(id)->decision == "kept");
  }
  void let_rebases_go() { REQUIRE(ask<unfinished_workspaces>(roles.keeper, find_unfinished{})); }
  iteration_record row(const std::string& id, int iteration) {
    return sessions->iteration(id, iteration)->value();
  }
};

}  // namespace

TEST_CASE_FIXTURE(paced_laboratory,
                  "a place that is free gets its next candidate, whoever is slow") {
  auto id = open_with(3);
  REQUIRE(propose(id)->variants.size() == 3);
  auto running = begin_run(id);
  CHECK(runs->at_work() == std::set{1, 2, 3});
  CHECK(!running.answered());
  end(2, value_of(0.5));
  REQUIRE(running.get());
  CHECK(running.get()->iteration == 2);
  CHECK(running.get()->variants.size() == 1);
  CHECK(status(id)->side_by_side == 2);
  CHECK(decide(id)->should_continue);
  auto edited = propose(id);
  REQUIRE(edited);
  CHECK(edited->iteration == 4);
  CHECK(edited->variants.size() == 1);
  running = begin_run(id);
  CHECK(runs->at_work() == std::set{1, 3, 4});
  CHECK(runs->asked.at(1).beside);
  end(4, value_of(0.5));
  CHECK(running.get()->iteration == 4);
}

TEST_CASE_FIXTURE(paced_laboratory, "what ends between two steps is taken by the next run") {
  auto id = open_with(3);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(1, value_of(0.5));
  CHECK(running.answered());
  end(3, value_of(0.25));
  REQUIRE(decide(id));
  REQUIRE(propose(id));
  running = begin_run(id);
  REQUIRE(running.answered());
  CHECK(running.get()->iteration == 3);
}

TEST_CASE_FIXTURE(paced_laboratory, "asked to wait for all, a run ends with the last one") {
  auto id = open_with(3);
  REQUIRE(propose(id));
  auto running = begin_run(id, true);
  end(2, value_of(0.5));
  end(1, value_of(0.75));
  CHECK(!running.answered());
  end(3, value_of(0.25));
  REQUIRE(running.answered());
  CHECK(running.get()->iteration == 1);
  CHECK(running.get()->variants.size() == 3);
}

TEST_CASE_FIXTURE(paced_laboratory, "while runs go on between the steps no other process gets in") {
  auto id = open_with(2);
  REQUIRE(propose(id));
  CHECK(!leases->held(id));
  auto running = begin_run(id);
  end(2, value_of(0.5));
  CHECK(running.answered());
  CHECK(leases->held(id));
  REQUIRE(decide(id));
  CHECK(leases->held(id));
  end(1, value_of(0.5));  // nobody is at work any more, nor waits
  CHECK(!leases->held(id));
  REQUIRE(propose(id));
  CHECK(begin_run(id).get()->iteration == 1);
}

TEST_CASE_FIXTURE(paced_laboratory,
                  "a candidate that was better goes upon what was kept meanwhile") {
  workspaces->repository["other.py"] = "size = 1\n";
  editor->on_propose = [](const edit_context& c, std::stop_token) {
    proposal p;
    const bool odd = c.iteration % 2 == 1;
    p.changes = {{odd ? "train.py" : "other.py", "x = " + std::to_string(c.iteration) + "\n", {}}};
    return expected<proposal>(p);
  };
  auto s = settings();
  s.target_files = {"train.py", "other.py"};
  s.edit_backend.name = "mutate";
  s.hive_parallel = true;
  s.num_variants = 2;
  auto id = open(s);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(1, value_of(5, true));
  CHECK(running.get()->improved);
  auto kept = decide(id);
  REQUIRE(kept);
  CHECK(kept->decision == "kept");
  end(2, value_of(4, true));  // than 1, the best when it began
  REQUIRE(propose(id));
  running = begin_run(id);
  // Both changes together, against the best of now.
  CHECK(runs->at_work() == std::set{2, 3});
  const auto& again = runs->asked.at(2);
  CHECK(workspaces->objects[again.tree] ==
        fake_workspaces::files{{"train.py", "x = 1\n"}, {"other.py", "x = 2\n"}});
  CHECK(again.incumbent == kept->commit);
  CHECK(again.best_metric == 5.0);
  end(2, value_of(8, true));
  REQUIRE(running.answered());
  CHECK(running.get()->metric_value == 8.0);
  CHECK(decide(id)->decision == "kept");
  CHECK(row(id, 2).candidate.parent == kept->commit);
  CHECK(workspaces->objects[workspaces->trees[id].head].at("train.py") == "x = 1\n");
  CHECK(workspaces->objects[workspaces->trees[id].head].at("other.py") == "x = 2\n");
}

TEST_CASE_FIXTURE(paced_laboratory, "the same lines as what was kept meanwhile are not mixed") {
  auto id = open_with(2);
  keep_the_first(id);
  end(2, value_of(4, true));
  REQUIRE(propose(id));
  auto running = begin_run(id);
  REQUIRE(running.answered());
  CHECK(running.get()->iteration == 2);
  CHECK(!running.get()->improved);
  CHECK(decide(id)->decision == "reverted");
  CHECK(row(id, 2).reason ==
        "it was better than the best of its time, but it changes the same lines of train.py as "
        "what was kept meanwhile");
}

TEST_CASE_FIXTURE(paced_laboratory, "of the same lines the better one's count, once measured so") {
  auto id = open_with(2);
  keep_the_first(id);
  end(2, value_of(9, true));
  REQUIRE(propose(id));
  auto running = begin_run(id);
  CHECK(runs->at_work() == std::set{2, 3});
  CHECK(runs->asked.at(2).best_metric == 5.0);
  end(2, value_of(9, true));
  CHECK(running.get()->iteration == 2);
  CHECK(decide(id)->decision == "kept");
  CHECK(status(id)->best_metric == 9.0);
}

TEST_CASE_FIXTURE(paced_laboratory, "of two that are better the second waits for its turn") {
  auto id = open_with(2);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(2, value_of(5, true));
  CHECK(running.get()->iteration == 2);
  end(1, value_of(4, true));
  workspaces->fail_on("commit", fail(errc::workspace_failed, "a disk"));
  CHECK(decide(id)->decision == "commit_failed");
  REQUIRE(propose(id));
  running = begin_run(id);
  REQUIRE(running.answered());  // the best is what it was, so it needs no other look
  CHECK(running.get()->iteration == 1);
  CHECK(decide(id)->decision == "kept");
}

TEST_CASE_FIXTURE(paced_laboratory, "a cancel stops those at work, and they are made again later") {
  auto id = open_with(2);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  tell(registry, cancel_step{id});
  REQUIRE(running.answered());
  CHECK(running.get().error().code == errc::cancelled);
  CHECK(!leases->held(id));
  CHECK(status(id)->step == session_step::run);
  running = begin_run(id);
  CHECK(runs->at_work() == std::set{1, 2});
  end(1, value_of(0.5));
  CHECK(running.get());
  CHECK(status(id)->spark_consumed == 8);
}

TEST_CASE_FIXTURE(paced_laboratory, "a run that was lost keeps nobody from going on") {
  auto id = open_with(2);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(1, fail(errc::worker_lost, "its worker is gone"));
  CHECK(!running.answered());
  end(2, value_of(0.5));
  CHECK(running.get()->iteration == 2);
  REQUIRE(decide(id));
  REQUIRE(propose(id));
  running = begin_run(id);
  CHECK(runs->at_work() == std::set{3});
  end(3, fail(errc::worker_lost, "its worker is gone"));
  REQUIRE(running.answered());
  CHECK(running.get().error().code == errc::worker_lost);
  running = begin_run(id);  // nothing else is to wait for
  CHECK(runs->at_work() == std::set{1, 3});
}

TEST_CASE_FIXTURE(paced_laboratory,
                  "another process makes the runs again that this one had begun") {
  auto id = open_with(3);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(2, value_of(0.5));
  REQUIRE(running.get());
  leases->returned_elsewhere(id);  // as the system does with a process that was killed
  runs->owed.clear();
  take_up();
  REQUIRE(decide(id));
  REQUIRE(propose(id));
  running = begin_run(id);
  CHECK(runs->at_work() == std::set{1, 3, 4});
  CHECK(status(id)->spark_consumed == 16);
}

TEST_CASE_FIXTURE(paced_laboratory, "the end of a session stops what is still at work") {
  auto id = open_with(3);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(2, value_of(0.5));
  auto ended = ask<finalize_answer>(registry, finalize_session{id, false});
  REQUIRE(ended);
  CHECK(runs->stopped);
  CHECK(ended->reverted == "iterations 1, 3, 2 were undecided");
  CHECK(!leases->held(id));
  for (int i : {1, 2, 3}) CHECK(row(id, i).decision == "reverted");
}

TEST_CASE_FIXTURE(paced_laboratory, "the end of a session begins no further look at a candidate") {
  auto id = open_with(3);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(1, value_of(5, true));
  REQUIRE(decide(id)->decision == "kept");
  end(2, value_of(9, true));
  end(3, value_of(0.5));
  REQUIRE(propose(id));
  holds_rebases = true;
  CHECK(begin_run(id).get()->iteration == 3);  // while 2 is being put upon the best of now
  auto ended = begin<finalize_answer>(registry, finalize_session{id, false});
  run();
  CHECK(!ended.answered());
  let_rebases_go();
  CHECK(runs->at_work().empty());
  REQUIRE(ended.answered());
  CHECK(ended.get()->reverted == "iterations 2, 4, 3 were undecided");
}

TEST_CASE_FIXTURE(paced_laboratory, "a candidate that is at work already is not proposed again") {
  auto id = open_with(2);
  editor->on_propose = [](const edit_context& c, std::stop_token) {
    proposal p;
    p.changes = {{"train.py", c.iteration == 2 ? "rate = 2\n" : "rate = 3\n", {}}};
    return expected<proposal>(p);
  };
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(2, value_of(0.5));
  REQUIRE(decide(id));
  auto edited = propose(id);  // as iteration 1
  REQUIRE(edited);
  REQUIRE(edited->variants.size() == 1);
  CHECK(!edited->variants[0].success);
  CHECK(edited->variants[0].reason.find("iteration 1") != std::string::npos);
}

TEST_CASE_FIXTURE(paced_laboratory,
                  "an edit that is given runs beside the others, in its own tree") {
  auto id = open_with(2);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  end(1, value_of(0.5));
  REQUIRE(decide(id));
  auto given = edit(id, "rate = 7\n");
  REQUIRE(given);
  CHECK(given->iteration == 3);
  running = begin_run(id);
  CHECK(runs->at_work() == std::set{2, 3});
  CHECK(!runs->asked.at(3).beside);
  end(3, value_of(7, true));
  CHECK(running.get()->iteration == 3);
  CHECK(decide(id)->decision == "kept");
  CHECK(status(id)->side_by_side == 1);
}

TEST_CASE_FIXTURE(paced_laboratory, "of a noisy metric the best of the last few gets its pairs") {
  runs->noise = 0.5;
  auto s = settings();
  s.edit_backend.name = "mutate";
  s.hive_parallel = true;
  s.num_variants = 3;
  s.repeats = 3;
  auto id = open(s);
  REQUIRE(propose(id));
  auto running = begin_run(id);
  CHECK(runs->asked.at(1).single_run);
  end(1, value_of(1.25, true));
  CHECK(runs->at_work() == std::set{1, 2, 3});  // 1 once more, at length
  CHECK(!runs->asked.at(1).single_run);
  end(2, value_of(1.125, true));
  REQUIRE(running.answered());
  CHECK(running.get()->iteration == 2);
  CHECK(running.get()->reason ==
        "better than the best by 0.125 (1.125 against 1) in one run, within the spread of one, "
        "0.5, and less so than another of the last 3");
  CHECK(decide(id)->decision == "reverted");
  end(1, value_of(1.5, true));
  REQUIRE(propose(id));
  CHECK(begin_run(id).get()->iteration == 1);
  CHECK(decide(id)->decision == "kept");
}

TEST_CASE_FIXTURE(paced_laboratory, "the same answers in the same order give the same search") {
  const auto searched = [&] {
    auto id = open_with(3);
    std::string told;
    for (int turn = 0; turn < 8; ++turn) {
      if (!propose(id)) break;
      auto running = begin_run(id);
      while (!running.answered()) {
        const int next = *runs->at_work().rbegin();
        end(next, value_of(next % 5, next % 5 > status(id)->best_metric.value_or(0)));
      }
      auto decided = decide(id);
      told += std::to_string(decided->iteration) + decided->decision + " ";
    }
    ask<finalize_answer>(registry, finalize_session{id, false});
    return told;
  };
  const auto once = searched();
  CHECK(once.find("kept") != std::string::npos);
  CHECK(searched() == once);
}
