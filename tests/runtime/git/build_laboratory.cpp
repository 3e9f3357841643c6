// SPDX-License-Identifier: MIT
#include "tests/runtime/git/build_laboratory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace fs = std::filesystem;

namespace ratchet::test {

std::string constant(const std::string& name, int value) {
  return "int " + name + "(void){return " + std::to_string(value) + ";}\n";
}

std::map<std::string, std::string> two_constants() {
  return {{"p.c", constant("p", 3)},
          {"q.c", constant("q", 5)},
          {"main.c",
           "#include <stdio.h>\nint p(void);int q(void);\n"
           "int main(void){printf(\"score: %d\\n\",100*p()+q());return 0;}\n"}};
}

std::int64_t mtime_ns(const fs::path& file) {
  struct stat now {};
  CAPTURE(file.string());
  CHECK(::lstat(file.c_str(), &now) == 0);
  return now.st_mtim.tv_sec * 1'000'000'000 + now.st_mtim.tv_nsec;
}

std::int64_t second_of(std::int64_t ns) { return ns / 1'000'000'000; }

void set_mtime_ns(const fs::path& file, std::int64_t ns) {
  struct timespec times[2] = {{0, UTIME_OMIT}, {ns / 1'000'000'000, ns % 1'000'000'000}};
  CHECK(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
}

bool installed(const std::string& program) {
  if (std::system((program + " --version >/dev/null 2>&1").c_str()) == 0) return true;
  MESSAGE(program, " is not installed; nothing to see here");
  return false;
}

build_laboratory::build_laboratory(const std::map<std::string, std::string>& files,
                                   std::vector<std::string> targets, workspace_kind kind)
    : root(folder.path / "repo"), outside(folder.path / "outside"), cc(folder.path / "cc") {
  fs::create_directories(root);
  fs::create_directories(outside);
  write_text(cc, "#!/bin/sh\ncase \" $* \" in *\" -c \"*) echo x >> '" +
                     (folder.path / "log").string() + "';; esac\nexec cc \"$@\"\n");
  fs::permissions(cc, fs::perms::owner_all);
  for (const auto& [path, text] : files) {
    fs::create_directories((root / path).parent_path());
    write_text(root / path, text);
  }
  shell(root,
        "git init -q -b main . && git add -A && "
        "git -c user.name=x -c user.email=x@y commit -qm base");
  settings.repo_path = root;
  settings.target_files = std::move(targets);
  settings.run_command.shell = "true";
  settings.workspace = kind;
  port = must(open_workspaces(folder.path / "state"));
  info = must(port->create(id, settings));
  work = info.directory;
  head_ = info.base_commit;
}

void build_laboratory::set_up(const std::string& command) {
  shell(work, "export CC='" + cc + "'; " + command);
  must(port->keep_setup(id));
}

int build_laboratory::run(const std::string& command) {
  must(port->begin_run(id));
  auto output = shell(work, "export CC='" + cc + "'; " + command);
  must(port->end_run(id, false));
  INFO(output);
  auto at = output.find("score: ");
  return at == output.npos ? -1 : std::stoi(output.substr(at + 7));
}

void build_laboratory::build(const std::string& command) {
  must(port->begin_build(id));
  shell(work, "export CC='" + cc + "'; " + command);
  must(port->mark_built(id));
}

std::string build_laboratory::tree(int p, int q) {
  std::vector<file_change> changes;
  auto differs = [&](const std::string& name, int value) {
    auto text = constant(name, value);
    if (read_text(root / (name + ".c")) != text) changes.push_back({name + ".c", text});
  };
  differs("p", p);
  differs("q", q);
  if (changes.empty()) return info.base_tree;
  return must(port->draft(id, info.base_commit, changes)).tree;
}

void build_laboratory::keep(const std::string& tree) {
  must(port->keep_products(id));
  auto commit = must(port->commit(id, tree, head_, "kept", 0));
  if (id.lane == 0) must(port->publish(id.session, commit, head_));
  head_ = commit;
  restore(commit);
}

void build_laboratory::reopen() {
  killed_.push_back(port);  // never closed: nothing is saved by its end
  port = must(open_workspaces(folder.path / "state"));
}

int build_laboratory::compiled() {
  auto log = read_text(folder.path / "log");
  auto now = static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
  return static_cast<int>(now - std::exchange(seen_, now));
}

}  // namespace ratchet::test
