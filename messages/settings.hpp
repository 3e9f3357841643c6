// SPDX-License-Identifier: MIT
//
// What a session was asked to do: the arguments of autoresearch_setup, validated once and then
// immutable for the session's life. Stored as JSON in `sessions.settings` and in the report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/json.hpp"
#include "messages/shared.hpp"

namespace ratchet {

enum class metric_direction : std::uint8_t { higher_is_better, lower_is_better };
template <>
struct enum_names<metric_direction> {
  static constexpr std::array<std::pair<metric_direction, std::string_view>, 2> value{
      {{metric_direction::higher_is_better, "higher_is_better"},
       {metric_direction::lower_is_better, "lower_is_better"}}};
};

/// Which of several matches in the output counts.
enum class metric_pick : std::uint8_t { last, first, max, min, median };
template <>
struct enum_names<metric_pick> {
  static constexpr std::array<std::pair<metric_pick, std::string_view>, 5> value{
      {{metric_pick::last, "last"},
       {metric_pick::first, "first"},
       {metric_pick::max, "max"},
       {metric_pick::min, "min"},
       {metric_pick::median, "median"}}};
};

enum class workspace_kind : std::uint8_t { worktree, in_place };
template <>
struct enum_names<workspace_kind> {
  static constexpr std::array<std::pair<workspace_kind, std::string_view>, 2> value{
      {{workspace_kind::worktree, "worktree"}, {workspace_kind::in_place, "in_place"}}};
};

/// none: no isolation beyond the process tree. auto: network off and protected paths read-only
/// where the machine offers it, the level reached is recorded. strict: refuse to run without it.
enum class sandbox_mode : std::uint8_t { none, automatic, strict };
template <>
struct enum_names<sandbox_mode> {
  static constexpr std::array<std::pair<sandbox_mode, std::string_view>, 3> value{
      {{sandbox_mode::none, "none"},
       {sandbox_mode::automatic, "auto"},
       {sandbox_mode::strict, "strict"}}};
};

/// What a gate that is absent or errs does: open lets the candidate pass and flips its flag.
enum class gate_error_policy : std::uint8_t { open, closed };
template <>
struct enum_names<gate_error_policy> {
  static constexpr std::array<std::pair<gate_error_policy, std::string_view>, 2> value{
      {{gate_error_policy::open, "open"}, {gate_error_policy::closed, "closed"}}};
};

/// A command: a string is given to `/bin/sh -c`, a list is an argument vector and sees no shell.
struct command_line {
  std::string shell;              ///< set iff it was a string
  std::vector<std::string> argv;  ///< set iff it was a list

  bool empty() const { return shell.empty() && argv.empty(); }
  /// What is executed: argv, or {"/bin/sh", "-c", shell}.
  std::vector<std::string> arguments() const {
    return shell.empty() ? argv : std::vector<std::string>{"/bin/sh", "-c", shell};
  }
  bool operator==(const command_line&) const = default;
};
inline void to_json(json& j, const command_line& c) {
  if (c.shell.empty())
    j = c.argv;
  else
    j = c.shell;
}
inline void from_json(const json& j, command_line& c) {
  c = {};
  if (j.is_string())
    c.shell = j.get<std::string>();
  else
    c.argv = j.get<std::vector<std::string>>();
}

/// How many pairs of runs (best code, candidate) decide: 1 is a single run, 0 is "auto", which lets
/// the baseline's own spread decide between a single run and pairs. JSON: a number, or "auto".
struct repeat_count {
  int pairs = 0;

  repeat_count() = default;
  repeat_count(int n) : pairs(n) {}  // NOLINT(google-explicit-constructor)
  bool automatic() const { return pairs == 0; }
  bool operator==(const repeat_count&) const = default;
};
inline void to_json(json& j, const repeat_count& r) {
  if (r.automatic())
    j = "auto";
  else
    j = r.pairs;
}
inline void from_json(const json& j, repeat_count& r) {
  r.pairs = j.is_number() ? j.get<int>() : 0;
}

/// How one number is found in the output. See actors/logic/metric.hpp for the rules.
struct metric_rule {
  std::string name = "score";
  /// RE2 with exactly one group; "json:PATH#/pointer" or "csv:PATH#column" for a file; "@wall_s"
  /// and its like for what Ratchet measures itself; empty: by name.
  std::string pattern;
  metric_pick pick = metric_pick::last;

