// SPDX-License-Identifier: MIT
//
// Extra work trees of one session, for candidates that run side by side.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

TEST_CASE("candidates in extra work trees are committed and published by the session") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto settings = repo.settings();
  auto own = must(port->create("s", settings));
  std::vector<std::string> trees(4);
  std::vector<std::jthread> threads;
  for (int lane = 1; lane <= 4; ++lane)
    threads.emplace_back([&, lane] {
      work_tree_id id{"s", lane};
      if (!port->create(id, settings)) return;
      for (int i = 0; i < 5; ++i) {
        auto edit = port->apply(id, own.base_commit,
                                {{"train.py", "lane " + std::to_string(lane * 10 + i) + "\n"}});
        if (!edit || !port->restore(id, own.base_tree) || !port->restore(id, edit->tree)) return;
        trees[lane - 1] = edit->tree;
      }
    });
  threads.clear();
  for (int lane = 1; lane <= 4; ++lane) {
    auto info = must(port->info({"s", lane}));
    CHECK(info.base_commit == own.base_commit);
    CHECK(info.branch == own.branch);
    CHECK(info.directory != own.directory);
    CHECK(read_text(fs::path(info.directory) / "train.py") ==
          "lane " + std::to_string(lane * 10 + 4) + "\n");
  }
  CHECK(must(port->targets("s")).at("train.py") == "lr = 0.1\nprint('score: 1')\n");

  auto commit = must(port->commit("s", trees[2], own.base_commit, "kept\n", 1700000000000));
  must(port->publish("s", commit, own.base_commit));
  must(port->restore("s", commit));
  CHECK(repo.git("show ratchet/s:train.py") == "lane 34\n");
  // What the session keeps, every lane can start from; what one lane wrote, another can restore.
  must(port->restore(work_tree_id{"s", 1}, commit));
  must(port->restore(work_tree_id{"s", 4}, trees[0]));
  CHECK(must(port->targets(work_tree_id{"s", 1})).at("train.py") == "lane 34\n");
  CHECK(must(port->targets(work_tree_id{"s", 4})).at("train.py") == "lane 14\n");
  auto next = must(port->draft(work_tree_id{"s", 2}, commit, {{"train.py", "next\n"}})).tree;
  auto second = must(port->commit(work_tree_id{"s", 2}, next, commit, "again\n", 1700000001000));
  must(port->publish("s", second, commit));
  repo.git("fsck --strict");
}

TEST_CASE(
    "an extra work tree has its own setup products and the session's rules and shared paths") {
  temp_repository repo;
  fs::create_directory(repo.root / "build");
  write_text(repo.root / "build" / "data", "shared\n");
  auto settings = repo.settings();
  settings.shared_paths = {"build"};
  settings.protected_paths = {"eval.py"};
  auto port = must(open_workspaces(repo.state));
  auto own = must(port->create("s", settings));
  fs::path work = must(port->create(work_tree_id{"s", 2}, settings)).directory;
  CHECK(read_text(work / "build" / "data") == "shared\n");
  write_text(work / "made-by-setup", work);
  must(port->keep_setup(work_tree_id{"s", 2}));
  auto whole = picture_of(work);

  write_text(work / "eval.py", "cheat()\n");
  CHECK(must(port->changed_protected(work_tree_id{"s", 2})) == std::vector<std::string>{"eval.py"});
  must(port->restore_protected(work_tree_id{"s", 2}));
  failed_with(errc::edit_refused,
              port->apply(work_tree_id{"s", 2}, own.base_commit, {{"eval.py", "x"}}));
  fs::remove_all(work);
  must(must(open_workspaces(repo.state))
           ->restore(work_tree_id{"s", 2}, own.base_tree));  // another process
  must(port->restore(work_tree_id{"s", 2}, own.base_tree));
  CHECK(differences(whole, picture_of(work)) == "");
  must(port->restore("s", own.base_tree));
  CHECK_FALSE(fs::exists(fs::path(own.directory) / "made-by-setup"));

  write_text(work / "train.py", "adopted\n");
  write_text(work / "a.log", "ignored by the repository's own rules\n");
  auto adopted = must(port->adopt(work_tree_id{"s", 2}, own.base_commit));
  CHECK(adopted.files_changed == std::vector<std::string>{"train.py"});
  CHECK(must(port->read_file(work_tree_id{"s", 2}, "made-by-setup", 4096)) == work.string());
}

TEST_CASE("an extra work tree begins anew when it is created again, and goes with its session") {
  temp_repository repo;
  auto before = git_state(repo.root);
  auto port = must(open_workspaces(repo.state));
  must(port->create("s", repo.settings()));
  fs::path work = must(port->create(work_tree_id{"s", 1}, repo.settings())).directory;
  write_text(work / "made-by-setup", "x");
  must(port->keep_setup(work_tree_id{"s", 1}));
  must(port->create(work_tree_id{"s", 1}, repo.settings()));
  CHECK_FALSE(fs::exists(work / "made-by-setup"));
  must(port->create(work_tree_id{"s", 12}, repo.settings()));
  must(port->remove(work_tree_id{"s", 1}));
  must(port->remove(work_tree_id{"s", 1}));
  must(port->remove(work_tree_id{"absent", 1}));
  failed_with(errc::unknown_session, port->info(work_tree_id{"s", 1}));
  must(port->info(work_tree_id{"s", 12}));
  must(port->info("s"));
  CHECK(must(port->unfinished()).empty());
  must(port->remove("s"));
  failed_with(errc::unknown_session, port->info(work_tree_id{"s", 12}));
  CHECK(fs::is_empty(repo.state / "sessions"));
  CHECK(differences(before, git_state(repo.root)) == "");
}

