// SPDX-License-Identifier: MIT
//
// A session through its registry, with every role but the ports for real.
#include <doctest/doctest.h>

#include "actors/benchmark_recorder.hpp"
#include "actors/edit_generator.hpp"
#include "actors/event_hub.hpp"
#include "actors/experiment_runner.hpp"
#include "actors/federation_broadcaster.hpp"
#include "actors/gate_chain.hpp"
#include "actors/journal.hpp"
#include "actors/session_registry.hpp"
#include "actors/workspace_keeper.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_store.hpp"
#include "tests/support/fake_workspaces.hpp"
#include "tests/support/fakes.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

gate_worker_actor::behavior_type gates_that_say(gate_worker_actor::pointer,
                                                const judgement& verdict) {
  return {[verdict](const judge_candidate&) { return verdict; }};
}

/// The command "prints" the number in train.py, plus `noise`.
class scripted_process : public process_port {
 public:
  explicit scripted_process(std::shared_ptr<fake_workspaces> workspaces)
      : workspaces_(std::move(workspaces)) {}
  std::optional<failure> broken;
  int runs = 0;
  expected<process_outcome> run(const process_request&, output_sink* sink,
                                std::stop_token stop) override {
    ++runs;
    if (broken) return *broken;
    auto& tree = workspaces_->trees.begin()->second;
    std::string text = tree.now.at("train.py");
    std::string printed = "score: " + text.substr(text.find('=') + 2);
    if (sink) sink->consume(printed);
    process_outcome o;
    o.exit_code = text.find("crash") == std::string::npos ? 0 : 1;
    o.cancelled = stop.stop_requested();
    o.output_tail = printed;
    return o;
  }

 private:
  std::shared_ptr<fake_workspaces> workspaces_;
};

struct laboratory : actor_fixture {
  world w;
  std::shared_ptr<fake_workspaces> workspaces = std::make_shared<fake_workspaces>();
  std::shared_ptr<fake_store> store = std::make_shared<fake_store>();
  std::shared_ptr<fake_leases> leases = std::make_shared<fake_leases>();
  std::shared_ptr<scripted_process> process = std::make_shared<scripted_process>(workspaces);
  session_registry_actor registry;
  run_worker_actor last_run_worker;
  session_roles roles;

  laboratory() {
    w.clock = std::make_shared<fake_clock>();
    w.processes = process;
    w.workspaces = workspaces;
    w.store = store;
    w.leases = leases;
    w.reports = std::make_shared<fake_report>();
    w.check_backend = [](const session_settings&) { return expected<>{}; };
    w.make_editor = [](const edit_backend_choice&) -> expected<std::shared_ptr<editor_port>> {
      return fail(errc::edit_refused, "nothing comes to mind");
    };
    start();
  }

  template <class Worker, class Behaviour>
  std::function<Worker()> plain(Behaviour behaviour) {
    return [this, behaviour] {
      Worker worker = system().spawn(behaviour, w);
      own(worker);
      if constexpr (std::is_same_v<Worker, run_worker_actor>) last_run_worker = worker;
      return worker;
    };
  }

  void start() {
    event_hub_actor hub = spawn(event_hub, w.store);
    roles.clock = w.clock;
    roles.journal = spawn(journal, w.store, w.leases, w.reports, w.clock, hub);
    roles.recorder = spawn(benchmark_recorder, w.store);
    roles.keeper = spawn(workspace_keeper_with, w, std::size_t{1},
                         plain<workspace_worker_actor>(workspace_worker));
    roles.generator =
        spawn(edit_generator_with, w, std::size_t{1}, std::function<edit_worker_actor()>([this] {
                edit_worker_actor worker = system().spawn(edit_worker, w);
                own(worker);
                return worker;
              }));
    roles.runner =
        spawn(experiment_runner_with, w, std::size_t{1}, plain<run_worker_actor>(run_worker));
    roles.gates = spawn(gate_chain_with, std::function<gate_worker_actor()>([this] {
                          gate_worker_actor worker = system().spawn(gates_that_say, judgement{});
                          own(worker);
                          return worker;
                        }));
    roles.broadcaster = spawn(federation_broadcaster, w.store, w.clock);
    registry = spawn(session_registry, roles);
  }

  session_settings settings() {
    session_settings s;
    s.repo_path = "/repo";
    s.target_files = {"train.py"};
    s.run_command.shell = "./run";
    s.edit_backend.name = "host";
    return s;
  }

  std::string open(session_settings s) {
    auto opened = ask<session_opened>(registry, setup_session{std::move(s), ""});
    REQUIRE(opened);
    return opened->session_id;
  }
  std::string open() { return open(settings()); }