  static constexpr auto fields() {
    return field_list{field{"name", &metric_rule::name},
                      field{"pattern", &metric_rule::pattern, presence::if_set},
                      field{"pick", &metric_rule::pick}};
  }
};

/// A second metric that must not get worse. `max_regression` is a share: 0.05 is 5 %.
struct guard_metric {
  std::string name;
  std::string pattern;
  metric_pick pick = metric_pick::last;
  metric_direction direction = metric_direction::higher_is_better;
  double max_regression = 0.05;

  metric_rule rule() const { return {name, pattern, pick}; }
  static constexpr auto fields() {
    return field_list{field{"name", &guard_metric::name},
                      field{"pattern", &guard_metric::pattern, presence::if_set},
                      field{"pick", &guard_metric::pick},
                      field{"direction", &guard_metric::direction},
                      field{"max_regression", &guard_metric::max_regression}};
  }
};

/// Which backend writes the edits and how it is set up; `options` are the backend's own.
/// JSON: "mutate", or {"name": "mutate", "seed": 7, …}.
struct edit_backend_choice {
  std::string name = "mutate";  ///< host, mutate, llm, command, recipes or script
  json options = json::object();
};
inline void to_json(json& j, const edit_backend_choice& b) {
  if (b.options.empty()) {
    j = b.name;
    return;
  }
  j = json{{"name", b.name}};
  j.update(b.options);
}
inline void from_json(const json& j, edit_backend_choice& b) {
  b = {};
  if (j.is_string()) {
    b.name = j.get<std::string>();
    return;
  }
  b.options = j;
  b.name = j.at("name").get<std::string>();
  b.options.erase("name");
}

/// A gate the user adds: a command that reads the candidate as JSON on standard input. Exit 0
/// allows; any other end refuses. The unmodified code must pass it.
struct external_gate {
  std::string name;
  command_line command;
  double timeout_s = 60;

  static constexpr auto fields() {
    return field_list{field{"name", &external_gate::name},
                      field{"command", &external_gate::command},
                      field{"timeout_s", &external_gate::timeout_s}};
  }
};

/// Of `instructions`, wherever they come from.
inline constexpr std::size_t most_instruction_bytes = 32 << 10;

struct session_settings {
  std::string repo_path;  ///< canonical absolute path of the user's repository
  /// ≥ 1 files, folders and patterns, relative to the repository, '/' separated: see
  /// actors/logic/target_set.hpp.
  std::vector<std::string> target_files;
  command_line run_command;
  std::string metric_name = "score";
  std::string metric_pattern;
  ratchet::metric_direction metric_direction = metric_direction::higher_is_better;
  ratchet::metric_pick metric_pick = metric_pick::last;
  int max_iterations = 50;         ///< 1 … 1,000,000
  double time_budget_s = 300;      ///< one execution of the command, (0, 604,800]
  double total_time_budget_s = 0;  ///< the whole session; 0 is no limit
  double max_cost_usd = 0;         ///< of the model calls of the whole session; 0 is no limit
  long long max_tokens = 0;        ///< the same in tokens, in and out; 0 is no limit
  std::string experiment_id;
  std::string goal_id;
  int spark_budget = 200;
  int spark_per_iteration = 4;
  edit_backend_choice edit_backend;
  std::string instructions;  ///< the user's words for whoever writes edits; see also program.md
  std::vector<std::string> context_files;  ///< patterns of files that a prompt shows beside targets
  std::vector<std::string> ideas;          ///< tried first, one an iteration
  std::vector<std::string> collect_paths;  ///< files of a run that are kept with its result
  workspace_kind workspace = workspace_kind::worktree;
  command_line setup_command;  ///< run once in a fresh work tree, before the baseline
  command_line build_command;  ///< run after each edit; what it leaves are the candidate's products
  double build_time_budget_s = 600;       ///< one build, (0, 604,800]
  command_line check_command;             ///< must pass after the build before anything is measured
  double check_time_budget_s = 600;       ///< one check, (0, 604,800]
  std::vector<std::string> shared_paths;  ///< untracked paths linked into the work tree
  std::vector<std::string> protected_paths;  ///< files or folders no candidate may change
  std::vector<guard_metric> guard_metrics;
  repeat_count repeats;         ///< see actors/logic/experiment_plan.hpp
  double significance = 0.125;  ///< one-sided level of the paired test
  double min_delta = 0;
  std::optional<double> target_metric;  ///< the search is over once the best is as good as this
  int plateau = 0;  ///< measured candidates in a row without a keep that end the search; 0: off
  bool allow_missing_baseline = false;
  std::vector<std::string> environment;  ///< NAME (passed through) or NAME=value
  sandbox_mode sandbox = sandbox_mode::automatic;
  gate_error_policy on_gate_error = gate_error_policy::open;
  std::vector<external_gate> gates;
  std::string constitution;  ///< path of a rule file that replaces the built-in one
  bool hive_parallel = false;
  int num_variants = 3;
  double explore_epsilon = 0;  ///< chance of the exploration paragraph in a prompt
  /// Submodules and files behind filters (Git LFS) are taken as they stand in the user's tree.
  bool as_checked_out = false;
  /// What a machine must have to run this: see actors/logic/requirements.hpp; empty: any machine.
  std::vector<std::string> requirements;

