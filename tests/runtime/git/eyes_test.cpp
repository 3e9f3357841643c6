// SPDX-License-Identifier: MIT
//
// What git says in a work tree is what it says in the user's tree at the best commit, whatever a
// run did to it.
#include "runtime/git/eyes.hpp"

#include "actors/ports/settling_port.hpp"
#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

/// A few commits, a branch, tags of both kinds and a remote's branch.
void give_history(const temp_repository& repo) {
  repo.git(
      "tag -a v1.0 -m one && git branch side && echo 2 > two && git add two && "
      "git commit -qm two && git tag light && echo 3 > two && git commit -qam three && "
      "git update-ref refs/remotes/origin/main HEAD~1 && echo /ignored-here >> .git/info/exclude");
}

/// What programs ask git for.
const std::vector<std::string>& questions() {
  static const std::vector<std::string> all{"git describe",
                                            "git describe --always --tags --dirty",
                                            "git describe --tags --long --dirty --match 'v*'",
                                            "git rev-parse HEAD",
                                            "git rev-parse --abbrev-ref HEAD",
                                            "git rev-parse --is-inside-work-tree",
                                            "git rev-list --count HEAD",
                                            "git log --format='%H %s %d'",
                                            "git status --porcelain",
                                            "git diff --stat",
                                            "git diff --cached --stat",
                                            "git ls-files --stage",
                                            "git for-each-ref",
                                            "git submodule status",
                                            "git tag --contains HEAD~1",
                                            "git show HEAD:train.py",
                                            "git log -1 --format=%ct"};
  return all;
}

std::map<std::string, std::string> answers(const fs::path& work) {
  std::string script;
  for (const auto& question : questions()) script += question + " 2>&1; printf '\\001';";
  const std::string said = shell(work, script + "true");
  std::map<std::string, std::string> all;
  std::size_t from = 0;
  for (const auto& question : questions()) {
    const std::size_t to = said.find('\001', from);
    all[question] = said.substr(from, to - from);
    from = to + 1;
  }
  return all;
}

void same_answers(const fs::path& user, const fs::path& work) {
  auto wanted = answers(user);
  for (const auto& [question, answer] : answers(work)) {
    CAPTURE(question);
    CHECK(answer == wanted[question]);
  }
}

}  // namespace

TEST_CASE("git answers in a work tree as in the user's tree") {
  temp_repository repo;
  give_history(repo);
  auto port = must(open_workspaces(repo.state));
  SUBCASE("on a branch") {}
  SUBCASE("on a branch with a name of several parts") { repo.git("checkout -qb a/b/c"); }
  SUBCASE("on a detached HEAD") { repo.git("checkout -q --detach"); }
  SUBCASE("with packed references and objects") { repo.git("gc -q"); }
  SUBCASE("in a linked work tree") {
    repo.git("worktree add -q ../linked side");
    repo.root = repo.folder.path / "linked";
  }
  SUBCASE("in a shallow clone") {
    shell(repo.folder.path, "git clone -q --depth 1 file://$PWD/repo shallow");
    repo.root = repo.folder.path / "shallow";
  }
  SUBCASE("in a clone that borrows its objects") {
    shell(repo.folder.path, "git clone -q --shared repo borrowing");
    repo.root = repo.folder.path / "borrowing";
  }
  auto info = must(port->create("s", repo.settings()));
  shell(repo.root, "git update-ref -d refs/ratchet/s/base");  // which is ours
  same_answers(repo.root, info.directory);
  CHECK(info.private_paths ==
        std::vector<std::string>{info.directory + "/.git",
                                 (repo.state / "sessions" / "s" / "eyes").string()});
}

