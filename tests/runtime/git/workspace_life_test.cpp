// SPDX-License-Identifier: MIT
//
// Workspaces over their life: other processes, many sessions, what setup and runs leave in them.
#include <unistd.h>

#include <atomic>
#include <thread>

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

TEST_CASE("another process continues where one was killed") {
  temp_repository repo;
  std::string kept;
  workspace_info info;
  {
    auto port = must(open_workspaces(repo.state));
    info = must(port->create("s", repo.settings()));
    kept = keep_edit(*port, "s", info.base_commit, "a\n");
    must(port->apply("s", kept, {{"train.py", "half done\n"}}));
    auto second = must(open_workspaces(repo.state));  // while the first is still there
    CHECK(must(second->targets("s")).at("train.py") == "half done\n");
    must(second->restore("s", kept));
  }
  fs::path session = repo.state / "sessions" / "s";
  write_text(session / "git" / "refs" / "heads" / "ratchet" / "s.lock", "");
  write_text(session / "work" / ".ratchet-1-2-3", "half a file");
  fs::create_directories(session / "work.new" / "src");
  auto port = must(open_workspaces(repo.state));
  auto again = must(port->info("s"));
  CHECK(again.base_commit == info.base_commit);
  CHECK(again.directory == info.directory);
  must(port->restore("s", kept));
  CHECK_FALSE(fs::exists(session / "work" / ".ratchet-1-2-3"));
  CHECK_FALSE(fs::exists(session / "work.new"));
  CHECK(must(port->targets("s")).at("train.py") == "a\n");
  keep_edit(*port, "s", kept, "b\n");
  // Kept work is not made anew by accident; a half-made workspace is.
  failed_with(errc::workspace_failed, port->create("s", repo.settings()));
  fs::remove(session / "workspace.json");
  failed_with(errc::unknown_session, port->info("s"));
  must(port->create("s", repo.settings()));
  CHECK(must(port->targets("s")).at("train.py") == "lr = 0.1\nprint('score: 1')\n");
}

TEST_CASE("the base survives the user's history being rewritten and collected") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  repo.git(
      "checkout -q --orphan fresh && git rm -rqf . && git commit -q --allow-empty -m new && "
      "git branch -D main && git reflog expire --expire=now --all && git gc -q --prune=now");
  must(port->restore("s", info.base_tree));
  fs::remove_all(info.directory);
  must(must(open_workspaces(repo.state))->restore("s", info.base_tree));
  keep_edit(*port, "s", info.base_commit, "x\n");
}

TEST_CASE("more sessions than handles are kept open all work") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  std::string base;
  for (int i = 0; i < 66; ++i)
    base = must(port->create("s" + std::to_string(i), repo.settings())).base_commit;
  for (int i = 0; i < 66; ++i) must(port->restore("s" + std::to_string(i), base));
}

TEST_CASE("what a setup command left is put back by every later restore, targets excepted") {
  temp_repository repo;
  auto settings = repo.settings();
  settings.protected_paths = {"eval.py", "data"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", settings));
  fs::path work = info.directory;
  shell(work,
        "mkdir -p venv/bin out data src/gen && echo py > venv/bin/python && "
        "chmod 755 venv/bin/python && ln -s bin/python venv/py && echo g > src/gen/g.txt && "
        "git init -q dep && echo d > data/d && echo lock >> README && mkfifo pipe && "
        "echo t >> train.py && echo e >> eval.py && git init -q .");
  must(port->keep_setup("s"));
  must(port->restore("s", info.base_tree));
  auto whole = picture_of(work);
  CHECK(read_text(work / "venv" / "bin" / "python") == "py\n");
  CHECK(read_text(work / "README") == "upper\nlock\n");
  CHECK(fs::is_empty(work / "out"));
  CHECK(fs::exists(work / "dep" / ".git" / "HEAD"));
  CHECK(fs::is_regular_file(fs::symlink_status(work / ".git")));
  CHECK_FALSE(fs::exists(work / "pipe"));
  CHECK(must(port->targets("s")).at("train.py") == "lr = 0.1\nprint('score: 1')\n");
  CHECK(read_text(work / "eval.py") == "check()\n");
  CHECK(must(port->changed_protected("s")).empty());

  shell(work,
        "rm -r venv dep && echo x > src/gen/g.txt && touch out/x data/x && rmdir src/none || "
        "echo x > data/d");
  CHECK(must(port->changed_protected("s")) == std::vector<std::string>{"data/d", "data/x"});
  auto again = must(open_workspaces(repo.state));
  must(again->restore("s", info.base_commit));
  CHECK(differences(whole, picture_of(work)) == "");
  fs::remove_all(work);
  must(again->restore("s", info.base_commit));
  CHECK(differences(whole, picture_of(work)) == "");
  auto edit = must(again->apply("s", info.base_commit, {{"train.py", "x\n"}}));
  CHECK(edit.files_changed == std::vector<std::string>{"train.py"});
}

TEST_CASE("a file that a run left is read through no link and not beyond the limit") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  write_text(work / "metrics.json", "{}");
  CHECK(must(port->read_file("s", "metrics.json", 2)) == "{}");
  failed_with(errc::workspace_failed, port->read_file("s", "metrics.json", 1));
  CHECK(must(port->read_file("s", "away/secret.txt", 100)) == std::nullopt);
  CHECK(must(port->read_file("s", "link", 100)) == std::nullopt);
  CHECK(must(port->read_file("s", "src", 100)) == std::nullopt);
  CHECK(must(port->read_file("s", "absent/x", 100)) == std::nullopt);
  failed_with(errc::invalid_argument, port->read_file("s", "../git/config", 100));
}

