// SPDX-License-Identifier: MIT
#include "actors/gate_chain.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "actors/logic/constitution.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/fake_recipes.hpp"

namespace ratchet {
namespace {

using namespace testing;

expected<gate_verdict> allowing(const judge_candidate&) { return gate_verdict{}; }

/// Answers with its verdict; an empty gate name is an error, "silent" never answers.
gate_actor::behavior_type added(gate_actor::pointer self, gate_verdict verdict) {
  return {[=](const judge_candidate&) -> caf::result<gate_verdict> {
    if (verdict.gate == "broken") return as_error(fail(errc::internal, "out of order"));
    if (verdict.gate == "silent") return self->make_response_promise<gate_verdict>();
    return verdict;
  }};
}

struct gate_stage : actor_fixture {
  std::shared_ptr<fake_recipes> kept = std::make_shared<fake_recipes>();
  std::shared_ptr<fake_process> processes = std::make_shared<fake_process>();
  std::vector<gate_worker_actor> workers;
  judge_candidate what;

  gate_stage() {
    what.session_id = "0123456789ab";
    what.directory = "/lab/tree";
    what.candidate.iteration = 1;
    what.candidate.hypothesis = "halve the rate";
    changed(what.settings)->environment = {"TOKEN"};
  }

  gate_chain_actor spawn_real_gates() { return chain(nullptr); }
  gate_chain_actor chain(
      std::function<expected<gate_verdict>(const judge_candidate&)> rules = allowing) {
    auto gates = built_in_gates(kept);
    if (rules) gates[0].judge = std::move(rules);
    auto* all = &workers;
    auto* fixture = this;
    auto ports = processes;
    return spawn(gate_chain_with, std::function<gate_worker_actor()>([=] {
                   gate_worker_actor worker = fixture->system().spawn(gate_worker, gates, ports);
                   fixture->own(worker);
                   all->push_back(worker);
                   return worker;
                 }));
  }
  void command_gate(const std::string& name) {
    changed(what.settings)->gates.push_back({name, {"check " + name, {}}, 7});
  }
  void outcome(std::string output, std::optional<int> exit_code) {
    process_outcome o = fake_process::printed(std::move(output));
    o.exit_code = exit_code;
    processes->on_run = [o](const process_request&, std::stop_token) { return o; };
  }
  gate_verdict last(const gate_chain_actor& gates) {
    auto answer = ask<judgement>(gates, what);
    REQUIRE(answer);
    REQUIRE(!answer->verdicts.empty());
    return answer->verdicts.back();
  }
};

std::vector<std::string> names(const judgement& j) {
  std::vector<std::string> out;
  for (const auto& v : j.verdicts) out.push_back(v.gate);
  return out;
}

TEST_CASE("gates are asked in order: built-in, commands, added actors") {
  gate_stage s;
  auto gates = s.chain();
  s.command_gate("first");
  s.command_gate("second");
  CHECK(s.ask<done>(gates, add_gate{"third"}, gate_actor(s.spawn(added, gate_verdict{"x"}))));
  CHECK(s.ask<done>(gates, add_gate{"fourth"}, gate_actor(s.spawn(added, gate_verdict{"x"}))));
  auto answer = s.ask<judgement>(gates, s.what);
  REQUIRE(answer);
  CHECK(names(*answer) == std::vector<std::string>{"constitutional", "baseline_delta", "first",
                                                   "second", "third", "fourth"});
  CHECK(answer->allowed());
}

TEST_CASE("the first refusal ends the chain") {
  gate_stage s;
  auto refusing = [](const judge_candidate&) -> expected<gate_verdict> {
    gate_verdict v;
    v.allowed = false;
    v.reason = "touches the tests";
    return v;
  };
  s.command_gate("never asked");
  auto answer = s.ask<judgement>(s.chain(refusing), s.what);
  REQUIRE(answer);
  CHECK(names(*answer) == std::vector<std::string>{"constitutional"});
  CHECK(!answer->allowed());
  CHECK(answer->verdicts[0].reason == "touches the tests");
  CHECK(s.processes->requests.empty());
}

TEST_CASE("a refusal of an added gate ends the chain too") {
  gate_stage s;
  auto gates = s.chain();
  gate_verdict no{"no", false, true, "not today"};
  CHECK(s.ask<done>(gates, add_gate{"no"}, gate_actor(s.spawn(added, no))));
  CHECK(s.ask<done>(gates, add_gate{"later"}, gate_actor(s.spawn(added, gate_verdict{}))));
  auto last = s.last(gates);
  CHECK(last.gate == "no");
  CHECK(!last.allowed);
  CHECK(last.reason == "not today");
}

TEST_CASE("baseline_delta compares with the experiment's snapshot, else the session's") {
  gate_stage s;
  changed(s.what.settings)->guard_metrics = {
      {"speed", "", metric_pick::last, metric_direction::higher_is_better, 0.05}};
  s.what.result.guards = {{"speed", 80}};
  s.kept->snapshots = {{"0123456789ab", "", 1, "", {{"speed", 100}}, ""},
                       {"exp", "", 1, "", {{"speed", 81}}, ""}};
  auto gates = s.chain();
  auto refused = s.last(gates);
  CHECK(refused.gate == "baseline_delta");
  CHECK(refused.regressions == std::vector<std::string>{"speed 100 -> 80 (-20.0 %, allowed 5 %)"});
  changed(s.what.settings)->experiment_id = "exp";
  CHECK(s.last(gates).allowed);
}

TEST_CASE("a store that fails is an error of baseline_delta, by the session's policy") {
  gate_stage s;
  changed(s.what.settings)->guard_metrics = {{"speed"}};
  s.kept->fail_always("latest_snapshot", fail(errc::store_failed, "disk gone"));
  auto gates = s.chain();
  auto open = s.last(gates);
  CHECK(open.allowed);
  CHECK(!open.enforced);
  CHECK(open.reason == "could not be asked: disk gone");
  changed(s.what.settings)->on_gate_error = gate_error_policy::closed;
  auto closed = s.last(gates);
  CHECK(!closed.allowed);
  CHECK(!closed.enforced);
}

TEST_CASE("a command reads the candidate in its work tree and allows with exit code 0") {
  gate_stage s;
  s.command_gate("lint");
  CHECK(s.last(s.chain()).allowed);
  REQUIRE(s.processes->requests.size() == 1);
  const auto& request = s.processes->requests[0];
  CHECK(request.directory == "/lab/tree");
  CHECK(request.timeout_s == 7);
  CHECK(request.environment == std::vector<std::string>{"TOKEN"});
  auto input = json::parse(request.input);
  CHECK(input["hypothesis"] == "halve the rate");
  CHECK(input["session_id"] == "0123456789ab");
  CHECK(input.contains("result"));
}

TEST_CASE("a command that ends otherwise refuses, whatever the policy says of gates that err") {
  for (auto policy : {gate_error_policy::open, gate_error_policy::closed}) {
    gate_stage s;
    changed(s.what.settings)->on_gate_error = policy;
    s.command_gate("lint");
    auto gates = s.chain();
    for (int code : {1, 2, 8, 101, 126, 127}) {
      s.outcome("checking\nline too long\n\n", code);
      auto refused = s.last(gates);
      CHECK(refused.gate == "lint");
      CHECK(!refused.allowed);
      CHECK(refused.enforced);
      CHECK(refused.output_tail == "checking\nline too long");
      CHECK(refused.reason.ends_with("line too long"));
    }
    process_outcome late;
    late.timed_out = true;
    late.exit_code = 0;
    s.processes->on_run = [late](const process_request&, std::stop_token) { return late; };
    CHECK(!s.last(gates).allowed);
    CHECK(s.last(gates).reason == "took longer than 7 s");
    process_outcome killed;
    killed.signal = 9;
    s.processes->on_run = [killed](const process_request&, std::stop_token) { return killed; };
    CHECK(!s.last(gates).allowed);
    CHECK(s.last(gates).reason.find("signal 9 (SIGKILL)") != std::string::npos);
    s.processes->fail_on("run", fail(errc::process_failed, "no such file"));
    auto absent = s.last(gates);
    CHECK(!absent.allowed);
    CHECK(absent.enforced);
    CHECK(absent.reason == "could not be run: no such file");
  }
}

TEST_CASE("of the unmodified code the commands alone are asked") {
  gate_stage s;
  s.what.candidate.iteration = 0;
  s.command_gate("first");
  s.command_gate("second");
  auto refusing = [](const judge_candidate&) -> expected<gate_verdict> {
    return fail(errc::internal, "asked of the baseline");
  };
  auto gates = s.chain(refusing);
  CHECK(s.ask<done>(gates, add_gate{"mine"}, gate_actor(s.spawn(added, gate_verdict{"silent"}))));
  auto answer = s.ask<judgement>(gates, s.what);
  REQUIRE(answer);
  CHECK(names(*answer) == std::vector<std::string>{"first", "second"});
  CHECK(answer->allowed());
  s.outcome("2 tests failed\n", 8);
  auto refused = s.ask<judgement>(gates, s.what);
  REQUIRE(refused);
  CHECK(names(*refused) == std::vector<std::string>{"first"});
  CHECK(!refused->allowed());
}

TEST_CASE("the gates may take as long as their time-outs say together") {
  session_settings s;
  CHECK(gates_patience(s) == gate_timeout);
  s.gates = {{"a", {"x", {}}, 80'000}, {"b", {"x", {}}, 80'000}};
  CHECK(gates_patience(s) > std::chrono::seconds(160'000));
}

TEST_CASE("an added gate that errs, is gone or is silent counts as the policy says") {
  for (auto policy : {gate_error_policy::open, gate_error_policy::closed}) {
    gate_stage s;
    changed(s.what.settings)->on_gate_error = policy;
    auto gates = s.chain();
    gate_actor broken = s.spawn(added, gate_verdict{"broken"});
    CHECK(s.ask<done>(gates, add_gate{"mine"}, broken));
    auto erred = s.last(gates);
    CHECK(erred.allowed == (policy == gate_error_policy::open));
    CHECK(!erred.enforced);
    CHECK(erred.reason == "could not be asked: out of order");
    s.kill(broken);
    auto gone = s.last(gates);
    CHECK(gone.allowed == (policy == gate_error_policy::open));
    CHECK(!gone.enforced);
  }
}

TEST_CASE("an added gate has 60 seconds") {
  gate_stage s;
  auto gates = s.chain();
  CHECK(s.ask<done>(gates, add_gate{"mine"}, gate_actor(s.spawn(added, gate_verdict{"silent"}))));
  auto answer = s.begin<judgement>(gates, s.what);
  s.advance(std::chrono::seconds(59));
  CHECK(!answer.answered());
  s.advance(std::chrono::seconds(2));
  REQUIRE(answer.get());
  CHECK(!answer.get()->verdicts.back().enforced);
}

TEST_CASE("a gate's name is its own") {
  gate_stage s;
  auto gates = s.chain();
  gate_actor gate = s.spawn(added, gate_verdict{});
  CHECK(s.ask<done>(gates, add_gate{"mine"}, gate));
  for (const char* name : {"mine", "constitutional", "baseline_delta", ""}) {
    auto again = s.ask<done>(gates, add_gate{name}, gate);
    REQUIRE(!again);
    CHECK(again.error().code == errc::invalid_argument);
  }
}

TEST_CASE("a worker that dies is replaced: its caller is told and the next one is served") {
  gate_stage s;
  auto gates = s.chain();
  auto lost = s.begin<judgement>(gates, s.what);
  // The worker's death comes first in its mailbox, the request after it.
  caf::anon_send_exit(s.workers.at(0), caf::exit_reason::kill);
  auto* worker =
      dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(s.workers.at(0)));
  s.scheduler().run_jobs_filtered([=](caf::resumable* job) { return job != worker; });
  CHECK(!lost.answered());
  s.run();
  REQUIRE(lost.answered());
  REQUIRE(!lost.get());
  CHECK(lost.get().error().code == errc::worker_lost);
  CHECK(s.workers.size() == 2);
  CHECK(s.ask<judgement>(gates, s.what));
}

TEST_CASE("a session's rule file is sealed by its first judgement") {
  gate_stage s;
  auto path = (std::filesystem::temp_directory_path() /
               ("ratchet_rules_" + std::to_string(getpid()) + ".json"))
                  .string();
  auto write = [&](std::string_view text) { std::ofstream(path) << text; };
  changed(s.what.settings)->constitution = path;
  auto gates = s.spawn_real_gates();
  s.what.session_id = "early";
  CHECK(!s.ask<judgement>(gates, s.what)->verdicts[0].enforced);  // there is no such file yet
  write(constitution::built_in_text());
  s.what.session_id = "0123456789ab";
  CHECK(s.ask<judgement>(gates, s.what)->verdicts[0].allowed);
  s.kill(s.workers.back());  // the seal outlives the worker
  write(R"({"version": 1, "rules": []})");
  auto tampered = s.ask<judgement>(gates, s.what)->verdicts[0];
  CHECK(!tampered.allowed);
  CHECK(tampered.enforced);
  CHECK(tampered.reason.find("guardrail_tamper") == 0);
  std::filesystem::remove(path);
  CHECK(!s.ask<judgement>(gates, s.what)->verdicts[0].allowed);
  write(constitution::built_in_text());
  CHECK(s.ask<judgement>(gates, s.what)->verdicts[0].allowed);
  std::filesystem::remove(path);
}

TEST_CASE("the built-in rules and the protected paths refuse a candidate") {
  gate_stage s;
  auto gates = s.spawn_real_gates();
  CHECK(s.last(gates).allowed);
  changed(s.what.settings)->protected_paths = {"tests"};
  s.what.candidate.files_changed = {"tests/check.py"};
  auto refused = s.last(gates);
  CHECK(refused.gate == "constitutional");
  CHECK(!refused.allowed);
  s.what.candidate.files_changed = {"train.py"};
  s.what.candidate.diff = "--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-x\n+rm -rf /\n";
  CHECK(!s.last(gates).allowed);
}

TEST_CASE("a gate that throws loses nothing but its own judgement") {
  gate_stage s;
  auto throwing = std::make_shared<bool>(true);
  auto gates = s.chain([throwing](const judge_candidate&) -> expected<gate_verdict> {
    if (*throwing) throw std::runtime_error("bug");
    return gate_verdict{};
  });
  auto answer = s.ask<judgement>(gates, s.what);
  REQUIRE(!answer);
  *throwing = false;
  CHECK(s.ask<judgement>(gates, s.what));
}

TEST_CASE("a worker that dies again and again is not replaced for ever") {
  gate_stage s;
  auto gates = s.chain();
  for (int i = 0; i < 10; ++i) s.kill(s.workers.back());
  CHECK(s.workers.size() == 6);  // the first and five replacements
  auto answer = s.ask<judgement>(gates, s.what);
  REQUIRE(!answer);
  CHECK(answer.error().code == errc::worker_lost);
  s.advance(std::chrono::seconds(61));
  CHECK(s.ask<judgement>(gates, s.what));
}

TEST_CASE("with threads of its own, the chain ends with its front and leaves no worker behind") {
  struct config : caf::actor_system_config {
    config() { add_ratchet_types(*this); }
  } settings;
  caf::actor_system system{settings};  // its end waits for every actor
  gate_chain_actor gates =
      system.spawn(gate_chain, std::make_shared<fake_recipes>(), std::make_shared<fake_process>());
  caf::scoped_actor self{system};
  judge_candidate what;
  what.candidate.iteration = 1;
  bool answered = false;
  self->request(gates, std::chrono::seconds(30), what)
      .receive([&](const judgement& j) { answered = j.verdicts.size() == 2; },
               [](const caf::error&) {});
  CHECK(answered);
  caf::anon_send_exit(gates, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace ratchet
