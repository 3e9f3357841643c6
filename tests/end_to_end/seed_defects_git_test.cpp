// SPDX-License-Identifier: MIT
//
// Defects of the module that this grew from: files and git.
#include <csignal>
#include <memory>

#include "tests/end_to_end/seed_defects.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

// -- files and git --------------------------------------------------------------------------------

TEST_CASE("D1 a target file with shell characters is a name and is not executed") {
  laboratory lab;
  std::string name = "a $(touch PWNED) `touch PWNED`; touch PWNED #.txt";
  write_text(lab.repository / name, "score: 5\n");
  lab.git("add -A && git commit -qm odd");
  auto id = lab.start({{"target_file", name}, {"run_command", {"sh", "-c", "cat a*"}}});
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
  CHECK(lab.git("diff --name-only main " + branch(id)).find("touch PWNED") != std::string::npos);
  CHECK(lab.call("autoresearch_setup", lab.setup_arguments({{"target_file", "p.txt; touch PWNED"}}))
            .exit_code == 1);
  for (const fs::path& top : {lab.repository, lab.folder.path, fs::current_path()})
    CHECK_FALSE(fs::exists(top / "PWNED"));
}

TEST_CASE("D2 a metric name and a hypothesis with shell characters are text in the commit") {
  laboratory lab;
  std::string name = "$(touch PWNED)`touch PWNED`\"";
  auto id = lab.start({{"metric_name", name}, {"metric_pattern", "score: (\\S+)"}});
  lab.ask(
      "autoresearch_edit",
      {{"session_id", id}, {"content", better}, {"hypothesis", "$(touch PWNED) \"; touch PWNED"}});
  step(lab, "run", id);
  CHECK(step(lab, "decide", id).value("decision", "") == "kept");
  auto message = lab.git("log -1 --format=%B " + branch(id));
  CHECK(message.find(name + "=6 (was 5)") != std::string::npos);
  CHECK(message.find("$(touch PWNED) \"; touch PWNED") != std::string::npos);
  for (const fs::path& top : {lab.repository, lab.folder.path, fs::current_path()})
    CHECK_FALSE(fs::exists(top / "PWNED"));
}

TEST_CASE("D3 a candidate that turns its target into a link leads nothing outside") {
  laboratory lab;
  fs::path outside = lab.folder.path / "outside.txt";
  write_text(outside, "score: 5\n");
  auto id = lab.start({{"run_command", "cat p.txt; if grep -q 9 p.txt; then rm p.txt; ln -s '" +
                                           outside.string() + "' p.txt; exit 1; fi"}});
  CHECK(iterate(lab, id, "score: 9\n").value("decision", "") == "reverted");
  CHECK(read_text(outside) == "score: 5\n");
  CHECK_FALSE(fs::is_symlink(lab.worktree(id) / "p.txt"));
  CHECK(read_text(lab.worktree(id) / "p.txt") == "score: 5\n");
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
  CHECK(read_text(outside) == "score: 5\n");
}

TEST_CASE("D4 the status reads no file that the id names") {
  laboratory lab;
  fs::create_directories(lab.state);
  write_text(lab.state / "x.json", "{\"status\": \"stolen\"}");
  for (const char* id : {"../x", "x", "./x.json", "../../etc/passwd"}) {
    auto done = lab.call("get_autoresearch_status", {{"session_id", id}});
    CHECK(done.exit_code == 1);
    CHECK(done.out.find("stolen") == std::string::npos);
    CHECK(lab.run({"report", id}).exit_code != 0);
    CHECK(lab.run({"show", id}).exit_code != 0);
  }
}

TEST_CASE("D5 a backend that edits files beyond its targets is refused and all is put back") {
  laboratory lab;
  json backend{{"name", "command"}};
  backend["argv"] = {"sh", "-c", "echo 'score: 9' > p.txt; echo 9 > other.txt; echo 9 > new.txt"};
  auto id = lab.start({{"edit_backend", backend}});
  auto before = picture_of(lab.worktree(id));
  json answer = step(lab, "edit", id);
  CAPTURE(answer.dump());
  CHECK(answer.value("success", true) == false);
  CHECK(answer.value("reason", "").find(".txt") != std::string::npos);
  CHECK(differences(before, picture_of(lab.worktree(id))) == "");
}

