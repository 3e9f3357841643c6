// SPDX-License-Identifier: MIT
//
// The built program, run as a user or an agent host runs it: a process a call, on real
// repositories.
#pragma once

#include <doctest/doctest.h>
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "messages/json.hpp"

namespace ratchet::e2e {

namespace fs = std::filesystem;

/// A fresh folder, removed at the end whatever is in it.
class temp_folder {
 public:
  temp_folder();
  ~temp_folder();
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  fs::path path;
};

void write_text(const fs::path& path, const std::string& text);
std::string read_text(const fs::path& path);  ///< "" when there is no such file
/// Runs a shell command in `directory` and gives what it printed; fails the test when it fails.
std::string shell(const fs::path& directory, const std::string& command);

/// Path → kind, mode and bytes of everything below a folder, without the paths given (relative, as
/// prefixes). Nothing is followed.
using picture = std::map<std::string, std::string>;
picture picture_of(const fs::path& folder, const std::vector<std::string>& without = {});
/// The first differences as text; "" when there are none.
std::string differences(const picture& before, const picture& after);

struct outcome {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;
  std::string out, err;
  double seconds = 0;
  /// What it printed, as JSON; fails the test when it is none.
  json answer() const;
};

/// One process of the program, with stdin closed and its output kept. It and all that still hold
/// its witness are proved gone by `all_gone`.
class process {
 public:
  process(const std::vector<std::string>& argv, const fs::path& directory,
          const std::vector<std::string>& environment = {});
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  /// Whether it ended within so many milliseconds.
  bool ends_within(double ms);
  void send(int signal) const;
  /// To it and to all that descends from it, as service managers and schedulers do.
  void send_to_all(int signal) const;
  /// Waits for the end, at most a minute; then it is killed and the test fails.
  outcome end();
  /// Whether every process that inherited from this one ends within 10 s.
  bool all_gone();
  std::string out_so_far() const;
  std::string err_so_far() const;

 private:
  pid_t pid_ = -1;
  int pidfd_ = -1, out_ = -1, err_ = -1, witness_ = -1;
  double started_ = 0;
  bool reaped_ = false;
  outcome outcome_;
};

/// Monotonic seconds.
double now_s();

/// A repository with one commit, a state directory of its own, and the program.
class laboratory {
 public:
  /// p.txt holds "score: 5" and the experiment prints it.
  laboratory();
  ~laboratory();
  laboratory(const laboratory&) = delete;
  laboratory& operator=(const laboratory&) = delete;

  outcome run(const std::vector<std::string>& arguments) const;
  /// The arguments of the program for a call, to be started by hand.
  std::vector<std::string> command(const std::vector<std::string>& arguments) const;
  outcome call(const std::string& tool, const json& arguments) const;
  /// The answer of a call that must succeed.
  json ask(const std::string& tool, const json& arguments) const;
  /// A session on p.txt; more arguments override.
  std::string start(const json& more = json::object()) const;
  json setup_arguments(const json& more = json::object()) const;
  json edit_to(const std::string& session, const std::string& text) const;
  json status(const std::string& session) const;
  std::string git(const std::string& arguments) const;
  /// Everything of the user's: the tree and .git without objects and what Ratchet publishes.
  picture users() const;
  fs::path worktree(const std::string& session) const;
  /// Rows of a table of the store; -1 when there is none.
  long rows(const std::string& table) const;
  /// A FIFO that a run command may open, and whether nobody holds it now or within 10 s.
  fs::path fifo();
  bool fifo_is_free();

  temp_folder folder;
  fs::path repository, state;
  std::string program;
  std::vector<std::string> environment;  ///< NAME=value, for every process that `run` starts
  std::vector<std::string> place;        ///< what every `command` begins with: where it is run

 private:
  int fifo_reader_ = -1;
};

}  // namespace ratchet::e2e
