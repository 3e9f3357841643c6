// SPDX-License-Identifier: MIT
//
// A session through its registry, with every role but the ports for real.
#include <doctest/doctest.h>

#include "tests/support/session_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;
using laboratory = session_laboratory;

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
  sessions->fail_on("write", fail(errc::store_failed, "disk full"));
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
  left_at_run(id);
  workspaces->trees.begin()->second.now["train.py"] = "rate = 99\n";
  auto ran = run_it(id);
  REQUIRE(ran);
  CHECK(ran->metric_value == 5.0);
  CHECK(ran->recovered.find("interrupted") != std::string::npos);
}

TEST_CASE_FIXTURE(laboratory, "a status never says that a step runs which no process is at") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  left_at_run(id);
  auto now = status(id);
  REQUIRE(now);
  CHECK(now->state == "idle");
  CHECK(now->step == session_step::run);
  CHECK(now->recovered.find("interrupted") != std::string::npos);
}

TEST_CASE_FIXTURE(
    laboratory,
    "a run gets the overlay that its work tree offers, where nothing speaks against it") {
  workspaces->overlay = "/state/overlay-1";
  auto measure = [&](const session_settings& s) {
    auto id = open(s);
    REQUIRE(edit(id, "rate = 5\n"));
    REQUIRE(run_it(id));
    return process->last_overlay;
  };
  CHECK(measure(settings()) == "/state/overlay-1");
  auto bare = settings();
  bare.sandbox = sandbox_mode::none;
  CHECK(measure(bare) == "");
  auto gated = settings();
  gated.gates = {{"mine", {}}};
  gated.gates[0].command.shell = "look at what the run left";
  CHECK(measure(gated) == "");
  // What the run itself builds has to stay in the work tree for the next one.
  workspaces->products = true;
  CHECK(measure(settings()) == "");
  auto built = settings();
  built.build_command.shell = "make";
  CHECK(measure(built) == "/state/overlay-1");
}

TEST_CASE_FIXTURE(laboratory, "a backend that edits in place is announced to the work tree") {
  editor = std::make_shared<fake_editor>();
  auto s = settings();
  s.edit_backend.name = "mutate";
  for (bool in_place : {false, true}) {
    auto id = open(s);
    const auto before = workspaces->count("begin_run " + id);
    editor->in_place = in_place;
    REQUIRE(ask<edit_answer>(registry, edit_candidate{id, {}}));
    CHECK(workspaces->count("begin_run " + id) == before + (in_place ? 1 : 0));
  }
}

TEST_CASE_FIXTURE(laboratory, "a status of a step that runs elsewhere says so at once") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  runs_elsewhere(id);
  auto now = status(id);
  REQUIRE(now);
  CHECK(now->state == "running");
}

