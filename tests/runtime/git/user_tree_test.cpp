// SPDX-License-Identifier: MIT
//
// What the user's tree has and the work tree has not: named with its remedy, or taken along.
#include "runtime/git/user_tree.hpp"

#include <cstdlib>

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

/// A submodule `dep` that is filled, with a folder, a link and a program in it.
void add_submodule(temp_repository& repo) {
  shell(repo.folder.path,
        "git init -q -b main made && cd made && mkdir -p in/side && echo dep > in/side/f && "
        "printf '#!/bin/sh\\n' > tool && chmod +x tool && ln -s in/side/f link && git add -A && "
        "git -c user.name=x -c user.email=x commit -qm dep");
  repo.git("-c protocol.file.allow=always submodule --quiet add ../made dep && git commit -qm dep");
}

/// `model.bin` is upper case in the user's tree and lower case in git, as Git LFS has a pointer.
void add_filter(temp_repository& repo) {
  repo.git(
      "config filter.case.clean 'tr A-Z a-z' && git config filter.case.smudge 'tr a-z A-Z' && "
      "echo 'model.bin filter=case' > .gitattributes && echo HELLO > model.bin && git add -A && "
      "git commit -qm filter");
  REQUIRE(repo.git("show HEAD:model.bin") == "hello\n");
}

bool mentions(const std::vector<std::string>& sentences, const std::string& what) {
  for (const auto& sentence : sentences)
    if (sentence.find(what) != std::string::npos) return true;
  return false;
}

/// Those that are set here may be the test's own surroundings.
std::vector<std::string> without_variables(std::vector<std::string> sentences) {
  std::erase_if(sentences, [](const auto& s) { return s.find("environment") != s.npos; });
  return sentences;
}

}  // namespace

TEST_CASE("an empty submodule and a file as git stores it are named, with what to do") {
  temp_repository repo;
  add_submodule(repo);
  add_filter(repo);
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  auto missing = without_variables(info.missing);
  REQUIRE(missing.size() == 2);
  CHECK(missing[0] ==
        "the submodule \"dep\" is empty here and filled in your tree; take what your tree has "
        "along with \"as_checked_out\": true (--as-checked-out), or link to it with "
        "\"shared_paths\" (--share dep)");
  CHECK(missing[1].starts_with("\"model.bin\" is here as git stores it, not as its filter"));
  CHECK(read_text(fs::path(info.directory) / "model.bin") == "hello\n");

  SUBCASE("not when the submodule is shared") {
    auto settings = repo.settings();
    settings.shared_paths = {"dep"};
    auto shared = must(port->create("t", settings));
    CHECK_FALSE(mentions(shared.missing, "dep"));
    CHECK(shell(shared.directory, "git status --porcelain") == "");
  }
  SUBCASE("not when both are no different in the user's tree") {
    repo.git("submodule --quiet deinit -f dep && printf 'hello\\n' > model.bin");
    CHECK(without_variables(must(port->create("t", repo.settings())).missing).empty());
  }
  SUBCASE("not in place") {
    auto settings = repo.settings();
    settings.workspace = workspace_kind::in_place;
    CHECK(without_variables(must(port->create("t", settings)).missing).empty());
  }
}

TEST_CASE("what is checked out is taken along, restored, and in every lane") {
  temp_repository repo;
  add_submodule(repo);
  add_filter(repo);
  auto user = picture_of(repo.root, {".git"});
  auto settings = repo.settings();
  settings.as_checked_out = true;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", settings));
  fs::path work = info.directory;
  CHECK(without_variables(info.missing).empty());
  auto wanted = picture_of(repo.root, {".git", "dep/.git"});
  CHECK(differences(wanted, picture_of(work, {".git", "dep/.git"})) == "");
  CHECK(read_text(work / "dep" / "in" / "side" / "f") == "dep\n");
  CHECK(read_text(work / "model.bin") == "HELLO\n");
  CHECK(shell(work, "git status --porcelain") == "");
  CHECK(shell(work, "git describe --always --dirty").find("dirty") == std::string::npos);

  shell(work, "rm -r dep && echo x > dep && echo other > model.bin");
  must(port->restore("s", info.base_tree));
  CHECK(differences(wanted, picture_of(work, {".git", "dep/.git"})) == "");
  shell(work, "rm dep/tool && echo y >> dep/in/side/f && git init -q dep");
  must(must(open_workspaces(repo.state))->restore("s", info.base_tree));
  CHECK(differences(wanted, picture_of(work, {".git", "dep/.git"})) == "");

  auto lane = must(port->create(work_tree_id{"s", 3}, settings));
  CHECK(differences(wanted, picture_of(lane.directory, {".git", "dep/.git"})) == "");
  auto commit = keep_edit(*port, "s", info.base_commit, "lr = 0.5\n");
  must(port->restore(work_tree_id{"s", 3}, commit));
  CHECK(read_text(fs::path(lane.directory) / "model.bin") == "HELLO\n");
  CHECK(repo.git("show ratchet/s --stat --format=").find("train.py") != std::string::npos);
  CHECK(repo.git("show ratchet/s --stat --format=").find("model.bin") == std::string::npos);
  CHECK(differences(user, picture_of(repo.root, {".git"})) == "");

  // setup_command has the last word.
  shell(work, "echo set > model.bin && echo new > dep/made && rm dep/link");
  must(port->keep_setup("s"));
  must(port->restore("s", info.base_tree));
  CHECK(read_text(work / "model.bin") == "set\n");
  CHECK(read_text(work / "dep" / "made") == "new\n");
}

