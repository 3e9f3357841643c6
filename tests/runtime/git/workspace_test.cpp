// SPDX-License-Identifier: MIT
//
// A session's way through a workspace, and that the user's repository is left alone meanwhile.
#include <unistd.h>

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// The git folder without objects and with references as text.
picture git_state(const temp_repository& repo) {
  return picture_of(repo.root / ".git", {"objects"});
}

}  // namespace

TEST_CASE("dirty, staged, untracked and stashed work of the user is as it was after a session") {
  temp_repository repo;
  write_text(repo.root / "eval.py", "stashed\n");
  repo.git("stash -q");
  write_text(repo.root / "src" / "other.py", "staged\n");
  repo.git("add src/other.py");
  write_text(repo.root / "src" / "other.py", "staged and dirty\n");
  write_text(repo.root / "train.py", "dirty target\n");
  write_text(repo.root / "note", "untracked\n");
  auto tree_before = picture_of(repo.root, {".git"});
  auto git_before = git_state(repo);
  std::string stash = repo.git("stash list");

  {
    auto port = must(open_workspaces(repo.state));
    must(port->inspect(repo.settings()));
    auto info = must(port->create("abc", repo.settings()));
    CHECK(info.uncommitted == std::vector<std::string>{"note", "src/other.py", "train.py"});
    CHECK(info.branch == "ratchet/abc");
    CHECK(must(port->targets("abc")).at("train.py") == "lr = 0.1\nprint('score: 1')\n");
    auto kept = keep_edit(*port, "abc", info.base_commit, "lr = 0.2\n");
    must(port->apply("abc", kept, {{"train.py", "lr = 0.3\n"}}));
    must(port->restore("abc", kept));
    must(port->remove("abc"));
    must(port->remove("abc"));
    CHECK_FALSE(fs::exists(repo.state / "sessions" / "abc"));
  }
  CHECK(differences(tree_before, picture_of(repo.root, {".git"})) == "");
  auto git_after = git_state(repo);
  std::string new_paths;
  for (const auto& [path, value] : git_before) {
    CAPTURE(path);
    CHECK(git_after[path] == value);
  }
  for (const auto& [path, value] : git_after)
    if (!git_before.count(path)) new_paths += path + "\n";
  CHECK(new_paths == "refs/heads/ratchet\nrefs/heads/ratchet/abc\n");
  CHECK(repo.git("stash list") == stash);
  CHECK(repo.git("show ratchet/abc:train.py") == "lr = 0.2\n");
  CHECK(repo.git("for-each-ref --format='%(refname)' refs/ratchet") == "");
  repo.git("fsck --strict");
}