TEST_CASE("an edit shows as git shows one, and a kept one is the commit that HEAD is at") {
  temp_repository repo;
  give_history(repo);
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  auto edit = must(port->apply("s", info.base_commit, {{"train.py", "lr = 0.2\n"}}));
  CHECK(shell(work, "git status --porcelain") == " M train.py\n");
  CHECK(shell(work, "git diff").find("+lr = 0.2\n") != std::string::npos);
  CHECK(shell(work, "git describe --dirty").ends_with("-dirty\n"));
  CHECK(shell(work, "git rev-parse HEAD") == info.base_commit + "\n");

  auto commit = must(port->commit("s", edit.tree, info.base_commit, "iter 1\n", 1700000000000));
  must(port->publish("s", commit, info.base_commit));
  must(port->restore("s", commit));
  CHECK(shell(work, "git status --porcelain") == "");
  CHECK(shell(work, "git rev-parse HEAD main") == commit + "\n" + commit + "\n");
  CHECK(shell(work, "git describe --dirty").starts_with("v1.0-3-g"));
  CHECK(shell(work, "git log -1 --format=%s") == "iter 1\n");
  CHECK(repo.git("rev-parse main") == info.base_commit + "\n");
  CHECK(shell(work, "git fsck --connectivity-only 2>&1").find("missing") == std::string::npos);

  // A lane sees the keep with its next restore.
  auto lane = must(port->create(work_tree_id{"s", 1}, repo.settings()));
  CHECK(shell(lane.directory, "git rev-parse HEAD") == commit + "\n");
  must(port->restore(work_tree_id{"s", 1}, commit));
  CHECK(shell(lane.directory, "git status --porcelain") == "");
  must(port->restore(work_tree_id{"s", 1}, info.base_tree));
  CHECK(shell(lane.directory, "git status --porcelain") == " M train.py\n");
  CHECK(shell(work, "git status --porcelain") == "");
}

TEST_CASE("keep after keep, the view of git is at the best commit and whole") {
  temp_repository repo;
  give_history(repo);
  SUBCASE("on a branch") {}
  SUBCASE("on a branch with a name of several parts") { repo.git("checkout -qb a/b/c"); }
  SUBCASE("on a detached HEAD") { repo.git("checkout -q --detach"); }
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  auto head = info.base_commit;
  for (const std::string between :
       {"true", "true", "echo x > ../eyes/index", "rm -r ../eyes/refs", "true"}) {
    CAPTURE(between);
    shell(work, between);
    auto edit = must(port->apply("s", head, {{"train.py", "lr = 0.2 # " + head + "\n"}}));
    auto commit = must(port->commit("s", edit.tree, head, "iter\n", 1700000000000));
    must(port->publish("s", commit, head));
    must(port->restore("s", commit));
    head = commit;
    CHECK(shell(work, "git rev-parse HEAD") == head + "\n");
    CHECK(shell(work, "git diff-files; git diff-index --cached HEAD") == "");  // without a refresh
    CHECK(shell(work, "git fsck >/dev/null 2>&1; echo $?") == "0\n");
    must(port->restore("s", head));  // looks again, and finds nothing to mend
    CHECK(shell(work, "git status --porcelain") == "");
  }
  // Where HEAD is is worth no object.
  CHECK(shell(repo.state / "sessions" / "s" / "git",
              "git cat-file --batch-all-objects --batch-check='%(objectsize)'")
            .find("\n41\n") == std::string::npos);
}

TEST_CASE("whatever a run does to its git, the next restore undoes") {
  temp_repository repo;
  give_history(repo);
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  fs::path eyes = work.parent_path() / "eyes";
  auto whole = answers(work);
  auto untouched = picture_of(eyes, {"index"});
  auto user = picture_of(repo.root);
  auto outside = picture_of(repo.outside);
  for (const std::string script : {"rm .git",
                                   "rm .git && mkdir .git && touch .git/HEAD",
                                   "rm .git && git init -q .",
                                   "echo 'gitdir: /' > .git",
                                   "rm .git && ln -s ../eyes .git",
                                   "ln -f .git ../other-name",
                                   "git -c user.name=x -c user.email=x commit -qm x --allow-empty",
                                   "git tag mine",
                                   "git checkout -qb other",
                                   "git branch -D main -q || git branch -q -D side",
                                   "git config core.worktree /",
                                   "git config core.fsmonitor false",
                                   "rm -r ../eyes",
                                   "rm -r ../eyes && ln -s ../../../outside ../eyes",
                                   "rm ../eyes/index",
                                   "rm ../eyes/index && mkdir -p ../eyes/index/x",
                                   "echo x > ../eyes/index",
                                   "cp ../eyes/index ../eyes/i && mv ../eyes/i ../eyes/index",
                                   "chmod 000 ../eyes",
                                   "echo x > ../eyes/refs/heads/main",
                                   "chmod 600 ../eyes/HEAD",
                                   "touch ../eyes/index.lock",
                                   "mkdir ../eyes/hooks && echo x > ../eyes/hooks/pre-commit",
                                   "git gc -q",
                                   "git stash -q",
                                   "echo y >> train.py && git add -A && git reset -q --hard",
                                   "git rm -q --cached train.py",
                                   "echo / > ../eyes/objects/info/alternates",
                                   "rm -r ../eyes/objects",
                                   "git update-index --skip-worktree train.py"}) {
    CAPTURE(script);
    shell(work, script);
    must(port->restore("s", info.base_tree));
    CHECK(differences(untouched, picture_of(eyes, {"index"})) == "");
    auto now = answers(work);
    for (const auto& question : questions()) CHECK(now[question] == whole[question]);
    CHECK(fs::is_regular_file(fs::symlink_status(work / ".git")));
  }
  CHECK(differences(user, picture_of(repo.root)) == "");
  CHECK(differences(outside, picture_of(repo.outside)) == "");
}