  metric_rule metric() const { return {metric_name, metric_pattern, metric_pick}; }

  static constexpr auto fields() {
    using s = session_settings;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"repo_path", &s::repo_path},
                      field{"target_files", &s::target_files},
                      field{"run_command", &s::run_command},
                      field{"metric_name", &s::metric_name},
                      field{"metric_pattern", &s::metric_pattern},
                      field{"metric_direction", &s::metric_direction},
                      field{"metric_pick", &s::metric_pick},
                      field{"max_iterations", &s::max_iterations},
                      field{"time_budget_s", &s::time_budget_s},
                      field{"total_time_budget_s", &s::total_time_budget_s},
                      field{"max_cost_usd", &s::max_cost_usd},
                      field{"max_tokens", &s::max_tokens},
                      field{"experiment_id", &s::experiment_id},
                      field{"goal_id", &s::goal_id},
                      field{"spark_budget", &s::spark_budget},
                      field{"spark_per_iteration", &s::spark_per_iteration},
                      field{"edit_backend", &s::edit_backend},
                      field{"instructions", &s::instructions, if_set},
                      field{"context_files", &s::context_files, if_set},
                      field{"ideas", &s::ideas, if_set},
                      field{"collect_paths", &s::collect_paths, if_set},
                      field{"workspace", &s::workspace},
                      field{"setup_command", &s::setup_command, if_set},
                      field{"build_command", &s::build_command, if_set},
                      field{"build_time_budget_s", &s::build_time_budget_s},
                      field{"check_command", &s::check_command, if_set},
                      field{"check_time_budget_s", &s::check_time_budget_s},
                      field{"shared_paths", &s::shared_paths, if_set},
                      field{"protected_paths", &s::protected_paths, if_set},
                      field{"guard_metrics", &s::guard_metrics, if_set},
                      field{"repeats", &s::repeats},
                      field{"significance", &s::significance},
                      field{"min_delta", &s::min_delta},
                      field{"target_metric", &s::target_metric, if_set},
                      field{"plateau", &s::plateau},
                      field{"allow_missing_baseline", &s::allow_missing_baseline},
                      field{"environment", &s::environment, if_set},
                      field{"sandbox", &s::sandbox},
                      field{"on_gate_error", &s::on_gate_error},
                      field{"gates", &s::gates, if_set},
                      field{"constitution", &s::constitution, if_set},
                      field{"hive_parallel", &s::hive_parallel, if_set},
                      field{"num_variants", &s::num_variants},
                      field{"explore_epsilon", &s::explore_epsilon},
                      field{"as_checked_out", &s::as_checked_out, if_set},
                      field{"requirements", &s::requirements, if_set}};
  }
};

/// As a session and all that it asks for have them: validated once, and then the same for everyone.
using shared_settings = shared<session_settings>;

}  // namespace ratchet