TEST_CASE(
    "an edit gives a tree, the changed files and a unified diff, and moves only its targets") {
  temp_repository repo;
  auto settings = repo.settings();
  settings.target_files = {"train.py", "src/model.py", "run.sh"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", settings));
  fs::path work = info.directory;
  auto before = picture_of(work);
  std::vector<file_change> changes{{"train.py", "lr = 0.2\nprint('score: 1')\n"},
                                   {"src/model.py", std::nullopt},
                                   {"run.sh", "#!/bin/sh\necho ran\n"}};
  auto tree = must(port->tree_with("s", info.base_commit, changes));
  CHECK(differences(before, picture_of(work)) == "");
  const auto git = repo.state / "sessions" / "s" / "git";
  CHECK_FALSE(fs::exists(git / "candidates"));  // it is a question only
  auto edit = must(port->apply("s", info.base_commit, changes));
  CHECK(edit.tree == tree);
  // git itself gives the work tree's files the same id, and finds no fault with them.
  CHECK(shell(work, "export GIT_DIR='" + git.string() +
                        "' GIT_WORK_TREE=. GIT_INDEX_FILE=\"$(mktemp -u)\" && git add -A -f && "
                        "git write-tree && rm \"$GIT_INDEX_FILE\"") == tree + "\n");
  shell(repo.root, "git --git-dir='" + git.string() + "' fsck --strict --no-dangling " + tree);
  CHECK(edit.files_changed == std::vector<std::string>{"run.sh", "src/model.py", "train.py"});
  CHECK(edit.diff.find("--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n-lr = 0.1\n+lr = 0.2\n") !=
        std::string::npos);
  CHECK(edit.diff.find("deleted file mode 100644") != std::string::npos);
  CHECK_FALSE(fs::exists(work / "src" / "model.py"));
  CHECK((fs::status(work / "run.sh").permissions() & fs::perms(0777)) == fs::perms(0755));
  auto after = picture_of(work);
  must(port->restore("s", edit.tree));
  CHECK(differences(after, picture_of(work)) == "");
  auto kept = must(port->commit("s", edit.tree, info.base_commit, "m", 1000));
  auto again = must(port->apply("s", kept, {{"src/model.py", "back\n"}}));
  CHECK(read_text(work / "src" / "model.py") == "back\n");
  must(port->restore("s", info.base_tree));
  CHECK(differences(before, picture_of(work)) == "");
}

TEST_CASE("deleting the only file of a folder and bringing it back again") {
  temp_repository repo;
  auto settings = repo.settings();
  settings.target_files = {"src/deep/er/data.txt"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", settings));
  auto gone = must(port->apply("s", info.base_commit, {{"src/deep/er/data.txt", std::nullopt}}));
  CHECK_FALSE(fs::exists(fs::path(info.directory) / "src" / "deep"));
  CHECK(must(port->targets("s")).empty());
  auto kept = must(port->commit("s", gone.tree, info.base_commit, "m", 0));
  must(port->restore("s", kept));
  failed_with(errc::edit_refused, port->apply("s", kept, {{"src/deep/er/data.txt", std::nullopt}}));
  must(port->apply("s", kept, {{"src/deep/er/data.txt", "new\n"}}));
  CHECK(must(port->targets("s")).at("src/deep/er/data.txt") == "new\n");
}

TEST_CASE("long diffs are cut with a mark and binary files are only named") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  std::string text;
  for (int i = 0; i < 60000; ++i) text += "line " + std::to_string(i) + "\n";
  auto cut = must(port->apply("s", info.base_commit, {{"train.py", text}}));
  CHECK(cut.diff.size() <= 256 * 1024);
  CHECK(cut.diff.substr(cut.diff.size() - 22) == "[diff cut at 256 KiB]\n");
  auto binary = must(port->apply("s", info.base_commit, {{"train.py", std::string("a\0b", 3)}}));
  CHECK(binary.diff.find("Binary files") != std::string::npos);
}

TEST_CASE("an edit outside the rules is refused and changes nothing") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto settings = repo.settings();
  settings.target_files = {"train.py", "src/model.py"};
  auto info = must(port->create("s", settings));
  fs::path work = info.directory;
  auto before = picture_of(work);
  const std::string& base = info.base_commit;
  auto refused = [&](std::vector<file_change> changes) {
    failed_with(errc::edit_refused, port->apply("s", base, changes));
    failed_with(errc::edit_refused, port->tree_with("s", base, changes));
    CHECK(differences(before, picture_of(work)) == "");
  };
  refused({});
  refused({{"train.py", read_text(work / "train.py")}});
  refused({{"train.py", "x"}, {"eval.py", "x"}});
  refused({{"train.py", "x"}, {"train.py", "y"}});
  for (std::string path : {"../outside/secret.txt", "/etc/passwd", ".git/config", "link", "away/x",
                           "src/../train.py", "", "new.py"})
    refused({{"train.py", "x"}, {path, "x"}});

  fs::rename(work / "src", work / "gone");
  fs::create_directory_symlink(repo.outside, work / "src");
  failed_with(errc::edit_refused,
              port->apply("s", base, {{"train.py", "x"}, {"src/model.py", "x"}}));
  CHECK(read_text(work / "train.py") == "lr = 0.1\nprint('score: 1')\n");
  CHECK(picture_of(repo.outside).size() == 1);
  failed_with(errc::workspace_failed, port->apply("s", "not an id", {{"train.py", "x"}}));
  failed_with(errc::unknown_session, port->apply("other", base, {{"train.py", "x"}}));
  failed_with(errc::invalid_argument, port->info("../s"));
}