TEST_CASE("D6 after a revert nothing of the candidate is left to change the next metric") {
  laboratory lab;
  auto id = lab.start({{"run_command",
                        "cat p.txt; if grep -q 4 p.txt; then mkdir -p build; echo x > build/o; "
                        "echo x > new; echo 9 > other.txt; chmod 777 p.txt; ln -s / l; fi; "
                        "echo extra: $(ls -A | wc -l)"}});
  auto before = picture_of(lab.worktree(id));
  CHECK(iterate(lab, id, worse).value("decision", "") == "reverted");
  CHECK(differences(before, picture_of(lab.worktree(id))) == "");
}

TEST_CASE("D7 D8 the user's changes, staged and not, stay out of the commit and as they were") {
  laboratory lab;
  write_text(lab.repository / "other.txt", "staged\n");
  lab.git("add other.txt");
  write_text(lab.repository / "p.txt", "the user's own\n");
  auto users = lab.users();
  auto id = lab.start();
  CHECK(code_of(lab, "decide", id) == "wrong_step");
  CHECK(iterate(lab, id, worse).value("decision", "") == "reverted");
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
  step(lab, "finalize", id);
  CHECK(differences(users, lab.users()) == "");
  CHECK(lab.git("diff --name-only main " + branch(id)) == "p.txt\n");
  CHECK(lab.git("diff --cached --name-only") == "other.txt\n");
}

TEST_CASE("D9 D10 a commit that fails is no improvement, and its text does not come back") {
  laboratory lab;
  auto id = lab.start();
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
  lab.git("update-ref " + branch(id) + " main");  // somebody else moves the branch
  json answer = iterate(lab, id, still_better);
  CAPTURE(answer.dump());
  CHECK(answer.value("decision", "") == "commit_failed");
  CHECK(answer.value("reason", "").find(id) != std::string::npos);
  CHECK(answer.value("total_improvements", -1) == 1);
  CHECK(answer.value("best_metric", 0.0) == 6.0);
  CHECK(read_text(lab.worktree(id) / "p.txt") == better);
  CHECK(iterate(lab, id, worse).value("decision", "") == "reverted");
  CHECK(read_text(lab.worktree(id) / "p.txt") == better);
}

TEST_CASE("D9 hooks, signing and a missing identity of the user do not stop or run with a commit") {
  laboratory lab;
  lab.git(
      "config --unset user.name && git config --unset user.email && "
      "git config commit.gpgsign true");
  fs::path hook = lab.repository / ".git/hooks/pre-commit";
  fs::create_directories(hook.parent_path());
  write_text(hook, "#!/bin/sh\ntouch '" + (lab.folder.path / "PWNED").string() + "'\nexit 1\n");
  fs::permissions(hook, fs::perms(0755));
  auto id = lab.start();
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
  CHECK(lab.git("rev-list --count main.." + branch(id)) == "1\n");
  CHECK_FALSE(fs::exists(lab.folder.path / "PWNED"));
}

TEST_CASE("D11 a target that git does not track is refused, for it could not be put back") {
  laboratory lab;
  write_text(lab.repository / "u.txt", "score: 5\n");
  auto done = lab.call("autoresearch_setup", lab.setup_arguments({{"target_file", "u.txt"}}));
  CHECK(done.answer().value("code", "") == "invalid_argument");
  CHECK(read_text(lab.repository / "u.txt") == "score: 5\n");
}

