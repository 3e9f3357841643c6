// SPDX-License-Identifier: MIT
//
// Whatever a candidate does to the work tree, restore() leaves it exactly as the tree says, and
// nothing outside it is touched.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <functional>

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

struct mutation {
  std::string name;
  std::function<void(const fs::path& work, const temp_repository&)> apply;
};

void in_shell(const fs::path& work, const std::string& command) { shell(work, command); }

mutation sh(std::string name, std::string command) {
  return {std::move(name),
          [command](const fs::path& w, const temp_repository&) { in_shell(w, command); }};
}

void deep_path(const fs::path& work, const temp_repository&) {
  int at = ::open(work.c_str(), O_RDONLY | O_DIRECTORY);
  std::string name(200, 'd');
  for (int i = 0; i < 60; ++i) {
    REQUIRE(::mkdirat(at, name.c_str(), 0755) == 0);
    int below = ::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = below;
  }
  ::close(::openat(at, "leaf", O_CREAT | O_WRONLY, 0000));
  ::fchmod(at, 0);
  ::close(at);
}

void deep_levels(const fs::path& work, const temp_repository&) {
  int at = ::open(work.c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < 3000; ++i) {  // more levels than descriptors
    REQUIRE(::mkdirat(at, "n", 0755) == 0);
    int below = ::openat(at, "n", O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = below;
  }
  ::close(at);
}

void plant_socket(const fs::path& work, const temp_repository&) {
  int s = ::socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  fs::path short_name = work / "sock";
  REQUIRE(short_name.native().size() < sizeof address.sun_path);
  std::copy(short_name.native().begin(), short_name.native().end(), address.sun_path);
  REQUIRE(::bind(s, reinterpret_cast<struct sockaddr*>(&address), sizeof address) == 0);
  ::close(s);
}

void same_size_and_time(const fs::path& work, const temp_repository&) {
  struct stat before;
  REQUIRE(::stat((work / "train.py").c_str(), &before) == 0);
  std::string text = read_text(work / "train.py");
  text[5] = '9';
  write_text(work / "train.py", text);
  struct timespec times[2] = {before.st_atim, before.st_mtim};
  ::utimensat(AT_FDCWD, (work / "train.py").c_str(), times, 0);
}

void immutable_file(const fs::path& work, const temp_repository&) {
  write_text(work / "stuck", "x");
  int fd = ::open((work / "stuck").c_str(), O_RDONLY);
  int flags = FS_IMMUTABLE_FL;
  ::ioctl(fd, FS_IOC_SETFLAGS, &flags);  // needs privileges; without them it is a plain file
  ::close(fd);
}

const std::vector<mutation>& mutations() {
  static const std::vector<mutation> all{
      sh("a nested repository",
         "git init -q nested && cd nested && git -c user.name=x -c "
         "user.email=x commit -q --allow-empty -m x && echo x > f"),
      sh("a folder that nobody may enter", "mkdir shut && echo x > shut/f && chmod 000 shut"),
      sh("a tracked folder that nobody may enter", "echo x >> src/model.py && chmod 000 src"),
      sh("a read-only folder", "mkdir ro && echo x > ro/f && chmod 555 ro && chmod 555 src . "),
      sh("ignored files",
         "mkdir -p __pycache__ build && echo x > a.log && echo x > build/o && "
         "echo x > __pycache__/m.pyc"),
      sh("a link to outside in place of a file", "ln -sf ../../../../outside/secret.txt train.py"),
      sh("a link to outside in place of a folder",
         "rm -r src && ln -s ../../../../outside src && ls src/ >/dev/null"),
      sh("a FIFO in place of a file", "rm train.py && mkfifo train.py && mkfifo pipe"),
      {"a socket", plant_socket},
      sh("planted attributes",
         "printf '* text eol=crlf\\n' > .gitattributes && "
         "printf '* filter=x\\n' > src/.gitattributes && echo x > eval.py"),
      sh("planted config and hooks",
         "git init -q . && git config core.fsmonitor 'touch ../fsmonitor-ran' && "
         "git config core.worktree / && printf '#!/bin/sh\\ntouch ../hook-ran\\n' > "
         ".git/hooks/post-checkout && chmod +x .git/hooks/post-checkout && echo x > train.py"),
      sh("skip-worktree in a planted repository",
         "git init -q . && git add -A && git update-index --skip-worktree eval.py && "
         "echo x > eval.py"),
      sh("a sparse checkout in a planted repository",
         "git init -q . && git add -A && git -c user.name=x -c user.email=x commit -qm x && "
         "git sparse-checkout set src && echo x >> src/other.py"),
      sh("core.symlinks=false in a planted repository",
         "git init -q . && git config core.symlinks false && rm link && printf train.py > link"),
      sh("a moved HEAD in a planted repository",
         "git init -q . && git -c user.name=x -c user.email=x commit -q --allow-empty -m x && "
         "git checkout -q --detach && echo x > train.py"),
      sh("exclude rules",
         "git init -q . && echo '*' > .git/info/exclude && echo x > untracked && "
         "echo '*' > src/.gitignore"),
      {"a path longer than PATH_MAX", deep_path},
      {"more levels than descriptors", deep_levels},
      sh("a file replaced by a folder",
         "rm train.py && mkdir -p train.py/x && echo x > train.py/x/y"),
      sh("a folder replaced by a file", "rm -r src && echo x > src"),
      sh("changed modes",
         "chmod 777 train.py && chmod 644 run.sh && chmod 4755 eval.py && "
         "chmod 700 src"),
      sh("an unreadable file", "chmod 000 eval.py"),
      sh("deleted files", "rm train.py link && rm -r src/deep"),
      sh("everything deleted", "find . -mindepth 1 -delete"),
      sh("an emptied file", ": > train.py"),
      sh("a filled empty file", "echo x > empty"),
      {"a change of the same size and time", same_size_and_time},
      sh("a file of the same text that is linked to outside",
         "cp train.py ../../../../outside.py && ln -f ../../../../outside.py train.py"),
      sh("a renamed folder", "mv src source && mv source/deep deep"),
      sh("a link loop", "rm -r src && ln -s src src && ln -sf link link"),
      sh("a link to another target", "ln -sfn /etc/passwd link && ln -sfn /tmp away"),
      sh("a link replaced by its file", "rm link && cp train.py link"),
      sh("an untracked tree", "mkdir -p a/b/c/d && touch a/b/c/d/e a/f"),
      sh("odd names",
         "printf x > \"$(printf 'new\\nline')\" && printf x > \"$(printf 'q\\042\\377')\""
         " && mkdir -- '-rf' && touch -- '-rf/ ' && touch '*'"),
      sh("case variants",
         "echo x > TRAIN.PY && mkdir SRC && mv README tmp && mv readme README && "
         "mv tmp readme"),
      {"an immutable file", immutable_file},
      sh("odd names of git's own", "mkdir .GIT .git && touch .gitmodules .git/HEAD"),
  };
  return all;
}

}  // namespace

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
  CHECK(whole.count(".git") == 0);
  auto user = picture_of(repo.root);
  auto outside = picture_of(repo.outside);

  for (const auto& m : mutations()) {
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
  auto all = mutations();
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
