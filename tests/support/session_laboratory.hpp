// SPDX-License-Identifier: MIT
//
// A session through its registry, with every role for real and every port a fake.
#pragma once

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
#include "tests/support/fake_benchmarks.hpp"
#include "tests/support/fake_code.hpp"
#include "tests/support/fake_federation.hpp"
#include "tests/support/fake_sessions.hpp"
#include "tests/support/fake_workspaces.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

inline gate_worker_actor::behavior_type gates_that_say(gate_worker_actor::pointer,
                                                       const judgement& verdict) {
  return {[verdict](const judge_candidate&) { return verdict; }};
}

/// The command "prints" the number in train.py, and `also_prints`; or it does what `program` says.
class scripted_process : public process_port {
 public:
  explicit scripted_process(std::shared_ptr<fake_workspaces> workspaces)
      : workspaces_(std::move(workspaces)) {}
  std::optional<failure> broken;
  int runs = 0;
  double takes_s = 0;
  std::string also_prints;
  std::function<process_outcome(const std::string& text)> program;  ///< given train.py
  std::set<std::string> directories;                                ///< where it ran
  std::string last_overlay;
  expected<process_outcome> run(const process_request& request, output_sink* sink,
                                std::stop_token stop) override {
    ++runs;
    directories.insert(request.directory);
    last_overlay = request.overlay;
    if (broken) return *broken;
    auto& trees = workspaces_->trees;
    auto found = std::find_if(trees.begin(), trees.end(), [&](const auto& t) {
      return t.second.info.directory == request.directory;
    });
    auto& tree = (found == trees.end() ? trees.begin() : found)->second;
    std::string text = tree.now.at("train.py");
    if (program) {
      auto outcome = program(text);
      if (sink) sink->consume(outcome.output_tail);
      return outcome;
    }
    std::string printed = "score: " + text.substr(text.find('=') + 2) + also_prints;
    if (sink) sink->consume(printed);
    process_outcome o;
    o.exit_code = text.find("crash") == std::string::npos ? 0 : 1;
    o.cancelled = stop.stop_requested();
    o.output_tail = printed;
    o.output_bytes = static_cast<long long>(printed.size());
    o.duration_s = takes_s;
    return o;
  }

 private:
  std::shared_ptr<fake_workspaces> workspaces_;
};

struct session_laboratory : actor_fixture {
  std::size_t slots;
  world w;
  std::shared_ptr<fake_workspaces> workspaces = std::make_shared<fake_workspaces>();
  std::shared_ptr<fake_code> code = std::make_shared<fake_code>();
  std::shared_ptr<fake_sessions> sessions = std::make_shared<fake_sessions>();
  std::shared_ptr<fake_benchmarks> benchmarks = std::make_shared<fake_benchmarks>();
  std::shared_ptr<fake_federation> hive = std::make_shared<fake_federation>();
  std::shared_ptr<fake_leases> leases = std::make_shared<fake_leases>();
  std::shared_ptr<scripted_process> process = std::make_shared<scripted_process>(workspaces);
  std::shared_ptr<fake_editor> editor;  ///< of every backend; null: there is none
  session_registry_actor registry;
  run_worker_actor last_run_worker;
  session_roles roles;

  explicit session_laboratory(std::size_t experiment_slots = 1) : slots(experiment_slots) {
    w.clock = std::make_shared<fake_clock>();
    w.processes = process;
    w.workspaces = workspaces;
    w.code = code;
    w.sessions = sessions;
    w.events = sessions->events;
    w.benchmarks = benchmarks;
    w.recipes = sessions->recipes;
    w.leases = leases;
    w.federation = hive;
    w.reports = std::make_shared<fake_report>();
    w.check_backend = [](const session_settings&) { return expected<>{}; };
    w.make_editor = [this](const edit_backend_choice&) -> expected<std::shared_ptr<editor_port>> {
      if (editor) return std::shared_ptr<editor_port>(editor);
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
    event_hub_actor hub = spawn(event_hub, w.events);
    roles.clock = w.clock;
    roles.journal = spawn(journal, w.sessions, w.leases, w.reports, w.clock, hub);
    roles.recorder = spawn(benchmark_recorder, w.benchmarks, w.federation);
    roles.keeper = spawn(workspace_keeper_with, w, std::size_t{1},
                         plain<workspace_worker_actor>(workspace_worker));
    roles.generator =
        spawn(edit_generator_with, w, std::size_t{1}, std::function<edit_worker_actor()>([this] {
                edit_worker_actor worker = system().spawn(edit_worker, w);
                own(worker);
                return worker;
              }));
    roles.runner = spawn(
        experiment_runner_with, w, slots,
        run_desk_helpers{[make = plain<run_worker_actor>(run_worker)](int) { return make(); }, {}});
    roles.gates = spawn(gate_chain_with, std::function<gate_worker_actor()>([this] {
                          gate_worker_actor worker = system().spawn(gates_that_say, judgement{});
                          own(worker);
                          return worker;
                        }));
    roles.broadcaster = spawn(federation_broadcaster, w);
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

  /// As a process leaves the session that is killed at its run.
  void left_at_run(const std::string& id) {
    auto record = *sessions->session(id);
    REQUIRE(record);
    record->in_step = true;
    record->state["in_step"] = "autoresearch_run";
    step_write left;
    left.session = *record;
    REQUIRE(sessions->write(left));
  }
  /// As if another process were at the session's run.
  void runs_elsewhere(const std::string& id) {
    left_at_run(id);
    leases->taken_elsewhere(id);
  }

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

}  // namespace ratchet::testing
