// SPDX-License-Identifier: MIT
//
// A small C project that prints its own constants (score: 100 p + q), built by a real tool, and a
// session on it. Every number that is measured says which source it is of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/end_to_end/program.hpp"

namespace ratchet::e2e {

class built_project {
 public:
  /// Three sources with `p` 3 and `q` 5, and `spare` more that no edit touches; and these files.
  explicit built_project(const std::map<std::string, std::string>& files, int spare = 0);

  /// Opens a session that may edit p.c and q.c; the settings say how it is built and run.
  void open(const json& settings);
  /// Sets the constant, runs and decides. Every sample must be that of its own source.
  json try_it(const std::string& which, int value);
  /// A night in small: keeps and reverts in both files.
  void a_night();
  json finalize();

  static std::string source(const std::string& which, int value);
  int expected(const std::string& which, int value) const;
  /// The sources that the compiler was called for since last asked, sorted: "p.c q.c". Wants the
  /// environment variable CC (or the build's own) to be compiler().
  std::string compiled();
  std::string compiler() const { return (lab.folder.path / "cc").string(); }

  laboratory lab;
  std::string id;
  std::map<std::string, int> best{{"p", 3}, {"q", 5}};
  json settings;
  json last_run;
};

/// Whether there is such a program on this machine, and it starts.
bool installed(const std::string& program);

}  // namespace ratchet::e2e