TEST_CASE_FIXTURE(laboratory,
                  "a status waits as long as it was asked to, whatever the clock says") {
  auto id = open();
  REQUIRE(edit(id, "rate = 5\n"));
  runs_elsewhere(id);
  auto waiting = begin<progress>(registry, get_status{id, 1000});
  REQUIRE(run(10'000) < 10'000);  // it looks now and then, not all the time
  auto& clock = dynamic_cast<fake_clock&>(*w.clock);
  clock.time_ms += 7'200'000;
  advance(std::chrono::milliseconds(900));
  CHECK(!waiting.answered());
  clock.time_ms -= 2 * 7'200'000;
  advance(std::chrono::milliseconds(200));
  REQUIRE(waiting.get());
  CHECK(waiting.get()->state == "running");
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
  auto& record = sessions->stored_sessions[id];
  record.in_step = true;
  record.status = "pending";
  record.state["in_step"] = "autoresearch_setup";
  record.state["status"] = "pending";
  workspaces->fail_always("remove", fail(errc::workspace_failed, "a reference is locked"));
  start();
  run();
  CHECK(sessions->stored_sessions[id].status == "failed");
  CHECK(!sessions->stored_sessions[id].in_step);
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

TEST_CASE_FIXTURE(session_laboratory,
                  "an edit that gives the code of an earlier iteration is not run again") {
  auto id = open();
  REQUIRE(edit(id, "rate = 0\n"));
  REQUIRE(run_it(id));
  REQUIRE(decide(id)->decision == "reverted");
  const int before = process->runs;
  auto again = edit(id, "rate = 0\n");
  REQUIRE(again);
  CHECK(again->success == false);
  CHECK(again->reason.find("iteration 1: write rate = 0 | score 0, reverted") != std::string::npos);
  CHECK(again->iteration == 1);
  CHECK(file() == "rate = 1\n");
  CHECK(process->runs == before);
  REQUIRE(edit(id, "rate = 5\n"));
  REQUIRE(run_it(id));
  REQUIRE(decide(id)->decision == "kept");
  // The unmodified code has been measured, too.
  CHECK(edit(id, "rate = 1\n")->reason.find("0: the unmodified code") != std::string::npos);
}

namespace {

struct told_laboratory : session_laboratory {
  /// The commit that every session of this repository begins with.
  std::string base_of(const session_settings& s) {
    return (*sessions->session(open(s)))->state["base_commit"];
  }
};

}  // namespace

TEST_CASE_FIXTURE(told_laboratory, "a model is told the user's words, ideas in turn, and files") {
  editor = std::make_shared<fake_editor>();
  auto s = settings();
  s.edit_backend.name = "llm";
  s.ideas = {"wider", "deeper"};
  s.context_files = {"*.h", "!old.h"};
  const auto base = base_of(settings());
  for (const char* file : {"a.h", "old.h", "train.py", "program.md"})
    code->texts[base + ":" + file] = std::string("text of ") + file;
  auto id = open(s);
  CHECK(status(id)->instructions == "text of program.md");
  static_cast<void>(ask<edit_answer>(registry, edit_candidate{id, {}}));
  REQUIRE_FALSE(editor->contexts.empty());
  const auto& context = editor->contexts.back();
  CHECK(context.instructions == "text of program.md");
  CHECK(context.idea == "wider");
  REQUIRE(context.context_files.size() == 1);
  CHECK(context.context_files.at("a.h") == "text of a.h");
  REQUIRE(context.best_run);
  CHECK(context.best_run->iteration == 0);
}

TEST_CASE_FIXTURE(told_laboratory, "a model is told why its last edit was no use") {
  editor = std::make_shared<fake_editor>();
  auto s = settings();
  s.edit_backend.name = "llm";
  auto id = open(s);
  proposal p;
  p.refused = "the reply holds no edit";
  editor->proposals.push_back(p);
  CHECK(ask<edit_answer>(registry, edit_candidate{id, {}})->success == false);
  CHECK(status(id)->iteration == 0);
  static_cast<void>(ask<edit_answer>(registry, edit_candidate{id, {}}));
  CHECK(editor->contexts.back().unapplied == "the reply holds no edit");
}

TEST_CASE_FIXTURE(told_laboratory, "instructions that are given come before program.md") {
  auto s = settings();
  s.instructions = "mine";
  code->texts[base_of(settings()) + ":program.md"] = "theirs";
  CHECK(status(open(s))->instructions == "mine");
}

TEST_CASE_FIXTURE(told_laboratory, "a lesson of a reply is remembered and told") {
  editor = std::make_shared<fake_editor>();
  auto s = settings();
  s.edit_backend.name = "llm";
  auto id = open(s);
  proposal p;
  p.changes = {{"train.py", "rate = 5\n", {}}};
  p.lesson = "higher rates help";
  editor->proposals.push_back(p);
  REQUIRE(ask<edit_answer>(registry, edit_candidate{id, {}}));
  REQUIRE(run_it(id));
  REQUIRE(decide(id));
  static_cast<void>(ask<edit_answer>(registry, edit_candidate{id, {}}));
  const auto& lessons = editor->contexts.back().lessons;
  REQUIRE(lessons.size() == 1);
  CHECK(lessons[0].text == "higher rates help");
  CHECK(status(id)->lessons.size() == 1);
}

TEST_CASE_FIXTURE(told_laboratory, "whoever writes by a prompt is told of more than ten results") {
  editor = std::make_shared<fake_editor>();
  auto s = settings();
  s.edit_backend.name = "llm";
  auto id = open(s);
  for (int i = 1; i <= 12; ++i) {
    REQUIRE(edit(id, "rate = -" + std::to_string(i) + "\n"));
    REQUIRE(run_it(id));
    REQUIRE(decide(id));
  }
  auto told = [&](bool by_a_prompt) {
    editor->in_place = by_a_prompt;
    static_cast<void>(ask<edit_answer>(registry, edit_candidate{id, {}}));
    return editor->contexts.back();
  };
  CHECK(told(false).earlier.empty());
  const auto context = told(true);
  CHECK(context.history.size() == 10);
  REQUIRE(context.earlier.size() == 3);
  CHECK(context.earlier[0].iteration == 0);
  CHECK(context.earlier[2].candidate.hypothesis == "write rate = -2");
  CHECK(context.history[0].iteration == 3);
}