  expected<edit_answer> edit(const std::string& id, const std::string& text) {
    given_edit given;
    given.hypothesis = "write " + text;
    given.content = text;
    return ask<edit_answer>(registry, edit_candidate{id, given});
  }
  expected<run_answer> run_it(const std::string& id) {
    return ask<run_answer>(registry, run_candidate{id});
  }
  expected<decide_answer> decide(const std::string& id) {
    return ask<decide_answer>(registry, decide_candidate{id});
  }
  expected<progress> status(const std::string& id) {
    return ask<progress>(registry, get_status{id, 0});
  }
  const std::string& file() { return workspaces->trees.begin()->second.now.at("train.py"); }
};

}  // namespace

TEST_CASE_FIXTURE(laboratory, "a better candidate is kept, a worse one reverted") {
  auto id = open();
  CHECK(id.size() == 12);
  REQUIRE(edit(id, "rate = 5\n"));
  auto ran = run_it(id);
  REQUIRE(ran);
  CHECK(ran->metric_value == 5.0);
  CHECK(ran->improved);
  auto kept = decide(id);
  REQUIRE(kept);
  CHECK(kept->decision == "kept");
  CHECK(kept->commit.size() == 40);
  REQUIRE(edit(id, "rate = 2\n"));
  REQUIRE(run_it(id));
  auto reverted = decide(id);
  REQUIRE(reverted);
  CHECK(reverted->decision == "reverted");
  CHECK(reverted->best_metric == 5.0);
  CHECK(file() == "rate = 5\n");
}

TEST_CASE_FIXTURE(laboratory, "a refused setup leaves nothing behind") {
  auto s = settings();
  s.target_files = {"absent.py"};
  auto refused = ask<session_opened>(registry, setup_session{s, ""});
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(workspaces->trees.empty());
  auto all = ask<session_list>(registry, list_sessions{true});
  REQUIRE(all);
  CHECK(all->active_sessions.empty());
}

TEST_CASE_FIXTURE(laboratory, "an unknown session is named as such, every time") {
  for (int i = 0; i < 2; ++i) {
    auto answer = run_it("aaaaaaaaaaaa");
    REQUIRE(!answer);
    CHECK(answer.error().code == errc::unknown_session);
  }
}

TEST_CASE_FIXTURE(laboratory,
                  "a run that the laboratory could not make changes nothing but spark") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  process->broken = fail(errc::process_failed, "no launcher");
  auto failed = run_it(id);
  REQUIRE(!failed);
  CHECK(failed.error().code == errc::process_failed);
  auto now = status(id);
  REQUIRE(now);
  CHECK(now->step == session_step::run);
  CHECK(now->state == "idle");
  CHECK(now->spark_consumed == 4);
  CHECK(file() == "rate = 5\n");
  process->broken.reset();
  auto again = run_it(id);
  REQUIRE(again);
  CHECK(status(id)->spark_consumed == 4);
}

TEST_CASE_FIXTURE(laboratory, "a run worker that dies is replaced and its caller gets an error") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  auto waiting = begin<run_answer>(registry, run_candidate{id});
  // The worker is killed before it has looked at its mailbox.
  caf::anon_send_exit(last_run_worker, caf::exit_reason::kill);
  auto dead = last_run_worker;
  run();
  if (waiting.get()) {  // it was quicker than the kill: take the next step as the victim
    CHECK(waiting.get()->metric_value == 5.0);
  } else {
    CHECK(waiting.get().error().code == errc::worker_lost);
    CHECK(last_run_worker != dead);
  }
  auto again = waiting.get() ? expected<run_answer>(*waiting.get()) : run_it(id);
  REQUIRE(again);
  CHECK(again->metric_value == 5.0);
}

TEST_CASE_FIXTURE(laboratory, "D23 two steps at once are taken one after the other") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  REQUIRE(run_it(id));
  auto first = begin<decide_answer>(registry, decide_candidate{id});
  auto second = begin<decide_answer>(registry, decide_candidate{id});
  run();
  REQUIRE(first.get());
  REQUIRE(second.get());
  CHECK(first.get()->repeated != second.get()->repeated);
  CHECK(status(id)->total_improvements == 1);
}

TEST_CASE_FIXTURE(laboratory,
                  "an answer that could not be stored is not given, and the step is undone") {
  auto id = open();
  store->fail_on("write", fail(errc::store_failed, "disk full"));
  auto failed = edit(id, "rate = 5\n");
  REQUIRE(!failed);
  CHECK(failed.error().code == errc::store_failed);
  auto now = status(id);
  REQUIRE(now);
  CHECK(now->iteration == 0);
  REQUIRE(edit(id, "rate = 6\n"));
  CHECK(status(id)->iteration == 1);
}

