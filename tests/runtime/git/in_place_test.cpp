// SPDX-License-Identifier: MIT
//
// Working in the user's repository itself: only the targets move.
#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

session_settings in_place(const temp_repository& repo) {
  auto settings = repo.settings();
  settings.workspace = workspace_kind::in_place;
  return settings;
}

std::string status(const temp_repository& repo) { return repo.git("status --porcelain"); }

}  // namespace

TEST_CASE("in place, kept edits go to the checked-out branch and other work stays as it was") {
  temp_repository repo;
  write_text(repo.root / "src" / "other.py", "staged\n");
  repo.git("add src/other.py");
  write_text(repo.root / "eval.py", "dirty\n");
  write_text(repo.root / "note", "untracked\n");
  fs::create_directories(repo.root / "data");
  write_text(repo.root / "data" / "d", "untracked\n");
  fs::remove(repo.root / "readme");
  shell(repo.root, "git init -q other && touch other/file");
  std::string before = status(repo);
  auto tree = picture_of(repo.root, {".git"});

  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", in_place(repo)));
  CHECK(info.directory == repo.root.string());
  CHECK(info.branch == "main");
  auto edit = must(port->apply("s", info.base_commit, {{"train.py", "lr = 0.2\n"}}));
  CHECK(read_text(repo.root / "train.py") == "lr = 0.2\n");
  auto commit = must(port->commit("s", edit.tree, info.base_commit, "kept", 1000));
  must(port->publish("s", commit, info.base_commit));
  must(port->publish("s", commit, info.base_commit));
  CHECK(status(repo) == before);
  CHECK(repo.git("rev-parse main").substr(0, 40) == commit);
  CHECK(repo.git("show --name-only --format= HEAD") == "train.py\n");
  CHECK(repo.git("diff --cached --name-only") == "src/other.py\n");

  // The run leaves things behind and breaks others; what was ours or clean comes back.
  shell(repo.root,
        "echo x > train.py && echo x > run.sh && chmod -x run.sh && rm src/model.py && "
        "touch left data/left && mkdir -p new/er && touch new/er/f && "
        "rm link && ln -s /etc/passwd link");
  auto other = must(open_workspaces(repo.state));
  must(other->restore("s", commit));
  tree["train.py"] = picture_of(repo.root, {".git"})["train.py"];
  CHECK(differences(tree, picture_of(repo.root, {".git"})) == "");
  CHECK(read_text(repo.root / "train.py") == "lr = 0.2\n");
  CHECK(status(repo) == before);
  must(other->restore("s", info.base_commit));
  CHECK(read_text(repo.root / "train.py") == "lr = 0.1\nprint('score: 1')\n");
  must(other->remove("s"));
  CHECK(read_text(repo.root / "note") == "untracked\n");
  repo.git("fsck --strict");
}

TEST_CASE("in place, a target with uncommitted work is refused and left alone") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto refused = [&] {
    auto before = picture_of(repo.folder.path, {"repo/.git/objects"});
    auto why = failed_with(errc::repository_refused, port->create("s", in_place(repo)));
    CHECK(why.text.find("train.py") != std::string::npos);
    CHECK(differences(before, picture_of(repo.folder.path, {"repo/.git/objects"})) == "");
  };
  std::string clean = read_text(repo.root / "train.py");
  write_text(repo.root / "train.py", "dirty\n");
  refused();
  repo.git("add train.py");
  refused();
  write_text(repo.root / "train.py", clean);  // staged, though the work tree is as HEAD
  refused();
  repo.git("reset -q");
  fs::permissions(repo.root / "train.py", fs::perms(0755));
  refused();
}

TEST_CASE("in place, a detached HEAD and an unfinished merge are refused") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  repo.git("checkout -q --detach");
  auto why = failed_with(errc::repository_refused, port->inspect(in_place(repo)));
  CHECK(why.text.find("detached") != std::string::npos);
  repo.git("checkout -q main");
  write_text(repo.root / ".git" / "MERGE_HEAD", repo.git("rev-parse HEAD"));
  why = failed_with(errc::repository_refused, port->inspect(in_place(repo)));
  CHECK(why.text.find("unfinished") != std::string::npos);
}

TEST_CASE("in place, a branch or index that somebody else moved is not overwritten") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", in_place(repo)));
  auto edit = must(port->apply("s", info.base_commit, {{"train.py", "lr = 0.2\n"}}));
  auto commit = must(port->commit("s", edit.tree, info.base_commit, "kept", 1000));
  auto fails = [&](const std::string& word) {
    std::string head = repo.git("rev-parse HEAD main");
    auto why = failed_with(errc::workspace_failed, port->publish("s", commit, info.base_commit));
    CAPTURE(why.text);
    CHECK(why.text.find(word) != std::string::npos);
    CHECK(repo.git("rev-parse HEAD main") == head);
  };
  write_text(repo.root / ".git" / "index.lock", "");
  fails("index.lock");
  fs::remove(repo.root / ".git" / "index.lock");
  write_text(repo.root / "train.py", "other\n");
  repo.git("add train.py");
  fails("staged");
  repo.git("reset -q");
  repo.git("commit -q --allow-empty -m theirs");
  fails("somebody else");
  repo.git("reset -q --soft HEAD~ && git checkout -q -b elsewhere");
  fails("HEAD");
  repo.git("checkout -q main");
  write_text(repo.root / "train.py", "lr = 0.2\n");
  must(port->publish("s", commit, info.base_commit));
  CHECK(status(repo) == "");
}

TEST_CASE("in place, adopting takes the targets and refuses the rest") {
  temp_repository repo;
  write_text(repo.root / "note", "untracked\n");
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", in_place(repo)));
  shell(repo.root, "echo x > train.py && echo x > trace.log");
  auto edit = must(port->adopt("s", info.base_commit));
  CHECK(edit.files_changed == std::vector<std::string>{"train.py"});
  CHECK_FALSE(fs::exists(repo.root / "trace.log"));
  shell(repo.root, "echo y > train.py && echo x >> eval.py");
  failed_with(errc::edit_refused, port->adopt("s", info.base_commit));
  CHECK(status(repo) == "?? note\n");
}