TEST_CASE("sessions of one repository work beside each other in several threads") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  std::atomic<int> kept{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::string id = "t" + std::to_string(t);
      auto info = port->create(id, repo.settings());
      if (!info) return;
      std::string parent = info->base_commit;
      for (int i = 0; i < 5; ++i) {
        auto edit = port->apply(id, parent, {{"train.py", id + std::to_string(i) + "\n"}});
        if (!edit) return;
        auto commit = port->commit(id, edit->tree, parent, "m", i);
        if (!commit || !port->publish(id, *commit, parent) || !port->restore(id, *commit)) return;
        parent = *commit;
        ++kept;
      }
      if (t % 2 && !port->remove(id)) kept = 0;
    });
  for (auto& t : threads) t.join();
  CHECK(kept == 20);
  CHECK(repo.git("show ratchet/t3:train.py") == "t34\n");
  repo.git("fsck --strict");
}

TEST_CASE("the next session of a repository takes up the work tree that the last one left") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto settings = repo.settings();
  const fs::path work = must(port->create("one", settings)).directory;
  struct stat before {};
  REQUIRE(::stat((work / "eval.py").c_str(), &before) == 0);
  write_text(work / "eval.py", "cheat()\n");
  write_text(work / "left", "by a run\n");
  fs::create_directory(work / "folder");
  write_text(work / "folder" / "left", "too\n");
  must(port->remove("one"));
  CHECK(fs::is_empty(repo.state / "sessions"));
  const auto info = must(port->create("two", settings));
  const fs::path again = info.directory;
  struct stat now {};
  REQUIRE(::stat((again / "eval.py").c_str(), &now) == 0);
  CHECK(now.st_ino == before.st_ino);
  CHECK(read_text(again / "eval.py") == repo.git("show HEAD:eval.py"));
  CHECK(!fs::exists(again / "left"));
  CHECK(!fs::exists(again / "folder"));
  CHECK(must(port->targets_are("two", info.base_commit)));
  CHECK(fs::is_empty(repo.state / "trees" / fs::directory_iterator(repo.state / "trees")->path()));
}

TEST_CASE("a work tree that was left is another repository's never, and its newer code's always") {
  temp_repository repo, other;
  auto port = must(open_workspaces(repo.state));
  must(port->create("one", repo.settings()));
  must(port->remove("one"));
  auto theirs = must(port->create("other", other.settings()));
  CHECK(std::distance(fs::directory_iterator(repo.state / "trees"), fs::directory_iterator()) == 1);
  write_text(repo.root / "train.py", "lr = 7\nprint('score: 1')\n");
  repo.git("commit -qam newer");
  auto info = must(port->create("two", repo.settings()));
  CHECK(read_text(fs::path(info.directory) / "train.py") == "lr = 7\nprint('score: 1')\n");
}

TEST_CASE("what was done to a work tree that was left is not believed") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  must(port->create("one", repo.settings()));
  must(port->remove("one"));
  for (const auto& entry : fs::recursive_directory_iterator(repo.state / "trees"))
    if (entry.path().filename() == "eval.py") {
      write_text(entry.path(), "cheat()\n");
      fs::permissions(entry.path(), fs::perms::owner_all);
      fs::create_directory_symlink("/etc", entry.path().parent_path() / "etc");
    }
  const fs::path work = must(port->create("two", repo.settings())).directory;
  CHECK(read_text(work / "eval.py") == repo.git("show HEAD:eval.py"));
  CHECK(!fs::exists(fs::symlink_status(work / "etc")));
}

TEST_CASE("a file that a run has made enormous is not read to put it back") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  const fs::path file = fs::path(info.directory) / "eval.py";
  fs::resize_file(file, std::uintmax_t{1} << 40);  // sparse; as memory it would not fit
  must(port->restore("s", info.base_commit));
  CHECK(read_text(file) == repo.git("show HEAD:eval.py"));
  fs::resize_file(file, std::uintmax_t{1} << 40);
  must(port->remove("s"));
}
