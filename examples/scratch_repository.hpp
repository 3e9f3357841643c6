// SPDX-License-Identifier: MIT
//
// What the examples work on: a fresh directory with a git repository of one file, `x.txt`, whose
// one number an experiment turns into a score. It is best, 10, where x is 7.
//
// Owns the directory and removes it at its end. Needs `git` and `awk` on the PATH; a step that
// fails ends the program with what was tried.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

class scratch_repository {
 public:
  scratch_repository() {
    std::string made = (std::filesystem::temp_directory_path() / "ratchet-example-XXXXXX").string();
    if (!mkdtemp(made.data())) give_up("cannot make the directory " + made);
    root_ = made;
    std::filesystem::create_directory(repository());
    std::ofstream(repository() / "x.txt") << "1\n";
    git("init -q -b main");
    git("add x.txt");
    git("-c user.name=you -c user.email=you@localhost commit -q -m 'x is 1'");
  }
  ~scratch_repository() {
    std::error_code ignored;  // a directory left in /tmp is no reason to fail
    std::filesystem::remove_all(root_, ignored);
  }
  scratch_repository(const scratch_repository&) = delete;
  scratch_repository& operator=(const scratch_repository&) = delete;

  std::filesystem::path repository() const { return root_ / "repository"; }
  std::filesystem::path state_dir() const { return root_ / "state"; }

  /// For `run_command`: prints "score: 10" when x is 7, and less the further it is away.
  static constexpr const char* experiment = R"(awk '{print "score:", 10 - ($1 - 7) ^ 2}' x.txt)";

 private:
  void git(const std::string& arguments) const {
    std::string command = "git -C '" + repository().string() + "' " + arguments;
    if (std::system(command.c_str()) != 0) give_up(command);
  }
  [[noreturn]] static void give_up(const std::string& what) {
    std::fprintf(stderr, "failed: %s\n", what.c_str());
    std::exit(1);
  }

  std::filesystem::path root_;
};
