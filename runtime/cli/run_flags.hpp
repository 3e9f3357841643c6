// SPDX-License-Identifier: MIT
//
// The flags of `ratchet run` and the arguments of autoresearch_setup that they stand for: those of
// the settings' rows (runtime/tools/setting.hpp), and those that are no setting by themselves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "messages/failure.hpp"
#include "messages/json.hpp"

namespace ratchet::cli {

struct run_flags {
  json settings = json::object();  ///< what the settings' own flags say, by their names, unread
  std::string repo;
  std::vector<std::string> targets;
  std::string command;
  std::vector<std::string> argv;  ///< after --
  bool minimize = false, maximize = false;
  std::optional<std::int64_t> seed;
  std::string resume;
  bool finish = false;  ///< an interruption ends the session with its report
  int patience = 10;
  int pairs = 0;  ///< as many as there is time for
  bool prune = true;
  bool no_compare = false;
  bool dry_run = false;  ///< say what would be searched, and stop
  int slots = 0;
  int parallel = 0;  ///< candidates side by side; 0: as the settings say
};

/// Adds what the flags say to `settings`; `invalid_argument` for what can be read in no way.
expected<> flag_settings(const run_flags& flags, json& settings);

/// `--seed` belongs to the edit backend, wherever that was chosen.
void put_seed(const run_flags& flags, json& settings);

/// Seconds: a number with ms, s, m, h or d behind it, or nothing for seconds.
std::optional<double> parse_duration(const std::string& text);

/// The top of the repository that `start` lies in: the nearest folder with a .git; else `start`.
std::filesystem::path find_repository(const std::filesystem::path& start);

}  // namespace ratchet::cli