TEST_CASE("what a program changed in its targets is adopted, its ignored leftovers are removed") {
  temp_repository repo;
  auto settings = repo.settings();
  settings.target_files = {"train.py", "run.sh"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", settings));
  fs::path work = info.directory;
  write_text(work / "train.py", "lr = 0.5\n");
  shell(work,
        "mkdir -p __pycache__ src/__pycache__ build && echo x > __pycache__/a.pyc && "
        "echo '*' > build/.gitignore && echo x > build/o && echo x > src/x.log && "
        "rm .git && git init -q . && chmod 600 train.py eval.py && touch eval.py");
  auto edit = must(port->adopt("s", info.base_commit));
  CHECK(edit.files_changed == std::vector<std::string>{"train.py"});
  CHECK(edit.diff.find("+lr = 0.5") != std::string::npos);
  CHECK_FALSE(fs::exists(work / "build"));
  CHECK(fs::is_regular_file(fs::symlink_status(work / ".git")));
  CHECK((fs::status(work / "train.py").permissions() & fs::perms(0777)) == fs::perms(0644));
  CHECK(edit.tree ==
        must(port->tree_with("s", info.base_commit, {{"train.py", std::string("lr = 0.5\n")}})));
}

TEST_CASE("what a program changed outside its targets is refused and undone") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  auto before = picture_of(work);
  for (std::string command :
       {"true",                                                // no change at all
        "echo x >> eval.py",                                   // another tracked file
        "echo x > new.py",                                     // a new file
        "mkdir d && echo '*' > d/.gitignore && echo x > d/f",  // hidden by its own rule
        "echo '*' > .gitignore && echo x > f",                 // hidden by a changed rule
        "rm -r src", "chmod +x eval.py", "rm train.py && ln -s eval.py train.py",
        "rm train.py && mkdir train.py", "git init -q sub && touch sub/f",
        "find . -mindepth 1 -delete && rmdir ../work",
        "for i in 1 2 3 4 5 6 7 8; do echo x > new$i; done"}) {
    CAPTURE(command);
    write_text(work / "train.py", command == "true" ? read_text(work / "train.py") : "lr = 7\n");
    shell(work, command);
    auto why = failed_with(errc::edit_refused, port->adopt("s", info.base_commit));
    if (command.find("new$i") != std::string::npos)
      CHECK(why.text.find("new1, new2, new3, new4, new5, … (3 more)") != std::string::npos);
    CHECK(differences(before, picture_of(work)) == "");
  }
}

TEST_CASE("publishing is compare-and-swap, and repeating it is success") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  auto first = keep_edit(*port, "s", info.base_commit, "a\n");
  must(port->publish("s", first, info.base_commit));
  auto tree = must(port->apply("s", first, {{"train.py", "b\n"}})).tree;
  auto second = must(port->commit("s", tree, first, "second", 5000));
  CHECK(must(port->commit("s", tree, first, "second", 5000)) == second);

  repo.git("update-ref refs/heads/ratchet/s " + info.base_commit);
  auto why = failed_with(errc::workspace_failed, port->publish("s", second, first));
  CHECK(why.text.find("refs/heads/ratchet/s") != std::string::npos);
  CHECK(trimmed(repo.git("rev-parse ratchet/s")) == info.base_commit);
  repo.git("update-ref refs/heads/ratchet/s " + first);
  must(port->publish("s", second, first));
  CHECK(trimmed(repo.git("rev-parse ratchet/s")) == second);

  // Deleted by the user, who also lost the objects: all of it is published again.
  repo.git(
      "update-ref -d refs/heads/ratchet/s && git reflog expire --expire=now --all && "
      "git gc -q --prune=now");
  auto third_tree = must(port->apply("s", second, {{"train.py", "c\n"}})).tree;
  auto third = must(port->commit("s", third_tree, second, "third", 6000));
  must(port->publish("s", third, second));
  CHECK(trimmed(repo.git("rev-list --count ratchet/s")) == "4");
  repo.git("fsck --strict");

  // A lock that somebody holds: refused, and both repositories as before.
  auto fourth_tree = must(port->apply("s", third, {{"train.py", "d\n"}})).tree;
  auto fourth = must(port->commit("s", fourth_tree, third, "fourth", 7000));
  write_text(repo.root / ".git" / "refs" / "heads" / "ratchet" / "s.lock", "");
  failed_with(errc::workspace_failed, port->publish("s", fourth, third));
  auto reopened = must(open_workspaces(repo.state));  // the lock's holder is known to be gone
  must(reopened->publish("s", fourth, third));
  CHECK(trimmed(repo.git("rev-parse ratchet/s")) == fourth);
}

TEST_CASE("a publication cut off between the two repositories is continued or overruled") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  auto a_tree = must(port->apply("s", info.base_commit, {{"train.py", "a\n"}})).tree;
  auto a = must(port->commit("s", a_tree, info.base_commit, "a", 1000));
  auto b_tree = must(port->apply("s", info.base_commit, {{"train.py", "b\n"}})).tree;
  auto b = must(port->commit("s", b_tree, info.base_commit, "b", 1000));
  std::string private_git = "git --git-dir=" + (repo.state / "sessions/s/git").string();
  // (git itself would refuse: the objects of candidates are in no format of its own.)
  write_text(repo.state / "sessions/s/git/refs/heads/ratchet/s", a + "\n");
  must(port->publish("s", b, info.base_commit));
  CHECK(trimmed(repo.git("rev-parse ratchet/s")) == b);
  CHECK(trimmed(shell(repo.state, private_git + " rev-parse refs/heads/ratchet/s")) == b);
}