TEST_CASE("a .git that is gone comes back also where no file of the tree is looked at") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  must(settling(port)->settle("s", info.base_tree));
  fs::remove(fs::path(info.directory) / ".git");
  must(port->restore("s", info.base_tree));  // builds on what settle() has seen
  CHECK(shell(info.directory, "git status --porcelain") == "");
}

TEST_CASE("another process goes on with the same eyes, and makes lost ones anew") {
  temp_repository repo;
  auto info = must(must(open_workspaces(repo.state))->create("s", repo.settings()));
  fs::path work = info.directory;
  fs::path index = work.parent_path() / "eyes" / "index";
  auto before = fs::last_write_time(index);
  must(must(open_workspaces(repo.state))->restore("s", info.base_tree));
  CHECK((fs::last_write_time(index) == before));
  auto whole = answers(work);
  fs::remove_all(index.parent_path());
  must(must(open_workspaces(repo.state))->restore("s", info.base_tree));
  CHECK(answers(work) == whole);
}

TEST_CASE("the index has the times of the files, so that git status reads none") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  auto listed = shell(work, "git ls-files --debug -- eval.py");
  CHECK(listed.find("size: 8") != std::string::npos);
  CHECK(listed.find("mtime: 0:0") == std::string::npos);
  CHECK(shell(work, "git diff-files") == "");  // without a refresh
  CHECK(shell(work, "git fsck >/dev/null 2>&1; echo $?") == "0\n");
}

TEST_CASE("shared paths and by-products of ignore rules are no news to git status") {
  temp_repository repo;
  fs::create_directories(repo.root / "build" / "x");
  fs::create_directories(repo.root / "my data");
  auto settings = repo.settings();
  settings.shared_paths = {"build", "my data"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", settings));
  write_text(fs::path(info.directory) / "a.log", "x");
  CHECK(shell(info.directory, "git status --porcelain") == "");
}

TEST_CASE("an edit that commits is adopted all the same, and takes no git folder in") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  auto whole = answers(work);
  for (const char* script : {"git -c user.name=x -c user.email=x commit -qam x",
                             "rm .git && git init -q . && git add -A", "rm .git"}) {
    CAPTURE(script);
    must(port->restore("s", info.base_tree));
    write_text(work / "train.py", std::string("lr = ") + script + "\n");
    shell(work, script);
    auto edit = must(port->adopt("s", info.base_commit));
    CHECK(edit.files_changed == std::vector<std::string>{"train.py"});
    CHECK(shell(work, "git status --porcelain") == " M train.py\n");
  }
  must(port->restore("s", info.base_tree));
  CHECK(answers(work) == whole);
}

TEST_CASE("setup's own git commands do not last, and what they made does") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  auto whole = answers(work);
  shell(work, "git init -q . && git add -A && echo made > made.log");
  must(port->keep_setup("s"));
  must(port->restore("s", info.base_tree));
  CHECK(read_text(work / "made.log") == "made\n");
  CHECK(answers(work) == whole);
}
