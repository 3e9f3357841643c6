// SPDX-License-Identifier: MIT
#include "tests/runtime/git/temp_repository.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "runtime/git/beneath.hpp"

// libgit2 1.5 loses PCRE2's match data for every config name that does not match when it opens a
// repository with extensions; leaks of our own never have that library as their innermost frame.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpcre2-8\n"; }

namespace ratchet::test {

namespace fs = std::filesystem;

temp_folder::temp_folder() {
  const char* base = std::getenv("TMPDIR");
  std::string name = std::string(base && *base ? base : "/tmp") + "/ratchet_git_XXXXXX";
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path = name;
}

temp_folder::~temp_folder() {
  try {
    git::descriptor parent = git::open_trusted_folder(path.parent_path());
    git::remove_entry(parent.get(), path.filename().c_str(), path);
  } catch (...) {
    std::fprintf(stderr, "left behind: %s\n", path.c_str());
  }
}

std::string shell(const fs::path& directory, const std::string& command) {
  std::string line = "cd '" + directory.string() + "' && { " + command + " ; } 2>&1";
  FILE* pipe = ::popen(line.c_str(), "r");
  REQUIRE(pipe);
  std::string output;
  char block[4096];
  while (std::size_t n = std::fread(block, 1, sizeof block, pipe)) output.append(block, n);
  int status = ::pclose(pipe);
  INFO(command << "\n" << output);
  CHECK(status == 0);
  return output;
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

picture picture_of(const fs::path& folder, const std::vector<std::string>& without) {
  picture all;
  auto look = [&](auto& self, const fs::path& at, const std::string& relative) -> void {
    git::descriptor dir = git::open_trusted_folder(at);
    REQUIRE(dir);
    git::folder_names names(dir.get());
    for (const auto& entry : names.entries()) {
      std::string name(entry.name);
      std::string path = relative.empty() ? name : relative + "/" + name;
      bool skipped = false;
      for (const auto& w : without) skipped |= path == w || path.rfind(w + "/", 0) == 0;
      if (skipped) continue;
      struct stat now;
      REQUIRE(::lstat((at / name).c_str(), &now) == 0);
      std::ostringstream text;
      text << std::oct << now.st_mode << " ";
      if (S_ISREG(now.st_mode)) text << now.st_nlink << " " << read_text(at / name);
      if (S_ISLNK(now.st_mode)) text << fs::read_symlink(at / name).string();
      all[path] = text.str();
      if (S_ISDIR(now.st_mode)) self(self, at / name, path);
    }
  };
  look(look, folder, "");
  return all;
}

picture git_state(const fs::path& root) { return picture_of(root / ".git", {"objects"}); }

std::string differences(const picture& before, const picture& after) {
  std::string text;
  for (const auto& [path, value] : before) {
    auto it = after.find(path);
    if (it == after.end())
      text += "missing " + path + "\n";
    else if (it->second != value)
      text +=
          "changed " + path + ": " + value.substr(0, 60) + " -> " + it->second.substr(0, 60) + "\n";
  }
  for (const auto& [path, value] : after)
    if (!before.count(path)) text += "extra " + path + "\n";
  return text.substr(0, 2000);
}

temp_repository::temp_repository()
    : root(folder.path / "repo"), outside(folder.path / "outside"), state(folder.path / "state") {
  // Nobody's own git settings may decide these tests.
  ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
  ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  if (const char* home = std::getenv("HOME"))  // where rustup keeps its tools
    ::setenv("RUSTUP_HOME", (std::string(home) + "/.rustup").c_str(), 0);
  ::setenv("HOME", folder.path.c_str(), 1);
  fs::create_directories(root / "src" / "deep" / "er");
  fs::create_directories(outside);
  write_text(outside / "secret.txt", "outside\n");
  write_text(root / "train.py", "lr = 0.1\nprint('score: 1')\n");
  write_text(root / "src" / "model.py", "width = 8\n");
  write_text(root / "src" / "other.py", "pass\n");
  write_text(root / "src" / "deep" / "er" / "data.txt", "data\n");
  write_text(root / "eval.py", "check()\n");
  write_text(root / "run.sh", "#!/bin/sh\necho run\n");
  write_text(root / "empty", "");
  write_text(root / ".gitignore", "*.log\n__pycache__/\n/build/\n");
  write_text(root / "odd \"name\"\n with\xff", "odd\n");
  write_text(root / "README", "upper\n");
  write_text(root / "readme", "lower\n");
  fs::permissions(root / "run.sh", fs::perms(0755));
  fs::create_symlink("train.py", root / "link");
  fs::create_symlink("../outside", root / "away");
  git("init -q -b main . && git config user.name Tester && git config user.email t@example.org && "
      "git add -A && git commit -qm base");
}

session_settings temp_repository::settings() const {
  session_settings s;
  s.repo_path = root;
  s.target_files = {"train.py"};
  s.run_command.shell = "true";
  return s;
}

std::string temp_repository::git(const std::string& arguments) const {
  return shell(root, "git " + arguments);
}

std::string keep_edit(workspace_port& port, const std::string& id, const std::string& parent,
                      const std::string& text) {
  auto edit = must(port.apply(id, parent, {{"train.py", text}}));
  auto commit = must(port.commit(id, edit.tree, parent, "autoresearch iter 1\n", 1700000000000));
  must(port.publish(id, commit, parent));
  return commit;
}

}  // namespace ratchet::test
