// SPDX-License-Identifier: MIT
//
// Whatever a candidate does to the work tree, restore() leaves it exactly as the tree says, and
// nothing outside it is touched.
#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/hostile_mutations.hpp"
#include "tests/support/long_tests.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

TEST_CASE("a restored work tree is exactly the recorded tree, after every hostile mutation") {
  temp_repository repo;
  fs::create_directories(repo.root / "venv");
  write_text(repo.root / "venv" / "lib", "shared\n");
  auto settings = repo.settings();
  settings.shared_paths = {"venv", "data/raw"};
  fs::create_directories(repo.root / "data" / "raw");
  write_text(repo.root / "data" / "raw" / "x", "1\n");
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s1", settings));
  fs::path work = info.directory;
  auto whole = picture_of(work);
  CHECK(whole.at("venv").find((repo.root / "venv").string()) != std::string::npos);
  auto user = picture_of(repo.root);
  auto outside = picture_of(repo.outside);

  for (const auto& m : hostile_mutations()) {
    CAPTURE(m.name);
    m.apply(work, repo);
    must(port->restore("s1", info.base_tree));
    CHECK(differences(whole, picture_of(work)) == "");
    CHECK(differences(outside, picture_of(repo.outside)) == "");
    CHECK_FALSE(fs::exists(work.parent_path() / "fsmonitor-ran"));
    CHECK_FALSE(fs::exists(work.parent_path() / "hook-ran"));
  }
  CHECK(differences(user, picture_of(repo.root)) == "");
  fs::path linked = repo.folder.path / "outside.py";
  CHECK(read_text(linked) == read_text(repo.root / "train.py"));
}

TEST_CASE("a large work tree, looked at by several threads, is restored as exactly") {
  temp_repository repo;
  shell(repo.root,
        "for d in $(seq 60); do mkdir -p many/d$d/e && for f in $(seq 100); do "
        "echo $d $f > many/d$d/f$f; done; echo $d > many/d$d/e/f; done && git add -A && "
        "git -c user.name=x -c user.email=x commit -qm many");
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s1", repo.settings()));
  fs::path work = info.directory;
  must(port->restore("s1", info.base_tree));  // from here on what is known can be vouched for
  auto whole = picture_of(work);
  auto outside = picture_of(repo.outside);
  // The same mutations as of a small tree, where all of them are made.
  std::vector<hostile_mutation> all;
  for (std::size_t i = 0; const auto& m : hostile_mutations())
    if (long_tests() || i++ % 8 == 0) all.push_back(m);
  for (const char* script :
       {"echo x >> many/d3/f7",
        "cp -p many/d3/f7 t && echo 'x 7' > many/d3/f7 && touch -r t "
        "many/d3/f7 && rm t",
        "echo x > many/d4/new", "rm many/d5/f5", "rm -r many/d6", "chmod 700 many/d7",
        "rm -r many/d8 && ln -s ../../../../outside many/d8", "chmod 000 many/d9",
        "mv many/d10 many/d11/d10", "mv many/d12 t && mv many/d13 many/d12 && mv t many/d13",
        "echo x > many/d14/e/f", "rm -r many/d15/e && echo x > many/d15/e",
        "ln -f many/d16/f1 many/d16/f2", "rm -r many",
        "mkdir many/d17/e/g && echo x > many/d17/e/g/h"})
    all.push_back(sh(script, script));
  for (const auto& m : all) {
    CAPTURE(m.name);
    m.apply(work, repo);
    must(port->restore("s1", info.base_tree));
    must(port->restore("s1", info.base_tree));
    CHECK(differences(whole, picture_of(work)) == "");
  }
  CHECK(differences(outside, picture_of(repo.outside)) == "");
}

TEST_CASE("a planted shared link is put back to where Ratchet made it point") {
  temp_repository repo;
  fs::create_directories(repo.root / "venv");
  auto settings = repo.settings();
  settings.shared_paths = {"venv"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s1", settings));
  fs::path link = fs::path(info.directory) / "venv";
  fs::remove(link);
  fs::create_symlink(repo.outside, link);
  must(port->restore("s1", info.base_commit));
  CHECK(fs::read_symlink(link) == repo.root / "venv");
  fs::remove(link);
  fs::create_directories(link / "own");
  must(port->restore("s1", info.base_commit));
  CHECK(fs::read_symlink(link) == repo.root / "venv");
}

TEST_CASE("a work tree that is gone, or a link itself, is rebuilt and nothing is followed") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s1", repo.settings()));
  auto whole = picture_of(info.directory);
  auto outside = picture_of(repo.outside);
  fs::remove_all(info.directory);
  must(port->restore("s1", info.base_tree));
  CHECK(differences(whole, picture_of(info.directory)) == "");
  fs::remove_all(info.directory);
  fs::create_symlink(repo.outside, info.directory);
  failed_with(errc::workspace_failed, port->targets("s1"));
  must(port->restore("s1", info.base_tree));
  CHECK(fs::is_directory(fs::symlink_status(info.directory)));
  CHECK(differences(whole, picture_of(info.directory)) == "");
  CHECK(differences(outside, picture_of(repo.outside)) == "");
}

