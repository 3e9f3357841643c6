// SPDX-License-Identifier: MIT
#include "tests/support/session_laboratory.hpp"

namespace ratchet {
namespace {

using namespace testing;

/// A session whose gates say what a test tells them.
struct gated_laboratory : session_laboratory {
  std::vector<int> judged;  ///< the iterations that the gates were asked about
  judgement baseline;
  judgement candidates;

  gated_laboratory() {
    roles.gates =
        spawn(gate_chain_with, std::function<gate_worker_actor()>([this] {
                auto* stage = this;
                gate_worker_actor worker = system().spawn(
                    [stage](gate_worker_actor::pointer, bool) -> gate_worker_actor::behavior_type {
                      return {[stage](const judge_candidate& m) {
                        stage->judged.push_back(m.candidate.iteration);
                        return m.candidate.iteration == 0 ? stage->baseline : stage->candidates;
                      }};
                    },
                    true);  // with no argument CAF 0.17 dereferences a null tuple
                own(worker);
                return worker;
              }));
    registry = spawn(session_registry, roles);
  }
  session_settings gated() {
    auto s = settings();
    s.gates = {{"tests", {"make check", {}}, 7}};
    return s;
  }
  expected<session_opened> set_up(const session_settings& s) {
    return ask<session_opened>(registry, setup_session{s, ""});
  }
};

const gate_verdict refusal{"tests", false, true, "exit code 2: b", {}, "a\nb"};

TEST_CASE("the session's gates are asked about the unmodified code, once") {
  gated_laboratory lab;
  auto opened = lab.set_up(lab.gated());
  REQUIRE(opened);
  CHECK(lab.judged == std::vector<int>{0});
  REQUIRE(lab.edit(opened->session_id, "rate = 2\n"));
  REQUIRE(lab.run_it(opened->session_id));
  REQUIRE(lab.decide(opened->session_id));
  CHECK(lab.judged == std::vector<int>{0, 1});
}

TEST_CASE("without gates of its own a session's baseline is not judged") {
  gated_laboratory lab;
  REQUIRE(lab.set_up(lab.settings()));
  CHECK(lab.judged.empty());
}

TEST_CASE("a gate that the unmodified code does not pass fails the setup with its output") {
  gated_laboratory lab;
  lab.baseline.verdicts = {refusal};
  auto opened = lab.set_up(lab.gated());
  REQUIRE(!opened);
  CHECK(opened.error().code == errc::baseline_failed);
  CHECK(opened.error().text.starts_with(
      "Baseline failed: gate \"tests\" does not pass on the unmodified code: exit code 2: b"));
  CHECK(opened.error().text.ends_with("\na\nb"));
  std::string id = opened.error().details.at("session_id");
  auto p = lab.status(id);
  REQUIRE(p);
  CHECK(p->status == session_status::failed);
  auto row = lab.sessions->iteration(id, 0);
  REQUIRE(row);
  REQUIRE(*row);
  CHECK((*row)->result->error->starts_with("gate \"tests\""));
  CHECK(lab.workspaces->trees.empty());
}

TEST_CASE("a baseline that failed itself is not judged") {
  gated_laboratory lab;
  lab.workspaces->repository = {{"train.py", "rate = crash\n"}};
  CHECK(!lab.set_up(lab.gated()));
  CHECK(lab.judged.empty());
}

TEST_CASE("a candidate that a gate refuses is told with the gate's output") {
  gated_laboratory lab;
  lab.candidates.verdicts = {refusal};
  auto opened = lab.set_up(lab.gated());
  REQUIRE(opened);
  REQUIRE(lab.edit(opened->session_id, "rate = 2\n"));
  REQUIRE(lab.run_it(opened->session_id));
  auto decided = lab.decide(opened->session_id);
  REQUIRE(decided);
  CHECK(decided->decision == "rejected_by_gate");
  CHECK(decided->reason == "tests: exit code 2: b\na\nb");
  CHECK(lab.status(opened->session_id)->last_rejection_reason == "tests: exit code 2: b");
}

TEST_CASE("what was not enforced is told by decide, status and finalize") {
  gated_laboratory lab;
  lab.candidates.verdicts = {{"mine", true, false, "could not be asked: gone"}};
  auto opened = lab.set_up(lab.gated());
  REQUIRE(opened);
  const auto& id = opened->session_id;
  REQUIRE(lab.edit(id, "rate = 2\n"));
  REQUIRE(lab.run_it(id));
  const std::vector<std::string> told{"mine: could not be asked: gone"};
  auto decided = lab.decide(id);
  REQUIRE(decided);
  CHECK(decided->decision == "kept");
  CHECK(decided->not_enforced == told);
  CHECK(lab.decide(id)->not_enforced == told);  // repeated
  CHECK(lab.status(id)->not_enforced == told);
  auto ended = lab.ask<finalize_answer>(lab.registry, finalize_session{id});
  REQUIRE(ended);
  CHECK(ended->not_enforced == told);
}

}  // namespace
}  // namespace ratchet