TEST_CASE("what only a session may do, and ids of no lane, are refused") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  failed_with(errc::unknown_session, port->create(work_tree_id{"s", 1}, repo.settings()));
  auto own = must(port->create("s", repo.settings()));
  must(port->create(work_tree_id{"s", 1}, repo.settings()));
  auto tree = must(port->draft(work_tree_id{"s", 1}, own.base_commit, {{"train.py", "x\n"}})).tree;
  auto commit = must(port->commit(work_tree_id{"s", 1}, tree, own.base_commit, "m", 1));
  failed_with(errc::invalid_argument, port->publish("s@1", commit, own.base_commit));
  for (const auto& id : {work_tree_id{"s", -1}, work_tree_id{"s", 10000}, work_tree_id{"s@1"},
                         work_tree_id{"", 1}, work_tree_id{"../s", 1}})
    failed_with(errc::invalid_argument, port->create(id, repo.settings()));
  auto in_place = repo.settings();
  in_place.workspace = workspace_kind::in_place;
  must(port->create("p", in_place));
  failed_with(errc::repository_refused, port->create(work_tree_id{"p", 1}, in_place));
}

TEST_CASE("kill -9 while an extra work tree is made or removed costs only that work tree") {
  unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  temp_repository repo;
  auto before = git_state(repo.root);
  auto port = must(open_workspaces(repo.state));
  auto own = must(port->create("s", repo.settings()));
  int half = 0;
  for (int kills = 0; kills < 20; ++kills) {
    pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto fresh = open_workspaces(repo.state);
      while (fresh && (*fresh)->create(work_tree_id{"s", 1}, repo.settings()) &&
             (*fresh)->remove(work_tree_id{"s", 1})) {
      }
      ::_exit(1);
    }
    ::usleep(std::uniform_int_distribution<unsigned>(0, 20'000)(random));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    half += !port->info(work_tree_id{"s", 1}) && fs::exists(repo.state / "sessions/s/lanes/1");
    if (kills % 2) {
      must(port->create(work_tree_id{"s", 1}, repo.settings()));
      must(port->restore(work_tree_id{"s", 1}, own.base_tree));
    }
    must(port->restore("s", own.base_tree));
  }
  CHECK(half > 0);
  CHECK(must(port->unfinished()).empty());
  must(port->remove("s"));
  CHECK(fs::is_empty(repo.state / "sessions"));
  CHECK(differences(before, git_state(repo.root)) == "");
}

namespace {

/// A session on two files of ten lines each, and candidates of it.
struct two_files {
  temp_repository repo;
  std::shared_ptr<workspace_port> port;
  workspace_info info;

  two_files() {
    std::string lines;
    for (int i = 1; i <= 10; ++i) lines += "line " + std::to_string(i) + "\n";
    write_text(repo.root / "train.py", lines);
    write_text(repo.root / "other.py", lines);
    repo.git("add -A");
    repo.git("commit -qm lines");
    port = must(open_workspaces(repo.state));
    auto settings = repo.settings();
    settings.target_files = {"train.py", "other.py"};
    info = must(port->create("s", settings));
  }
  std::string with_line(const std::string& file, int line, const std::string& text) {
    std::string lines;
    for (int i = 1; i <= 10; ++i) lines += (i == line ? text : "line " + std::to_string(i)) + "\n";
    return must(port->draft("s", info.base_commit, {{file, lines}})).tree;
  }
  std::string kept(const std::string& tree) {
    auto commit = must(port->commit("s", tree, info.base_commit, "kept\n", 1700000000000));
    must(port->publish("s", commit, info.base_commit));
    must(port->restore("s", commit));
    return commit;
  }
};

}  // namespace

TEST_CASE("a candidate goes upon what was kept meanwhile, in other files and in the same") {
  two_files s;
  auto commit = s.kept(s.with_line("train.py", 2, "two"));
  auto elsewhere = must(
      s.port->rebase("s", s.with_line("other.py", 2, "two"), s.info.base_commit, commit, false));
  CHECK(elsewhere.files_changed == std::vector<std::string>{"other.py"});
  CHECK(elsewhere.diff.find("train.py") == std::string::npos);
  auto apart = must(
      s.port->rebase("s", s.with_line("train.py", 9, "nine"), s.info.base_commit, commit, false));
  must(s.port->restore("s", apart.tree));
  const auto text = must(s.port->targets("s")).at("train.py");
  CHECK(text.find("line 1\ntwo\nline 3\n") == 0);
  CHECK(text.find("nine\nline 10\n") != std::string::npos);
  auto next = must(s.port->commit("s", apart.tree, commit, "both\n", 1700000001000));
  must(s.port->publish("s", next, commit));
  s.repo.git("fsck --strict");
}

TEST_CASE("changes of the same lines are not mixed, and what is there already is told") {
  two_files s;
  auto commit = s.kept(s.with_line("train.py", 2, "two"));
  auto same_lines =
      s.port->rebase("s", s.with_line("train.py", 2, "zwei"), s.info.base_commit, commit, false);
  REQUIRE(!same_lines);
  CHECK(same_lines.error().code == errc::edit_refused);
  CHECK(same_lines.error().text ==
        "it changes the same lines of train.py as what was kept meanwhile");
  auto wins = must(
      s.port->rebase("s", s.with_line("train.py", 2, "zwei"), s.info.base_commit, commit, true));
  CHECK(wins.diff.find("-two") != std::string::npos);
  CHECK(wins.diff.find("+zwei") != std::string::npos);
  auto nothing =
      s.port->rebase("s", s.with_line("train.py", 2, "two"), s.info.base_commit, commit, false);
  REQUIRE(!nothing);
  CHECK(nothing.error().text == "what was kept meanwhile has all of its change already");
  CHECK(must(s.port->targets("s")).at("train.py").find("two") != std::string::npos);
}