TEST_CASE("a stale, damaged or absent stat cache hides no change") {
  temp_repository repo;
  auto info = must(must(open_workspaces(repo.state))->create("s1", repo.settings()));
  fs::path work = info.directory;
  fs::path cache = work.parent_path() / "stat_cache";
  auto whole = picture_of(work);
  std::string good = read_text(cache);
  REQUIRE(good.size() > 100);
  std::string flipped = good;
  flipped[flipped.size() / 2] ^= 1;
  for (const std::string& bytes : {good, flipped, good.substr(0, good.size() / 2), std::string(),
                                   std::string("RSC1garbage and more of it, quite long")}) {
    write_text(cache, bytes);
    same_size_and_time(work, repo);
    write_text(work / "eval.py", "CHECK()\n");
    must(must(open_workspaces(repo.state))->restore("s1", info.base_tree));
    CHECK(differences(whole, picture_of(work)) == "");
  }
}

TEST_CASE("a change in the same clock tick as our own write is seen") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s1", repo.settings()));
  fs::path work = info.directory;
  auto whole = picture_of(work);
  for (int i = 0; i < 60; ++i) {
    write_text(work / "train.py", "lr = 0.9\nprint('score: 1')\n");
    must(port->restore("s1", info.base_tree));
    same_size_and_time(work, repo);  // at once after the restore wrote the file
    must(port->restore("s1", info.base_tree));
    REQUIRE(differences(whole, picture_of(work)) == "");
  }
}

TEST_CASE("protected files are told apart and put back without touching the candidate's edit") {
  temp_repository repo;
  auto settings = repo.settings();
  settings.protected_paths = {"eval.py", "src/deep/", "conftest.py", "tests/hidden.py"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s1", settings));
  fs::path work = info.directory;
  CHECK(must(port->changed_protected("s1")).empty());
  must(port->apply("s1", info.base_commit, {{"train.py", "lr = 0.2\n"}}));

  write_text(work / "eval.py", "cheat()\n");
  write_text(work / "conftest.py", "cheat()\n");
  fs::create_directories(work / "tests");
  write_text(work / "tests" / "hidden.py", "cheat()\n");
  write_text(work / "src" / "deep" / "new", "x");
  auto changed = must(port->changed_protected("s1"));
  CHECK(changed ==
        std::vector<std::string>{"conftest.py", "eval.py", "src/deep/new", "tests/hidden.py"});
  must(port->restore_protected("s1"));
  CHECK(must(port->changed_protected("s1")).empty());
  CHECK(read_text(work / "eval.py") == "check()\n");
  CHECK_FALSE(fs::exists(work / "conftest.py"));
  CHECK_FALSE(fs::exists(work / "tests" / "hidden.py"));
  CHECK(read_text(work / "train.py") == "lr = 0.2\n");

  shell(work, "rm -r src && ln -s ../../../../outside src");
  CHECK(must(port->changed_protected("s1")) == std::vector<std::string>{"src/deep"});
  must(port->restore_protected("s1"));
  CHECK(read_text(work / "src" / "deep" / "er" / "data.txt") == "data\n");
  CHECK(picture_of(repo.outside).size() == 1);
  CHECK(read_text(work / "train.py") == "lr = 0.2\n");
}

TEST_CASE("submodules are empty folders, and what is put into one is removed") {
  temp_repository repo;
  repo.git(
      "update-index --add --cacheinfo 160000,$(git rev-parse HEAD),lib/sub && "
      "git commit -qm sub");
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s1", repo.settings()));
  fs::path sub = fs::path(info.directory) / "lib" / "sub";
  CHECK(fs::is_empty(sub));
  write_text(sub / "x", "x");
  must(port->restore("s1", info.base_tree));
  CHECK(fs::is_empty(sub));
}
