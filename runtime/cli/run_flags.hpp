// SPDX-License-Identifier: MIT
//
// The flags of `ratchet run` and the arguments of autoresearch_setup that they stand for.
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
  std::string repo;
  std::vector<std::string> targets;
  std::string command;
  std::vector<std::string> argv;  ///< after --
  std::optional<std::string> metric, pattern, pick, direction;
  bool minimize = false, maximize = false;
  std::optional<std::int64_t> iterations, spark_budget, spark_per_iteration, plateau, seed;
  std::optional<std::string> repeats;  ///< "auto" or a number
  std::optional<std::string> time_budget, total_time, build_time,
      check_time;  ///< 90, 1.5m, 2h, 1d, 500ms
  std::optional<double> significance, min_delta, target_metric, explore_epsilon, max_cost;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::string> backend;  ///< a name, or JSON
  std::vector<std::string> guards;     ///< names, or JSON
  std::vector<std::string> gates;      ///< NAME=COMMAND, or JSON
  std::vector<std::string> protect, share, environment;
  std::optional<std::string> setup_command, build_command, check_command, workspace, sandbox,
      constitution, on_gate_error;
  std::optional<std::string> experiment_id, goal_id;
  bool allow_missing_baseline = false, as_checked_out = false;
  std::string resume;
  int patience = 10;
  int pairs = 0;  ///< as many as there is time for
  bool prune = true;
  bool no_compare = false;
  bool dry_run = false;  ///< say what would be searched, and stop
  int slots = 0;
  int parallel = 0;  ///< candidates side by side; 0: as the settings say
  std::vector<std::string> require;
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