TEST_CASE("D12 a user who commits and changes branches meanwhile is not disturbed nor disturbs") {
  laboratory lab;
  auto base = lab.git("rev-parse HEAD");
  auto id = lab.start();
  lab.git("checkout -q -b feature && echo 9 > other.txt && git commit -qam mine");
  auto mine = lab.git("rev-parse HEAD");
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
  CHECK(lab.git("rev-parse HEAD") == mine);
  CHECK(lab.git("symbolic-ref HEAD") == "refs/heads/feature\n");
  CHECK(lab.git("rev-parse " + branch(id) + "~1") == base);
}

TEST_CASE("D13 two sessions on one file do not overwrite nor revert each other") {
  laboratory lab;
  auto a = lab.start(), b = lab.start();
  lab.edit_to(a, better);
  lab.edit_to(b, still_better);
  CHECK(step(lab, "run", a).value("metric_value", 0.0) == 6.0);
  CHECK(step(lab, "run", b).value("metric_value", 0.0) == 7.0);
  CHECK(step(lab, "decide", b).value("decision", "") == "kept");
  CHECK(step(lab, "decide", a).value("decision", "") == "kept");
  CHECK(lab.git("show " + branch(a) + ":p.txt") == better);
  CHECK(lab.git("show " + branch(b) + ":p.txt") == still_better);
}

TEST_CASE("D13 a second session in place in one repository is refused") {
  laboratory lab;
  json in_place{{"workspace", "in_place"}};
  auto a = lab.start(in_place);
  auto second = lab.call("autoresearch_setup", lab.setup_arguments(in_place));
  CAPTURE(second.out);
  CHECK(second.exit_code == 1);
  CHECK(iterate(lab, a, better).value("decision", "") == "kept");
  CHECK(read_text(lab.repository / "p.txt") == better);
  step(lab, "finalize", a);
  CHECK(lab.call("autoresearch_setup", lab.setup_arguments(in_place)).exit_code == 0);
}

TEST_CASE(
    "D7 D17 in place, what the user writes into the target meanwhile is neither measured nor "
    "lost") {
  laboratory lab;
  const std::string mine = "score: 99 # mine\n";
  auto id = lab.start({{"workspace", "in_place"}});
  lab.edit_to(id, better);
  write_text(lab.repository / "p.txt", mine);
  auto ran = lab.call("autoresearch_run", {{"session_id", id}});
  CAPTURE(ran.out);
  CHECK(ran.answer().value("metric_value", json()) != json(99.0));
  CHECK(read_text(lab.repository / "p.txt") == mine);
}

TEST_CASE("D7 in place, what the user writes into the target between two iterations is not lost") {
  laboratory lab;
  auto id = lab.start({{"workspace", "in_place"}});
  CHECK(iterate(lab, id, better).value("decision", "") == "kept");
  write_text(lab.repository / "p.txt", better + "# mine\n");
  auto edited = lab.call("autoresearch_edit", {{"session_id", id}, {"content", still_better}});
  CAPTURE(edited.out);
  CHECK(edited.answer().value("success", false) == false);
  CHECK(read_text(lab.repository / "p.txt") == better + "# mine\n");
}

TEST_CASE("D17 what is measured and kept is the edit, whatever came into the work tree meanwhile") {
  laboratory lab;
  auto id = lab.start();
  lab.edit_to(id, better);
  write_text(lab.worktree(id) / "p.txt", "score: 99\n");
  auto ran = lab.call("autoresearch_run", {{"session_id", id}}).answer();
  CAPTURE(ran.dump());
  CHECK(ran.value("metric_value", json()) != json(99.0));
}

TEST_CASE("D14 an edit whose process dies is in no file of the user's") {
  laboratory lab;
  auto users = lab.users();
  auto id = lab.start();
  process p(lab.command({"call", "autoresearch_edit",
                         json{{"session_id", id}, {"content", better}}.dump()}),
            lab.folder.path);
  p.send(SIGKILL);
  p.end();
  CHECK(differences(users, lab.users()) == "");
  if (lab.status(id).value("step", "") == "autoresearch_edit") lab.edit_to(id, better);
  CHECK(step(lab, "run", id).value("metric_value", 0.0) == 6.0);
}