TEST_CASE("git answers in a submodule that is taken along, and of it, as in the user's tree") {
  temp_repository repo;
  add_submodule(repo);
  shell(repo.root / "dep",
        "git config user.name x && git config user.email x@y && git tag -a v0.3 -m x && "
        "git commit -q --allow-empty -m more");
  auto settings = repo.settings();
  settings.as_checked_out = true;
  auto port = must(open_workspaces(repo.state));
  const std::string asked =
      "git submodule status; git -C dep describe --dirty; git -C dep status --porcelain; git -C "
      "dep rev-list --count HEAD; cd dep/in && git rev-parse HEAD --abbrev-ref HEAD --show-prefix";
  const std::string said = shell(repo.root, asked);
  CHECK(said.starts_with("+"));  // ahead of what is committed
  CHECK(said.find(" dep (v0.3-1-g") != std::string::npos);
  auto info = must(port->create("s", settings));
  CHECK(shell(info.directory, asked) == said);
  CHECK(shell(info.directory, "git status --porcelain") == repo.git("status --porcelain"));
  must(port->create(work_tree_id{"s", 2}, settings));
  for (const std::string script : {"rm dep/.git", "git -C dep checkout -q --detach HEAD~1",
                                   "rm -rf dep", "echo 'gitdir: /' > dep/.git"}) {
    CAPTURE(script);
    for (const auto& id : {work_tree_id{"s"}, work_tree_id{"s", 2}}) {
      const fs::path work = must(port->info(id)).directory;
      shell(work, script);
      must(port->restore(id, info.base_tree));
      CHECK(shell(work, asked) == said);
      CHECK(shell(work, "git -C dep rev-parse --git-dir").find(work.parent_path().string()) == 0);
    }
  }
  CHECK(shell(repo.root, asked) == said);
}

TEST_CASE("a submodule that setup fills is kept without the folder that git would look for") {
  temp_repository repo;
  add_submodule(repo);
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  shell(work, "git -c protocol.file.allow=always submodule --quiet update --init");
  must(port->keep_setup("s"));
  must(port->restore("s", info.base_tree));
  CHECK(read_text(work / "dep" / "in" / "side" / "f") == "dep\n");
  CHECK(shell(work, "git status --porcelain") == "");
  CHECK(shell(work, "git submodule status").find(" dep") != std::string::npos);
}

TEST_CASE("ignored and untracked things of the user's tree are listed, by-products are not") {
  temp_repository repo;
  shell(repo.root,
        "mkdir -p build src/__pycache__ .venv/bin deep/er src/lib && touch build/o data.csv "
        "src/__pycache__/m.pyc .venv/bin/python deep/er/f src/x.log src/lib/n && "
        "echo .venv >> .git/info/exclude && echo more >> eval.py");
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  CHECK(info.absent ==
        std::vector<std::string>{".venv/", "build/", "data.csv", "deep/", "src/lib/", "src/x.log"});
  CHECK(info.uncommitted == std::vector<std::string>{"data.csv", "deep/", "eval.py", "src/lib/"});
  auto settings = repo.settings();
  settings.shared_paths = {"data.csv", ".venv", "deep/er"};
  CHECK(must(port->create("t", settings)).absent ==
        std::vector<std::string>{"build/", "src/lib/", "src/x.log"});
}

TEST_CASE("variables that builds read are named unless they are passed on") {
  session_settings settings;
  ::setenv("CFLAGS", "-O3", 1);
  ::setenv("OMP_NUM_THREADS", "4", 1);
  ::setenv("GOFLAGS", "", 1);
  auto said = git::variables_left_out(settings);
  CHECK(said.find("CFLAGS") != std::string::npos);
  CHECK(said.find("--env OMP_NUM_THREADS") != std::string::npos);
  CHECK(said.find("GOFLAGS") == std::string::npos);
  settings.environment = {"CFLAGS", "OMP_NUM_THREADS=2"};
  said = git::variables_left_out(settings);
  CHECK(said.find("CFLAGS\"") == std::string::npos);
  CHECK(said.find("OMP_NUM_THREADS") == std::string::npos);
  ::unsetenv("CFLAGS");
  ::unsetenv("OMP_NUM_THREADS");
  ::unsetenv("GOFLAGS");
}

TEST_CASE("a filtered file cannot be shared, and the refusal says what to do instead") {
  temp_repository repo;
  add_filter(repo);
  auto settings = repo.settings();
  settings.shared_paths = {"model.bin"};
  auto port = must(open_workspaces(repo.state));
  auto refused = failed_with(errc::invalid_argument, port->inspect(settings));
  CHECK(refused.text.find("as_checked_out") != std::string::npos);
}

TEST_CASE("a repository that lacks objects is refused with how to fetch them") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  for (std::string lost : {"HEAD:eval.py", "HEAD:src"}) {
    auto id = repo.git("rev-parse " + lost).substr(0, 40);
    auto file = repo.root / ".git" / "objects" / id.substr(0, 2) / id.substr(2);
    auto bytes = read_text(file);
    fs::remove(file);
    auto made = port->create("s", repo.settings());
    REQUIRE(!made.has_value());
    CAPTURE(made.error().text);
    CHECK(made.error().text.find("git fetch --refetch") != std::string::npos);
    write_text(file, bytes);
  }
  must(port->create("s", repo.settings()));
}

TEST_CASE("more than the disk has room for is refused before anything is copied") {
  temp_repository repo;
  add_filter(repo);
  shell(repo.root, "truncate -s 900G model.bin");
  auto settings = repo.settings();
  settings.as_checked_out = true;
  auto port = must(open_workspaces(repo.state));
  auto refused = failed_with(errc::invalid_argument, port->create("s", settings));
  CHECK(refused.text.find("as_checked_out") != std::string::npos);
  CHECK(refused.text.find("model.bin") != std::string::npos);
  CHECK_FALSE(fs::exists(repo.state / "sessions" / "s"));
}
