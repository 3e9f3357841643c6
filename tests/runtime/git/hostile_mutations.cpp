// SPDX-License-Identifier: MIT
#include "tests/runtime/git/hostile_mutations.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace ratchet::test {

hostile_mutation sh(std::string name, std::string script) {
  return {std::move(name),
          [script](const fs::path& work, const temp_repository&) { shell(work, script); }, script};
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

namespace {

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

void immutable_file(const fs::path& work, const temp_repository&) {
  write_text(work / "stuck", "x");
  int fd = ::open((work / "stuck").c_str(), O_RDONLY);
  int flags = FS_IMMUTABLE_FL;
  ::ioctl(fd, FS_IOC_SETFLAGS, &flags);  // needs privileges; without them it is a plain file
  ::close(fd);
}

}  // namespace

const std::vector<hostile_mutation>& hostile_mutations() {
  static const std::vector<hostile_mutation> all{
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
      {"a socket", plant_socket, ""},
      sh("planted attributes",
         "printf '* text eol=crlf\\n' > .gitattributes && "
         "printf '* filter=x\\n' > src/.gitattributes && echo x > eval.py"),
      sh("planted config and hooks",
         "rm .git && git init -q . && git config core.fsmonitor 'touch ../fsmonitor-ran' && "
         "git config core.worktree / && printf '#!/bin/sh\\ntouch ../hook-ran\\n' > "
         ".git/hooks/post-checkout && chmod +x .git/hooks/post-checkout && echo x > train.py"),
      sh("skip-worktree in a planted repository",
         "git init -q . && git add -A && git update-index --skip-worktree eval.py && "
         "echo x > eval.py"),
      sh("a sparse checkout in a planted repository",
         "rm .git && git init -q . && git add -A && git -c user.name=x -c user.email=x commit -qm "
         "x && "
         "git sparse-checkout set src && echo x >> src/other.py"),
      sh("core.symlinks=false in a planted repository",
         "git init -q . && git config core.symlinks false && rm link && printf train.py > link"),
      sh("a moved HEAD in a planted repository",
         "git init -q . && git -c user.name=x -c user.email=x commit -q --allow-empty -m x && "
         "git checkout -q --detach && echo x > train.py"),
      sh("exclude rules",
         "rm .git && git init -q . && echo '*' > .git/info/exclude && echo x > untracked && "
         "echo '*' > src/.gitignore"),
      {"a path longer than PATH_MAX", deep_path, ""},
      {"more levels than descriptors", deep_levels, ""},
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
      {"a change of the same size and time", same_size_and_time, ""},
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
      {"an immutable file", immutable_file, ""},
      sh("odd names of git's own", "rm .git && mkdir .GIT .git && touch .gitmodules .git/HEAD"),
      sh("a commit through the run's own eyes",
         "echo x > train.py && git -c user.name=x -c user.email=x commit -qam x && git tag x"),
      sh("hooks and config planted in the run's own eyes",
         "git config core.fsmonitor 'touch ../fsmonitor-ran' && g=$(git rev-parse --git-dir) && "
         "mkdir $g/hooks && printf '#!/bin/sh\ntouch ../hook-ran\n' > $g/hooks/post-checkout && "
         "chmod +x $g/hooks/post-checkout"),
      sh("eyes turned to another repository", "echo 'gitdir: /nowhere' > .git"),
      sh("eyes that are a link",
         "g=$(git rev-parse --git-dir) && rm -r $g && ln -s ../../../outside $g"),
      sh("a link for .git", "ln -sf ../../../../outside .git"),
  };
  return all;
}

}  // namespace ratchet::test