TEST_CASE_FIXTURE(laboratory, "a session at a step elsewhere is busy, and free afterwards") {
  auto id = open();
  leases->taken_elsewhere(id);
  auto busy = edit(id, "rate = 5\n");
  REQUIRE(!busy);
  CHECK(busy.error().code == errc::session_busy);
  leases->returned_elsewhere(id);
  CHECK(edit(id, "rate = 5\n"));
}

TEST_CASE_FIXTURE(laboratory, "finalize reverts what is undecided, and answers the same again") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  auto ended = ask<finalize_answer>(registry, finalize_session{id});
  REQUIRE(ended);
  CHECK(ended->status == session_status::completed);
  CHECK(ended->reverted == "iteration 1 was undecided");
  auto again = ask<finalize_answer>(registry, finalize_session{id});
  REQUIRE(again);
  CHECK(again->repeated);
  CHECK(again->total_iterations == 1);
  auto late = edit(id, "rate = 7\n");
  REQUIRE(!late);
  CHECK(late.error().code == errc::session_ended);
}

TEST_CASE_FIXTURE(laboratory, "a step that a dead process left behind is rolled back and said so") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  // As a process leaves it that was killed during a run: marked, and the tree scribbled on.
  auto record = *store->session(id);
  REQUIRE(record);
  record->in_step = true;
  record->state["in_step"] = "autoresearch_run";
  step_write left;
  left.session = *record;
  REQUIRE(store->write(left));
  workspaces->trees.begin()->second.now["train.py"] = "rate = 99\n";
  auto ran = run_it(id);
  REQUIRE(ran);
  CHECK(ran->metric_value == 5.0);
  CHECK(ran->recovered.find("interrupted") != std::string::npos);
}

TEST_CASE_FIXTURE(laboratory, "a status never says that a step runs which no process is at") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  auto record = *store->session(id);
  record->in_step = true;
  record->state["in_step"] = "autoresearch_run";
  step_write left;
  left.session = *record;
  REQUIRE(store->write(left));
  auto now = status(id);
  REQUIRE(now);
  CHECK(now->state == "idle");
  CHECK(now->step == session_step::run);
  CHECK(now->recovered.find("interrupted") != std::string::npos);
}

TEST_CASE_FIXTURE(laboratory, "a status of a step that runs elsewhere says so at once") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  auto record = *store->session(id);
  record->in_step = true;
  record->state["in_step"] = "autoresearch_run";
  step_write left;
  left.session = *record;
  REQUIRE(store->write(left));
  leases->taken_elsewhere(id);
  auto now = status(id);
  REQUIRE(now);
  CHECK(now->state == "running");
}

TEST_CASE_FIXTURE(laboratory, "what a killed process left is removed at the next start, no more") {
  auto id = open();
  auto ended = open();
  REQUIRE(ask<finalize_answer>(registry, finalize_session{ended}));
  workspaces->half_made = {"of-no-session", "being-made", id, ended};
  leases->taken_elsewhere("being-made");
  start();
  run();
  CHECK(workspaces->half_made == std::vector<std::string>{"being-made", id});
  for (const auto& free : {std::string("of-no-session"), ended, id}) CHECK(!leases->held(free));
  CHECK(leases->held("being-made"));
  CHECK(edit(id, "rate = 5\n"));
}

TEST_CASE_FIXTURE(laboratory,
                  "an interrupted setup ends although its workspace cannot be removed") {
  auto id = open();
  auto& record = store->stored_sessions[id];
  record.in_step = true;
  record.status = "pending";
  record.state["in_step"] = "autoresearch_setup";
  record.state["status"] = "pending";
  workspaces->fail_always("remove", fail(errc::workspace_failed, "a reference is locked"));
  start();
  run();
  CHECK(store->stored_sessions[id].status == "failed");
  CHECK(!store->stored_sessions[id].in_step);
  CHECK(!leases->held(id));
  auto listed = ask<session_list>(registry, list_sessions{});
  REQUIRE(listed);
  CHECK(listed->active_sessions.empty());
  // What is left belongs to no session now: the next start takes it.
  workspaces->heal();
  workspaces->half_made = {id};
  start();
  run();
  CHECK(workspaces->half_made.empty());
}

TEST_CASE_FIXTURE(laboratory, "the list of sessions waits for the removal, and for no failure") {
  workspaces->half_made = {"of-no-session"};
  workspaces->fail_always("remove", fail(errc::workspace_failed, "a reference is locked"));
  start();
  CHECK(ask<session_list>(registry, list_sessions{}));
  CHECK(workspaces->count("remove") == 1);
  CHECK(!leases->held("of-no-session"));
  workspaces->fail_always("unfinished", fail(errc::workspace_failed, "unreadable"));
  start();
  CHECK(ask<session_list>(registry, list_sessions{}));
}
