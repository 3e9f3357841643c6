// SPDX-License-Identifier: MIT
//
// Every setting of a session: a row each, in the order in which schema and help tell them.
#include <algorithm>

#include "runtime/tools/setting.hpp"
#include "runtime/tools/setting_readers.hpp"
#include "runtime/tools/tool_arguments.hpp"

namespace ratchet {

namespace {

using row = setting;
using s = session_settings;

constexpr std::size_t path_bytes = 4096;
constexpr std::size_t id_bytes = 128;
constexpr std::size_t command_bytes = 64 << 10;
constexpr std::size_t most_paths = 1000;
constexpr double a_week = 604'800;

/// The other way to say target_files.
setting one_target() {
  return {{.name = "target_file",
           .description = "What edits may change: a file tracked by git, a folder or a pattern. "
                          "This or target_files.",
           .max_bytes = path_bytes},
          [](const json& value, session_settings& settings) -> expected<> {
            if (value == "") return {};
            auto path = read_target("target_file", value);
            if (!path) return path.error();
            settings.target_files = {std::move(*path)};
            return {};
          }};
}

std::vector<setting> what_is_searched() {
  return {
      row("repo_path", &s::repo_path, required(bytes(path_bytes)),
          "Directory of the git repository to work on.", {}, read_path)
          .often()
          .by(said_by::calls),
      one_target().often(),
      row("target_files", &s::target_files, items(most_paths),
          "1 to {items} such: \"src/**/*.cpp\", \"!src/gen/**\". There edits may make and remove "
          "files.",
          {}, read_targets)
          .often(),
      row("run_command", &s::run_command, required(bytes(command_bytes)),
          "The experiment: text for /bin/sh -c, or a list of program and arguments. It must print "
          "the metric and end with exit status 0.")
          .often(),
  };
}

std::vector<setting> the_metric() {
  const auto group = help_group::metric;
  return {
      row("metric_name", &s::metric_name, bytes(128),
          "The metric's name in the output: \"name: 0.9\", \"name=1.2ms\", a JSON key, the first "
          "cell "
          "of a table's row. Units are read and converted. One line, 1 to 128 bytes.",
          {"-m,--metric", "NAME", group, "its name in the output (default: {default})"})
          .often(),
      row("metric_pattern", &s::metric_pattern, bytes(4096),
          "Instead of the name alone: RE2 with exactly one group around the number (a unit in or "
          "right behind it is read); in a file that the command writes \"json:PATH#/pointer\" (a "
          "step [name=TEXT] finds an element) or \"csv:PATH#column\" (last row); \"@wall_s\", "
          "\"@cpu_s\", \"@max_rss_mb\" or \"@instructions\", measured by Ratchet.",
          {"--pattern", "RE", group,
           "RE2 with one group around the number, json:PATH#/pointer, csv:PATH#column, or @wall_s, "
           "@cpu_s, @max_rss_mb, @instructions, measured by Ratchet itself"})
          .often(),
      row("metric_pick", &s::metric_pick, {},
          "Which match in the output, or row of a file, counts: {names} of all.",
          {"--pick", "WHICH", group, "which match counts: {names}"}),
      row("metric_direction", &s::metric_direction, {}, "{names}.",
          {"--direction", "WAY", group, "{names}"})
          .often(),
  };
}

std::vector<setting> ends() {
  const auto group = help_group::budgets;
  return {
      row("max_iterations", &s::max_iterations, between(1, 1'000'000),
          "How many edits are tried at most, {range}.",
          {"-n,--iterations,--max-iterations", "N", group,
           "edits tried at most (default {default})"})
          .often(),
      row("time_budget_s", &s::time_budget_s, seconds_between(0.001, a_week),
          "Seconds that one execution of the command may take, {range}; then it is ended.",
          {"--time-budget", "TIME", group, "time of one run (default {default})"})
          .often(),
      row("build_time_budget_s", &s::build_time_budget_s, seconds_between(0.001, a_week),
          "Seconds that one build may take, {range}.",
          {"--build-time", "TIME", group, "time of one build (default {default})"}),
      row("check_time_budget_s", &s::check_time_budget_s, seconds_between(0.001, a_week),
          "Seconds that one check may take, {range}.",
          {"--check-time", "TIME", group, "time of one check (default {default})"}),
      row("target_metric", &s::target_metric, between(-1e300, 1e300),
          "The search is over once the best is as good as this, in the baseline's unit.",
          {"--target-metric", "X", group, "end once the best is as good as this"}),
      row("plateau", &s::plateau, between(0, 1'000'000),
          "The search is over after so many measured candidates in a row of which none was kept, "
          "{range}; 0 is off.",
          {"--plateau", "N", group,
           "end after so many measured candidates without a keep (default: never)"}),
      row("total_time_budget_s", &s::total_time_budget_s, seconds_between(0, 31'536'000),
          "Seconds that the whole session may take, {range}; 0 is no limit.",
          {"--total-time", "TIME", group, "time of the whole search (default: no limit)"}),
      row("max_cost_usd", &s::max_cost_usd, between(0, 1'000'000),
          "US dollars that the model calls of the whole session may cost, {range}; 0 is no limit. "
          "No call is begun that might go over it. Needs the backend's prices.",
          {"--max-cost", "USD", group,
           "US dollars for all model calls (default: no limit; needs prices)",
           "US dollars for all model calls"}),
      row("max_tokens", &s::max_tokens, between(0, 1'000'000'000'000),
          "Tokens, in and out, that the model calls of the whole session may take, {range}; 0 is "
          "no limit.",
          {"--max-tokens", "N", group,
           "tokens, in and out, for all model calls (default: no limit)",
           "tokens for all model calls"}),
      row("spark_budget", &s::spark_budget, between(1, 1'000'000'000),
          "Sparks the session may spend on runs, {range}; not given, as many as max_iterations "
          "needs. The baseline is free.",
          {"--spark-budget", "N", group,
           "sparks for all runs (default {default}, or as many as the iterations need)",
           "sparks for all runs"}),
      row("spark_per_iteration", &s::spark_per_iteration, between(1, 1'000'000'000),
          "Sparks one candidate's run costs, {range}, at most spark_budget.",
          {"--spark-per-iteration", "N", group, "sparks of one run (default {default})"}),
  };
}

std::vector<setting> who_and_where() {
  const auto session = help_group::session;
  const auto search = help_group::search;
  return {
      row("experiment_id", &s::experiment_id, bytes(id_bytes),
          "Groups sessions of one experiment: 1 to 128 of A-Z a-z 0-9 _ . -",
          {"--experiment-id", "ID", session, "groups sessions of one experiment"}, read_identifier),
      row("goal_id", &s::goal_id, bytes(id_bytes),
          "The goal this serves: 1 to 128 of A-Z a-z 0-9 _ . -",
          {"--goal-id", "ID", session, "the goal this serves"}, read_identifier),
      row("edit_backend", &s::edit_backend, bytes(64 << 10),
          "Who writes the edits when a call brings none: \"mutate\" (tunes numbers, needs no "
          "model), "
          "\"llm\", \"command\", \"recipes\", \"script\" or \"host\" (edits always come with the "
          "call); or {\"name\": …} with the backend's options.",
          {"--backend", "NAME|JSON", search,
           "who writes the edits: mutate (default), llm, command, recipes or script; or JSON with "
           "the backend's options, {\"name\": …}"})
          .often(),
      row("instructions", &s::instructions, bytes(most_instruction_bytes),
          "What you know and want, in your own words, for whoever writes the edits; \"@FILE\" "
          "reads "
          "them from a file; without any, the repository's program.md is taken.",
          {"--instructions", "TEXT|@FILE", search,
           "what you know and want, for whoever writes edits (default: the repository's "
           "program.md)",
           "for whoever writes edits (default: program.md)"},
          read_text_or_file),
      row("ideas", &s::ideas, items(1000),
          "Ideas that are tried first, one an iteration, at most {items}.",
          {"--idea", "TEXT", search, "an idea to try first; may be given again",
           "ideas to try first, one an iteration"}),
      row("context_files", &s::context_files, items(100),
          "Patterns (src/**/*.hpp, docs/, !docs/old/) of files that whoever writes edits is shown "
          "beside the targets, at most {items}.",
          {"--context", "GLOB", search,
           "files that prompts show beside the targets, such as 'src/**/*.hpp'",
           "patterns of files that prompts show too"},
          read_globs),
      row("collect_paths", &s::collect_paths, items(20),
          "Files that a run writes (a profile, a table) and that are kept with its result, for "
          "prompts and for autoresearch_show (what: output, file): at most {items}; of each the "
          "first 16 KiB, 64 KiB in all.",
          {"--collect", "PATH", search, "a file that a run writes, kept with its result",
           "files of a run to keep (a profile)"},
          read_inside_paths),
      row("workspace", &s::workspace, {},
          "\"worktree\": an isolated copy, your files are never touched. \"in_place\": the "
          "repository itself, which must be clean.",
          {"--workspace", "KIND", search,
           "worktree (default: an isolated copy) or in_place (your clean repository itself)",
           "worktree (default, a copy) or in_place"}),
      row("setup_command", &s::setup_command, bytes(command_bytes),
          "Run once in a fresh work tree before the baseline, for instance to build or install.",
          {"--setup-command", "TEXT", search,
           "run once in a fresh work tree, before the baseline"}),
      row("build_command", &s::build_command, bytes(command_bytes),
          "Builds each candidate once, before anything is measured, on what the last build left.",
          {"--build-command", "TEXT", search,
           "builds the candidate, after each edit; what it leaves is built on"})
          .often(),
      row("check_command", &s::check_command, bytes(command_bytes),
          "Tests that must pass (exit status 0) before anything is measured.",
          {"--check-command", "TEXT", search, "tests that must pass before anything is measured"})
          .often(),
      row("as_checked_out", &s::as_checked_out, {},
          "Whether submodules and files behind filters (Git LFS) are taken as they are checked out "
          "in your repository, instead of left empty and as stored.",
          {"--as-checked-out", "", search,
           "submodules and files behind filters (Git LFS) as they are in your tree",
           "submodules and LFS files as in your tree"}),
      row("shared_paths", &s::shared_paths, items(most_paths),
          "Untracked files or folders (data, .venv) that the work tree needs, relative to the "
          "repository, at most {items}.",
          {"--share", "PATH", search,
           "untracked path that the work tree needs, such as data or .venv",
           "untracked paths that the work tree needs"},
          read_inside_paths),
  };
}

std::vector<setting> what_counts() {
  const auto metric = help_group::metric;
  const auto gates = help_group::gates;
  return {
      row("protected_paths", &s::protected_paths, items(most_paths),
          "Files or folders that no candidate may change, such as the evaluation script; relative "
          "to the repository, at most {items}.",
          {"--protect", "PATH", gates, "file or folder that no candidate may change"},
          read_inside_paths),
      row("guard_metrics", &s::guard_metrics, items(32),
          "Other metrics that must not get worse, at most {items}: names, or {name, pattern, pick, "
          "direction, max_regression} where max_regression is a share from 0 to 10 (0.05 is 5 %).",
          {"--guard", "NAME|JSON", gates,
           "second metric that must not get worse by more than 5 %: a name, or JSON",
           "must not get worse: names, or {name, pattern, direction, max_regression (0.05)}"}),
      row("min_delta", &s::min_delta, between(0, 1e300),
          "An improvement must exceed the best metric by more than this, in units of the metric; 0 "
          "or more.",
          {"--min-delta", "X", metric, "an improvement must exceed the best by more than this"}),
      row("repeats", &s::repeats, between(1, 1000),
          "Pairs of runs (best code, candidate) that confirm an improvement: \"auto\" (by the "
          "baseline's own spread), or {range}; 1 is a single run with no confirmation. More than 1 "
          "must be enough for the significance: at least 3 for 0.125.",
          {"--repeats", "auto|N", metric,
           "pairs of runs that confirm an improvement: auto (default, by the baseline's spread), 1 "
           "for none, or a number"}),
      row("significance", &s::significance, between(0.000001, 0.5),
          "Level of the one-sided exact paired test of pairs of runs: {range}.",
          {"--significance", "P", metric, "level of the test of pairs (default {default})"}),
      row("allow_missing_baseline", &s::allow_missing_baseline, {},
          "Whether the session may start when the unmodified code prints no metric.",
          {"--allow-missing-baseline", "", metric,
           "start even when the unmodified code prints no metric"}),
      row("environment", &s::environment, items(1000),
          "Environment of the command beyond the allow-list: NAME passes a variable on, NAME=value "
          "sets one; at most {items}.",
          {"--env", "NAME[=VALUE]", help_group::search,
           "NAME passes a variable to the command, NAME=value sets one"},
          read_environment_names),
      row("sandbox", &s::sandbox, {},
          "\"none\"; \"auto\": network off and protected paths read-only where the machine can; "
          "\"strict\": refuse to run without.",
          {"--sandbox", "LEVEL", help_group::search, "{names}"}),
      row("gates", &s::gates, items(32),
          "Gates of your own, judged after the built-in ones, at most {items}: {name, command, "
          "timeout_s}. The command reads the candidate as JSON on its standard input; exit 0 "
          "allows, any other end refuses and is told with the end of its output. Each must pass on "
          "the unmodified code.",
          {"--gate", "NAME=COMMAND", gates,
           "gate of your own: the command reads the candidate as JSON; only exit 0 allows it, and "
           "the unmodified code must pass",
           "{name, command}: it reads the candidate as JSON; only exit 0 allows it"}),
      row("constitution", &s::constitution, bytes(path_bytes),
          "Path of a rule file that replaces the built-in constitution.",
          {"--constitution", "FILE", gates, "rule file instead of the built-in one"},
          read_path_if_any),
      row("on_gate_error", &s::on_gate_error, {},
          "What a built-in gate or one of a host program that is absent or errs does: \"open\" "
          "lets the candidate pass and says so in not_enforced, \"closed\" refuses it. A gate's "
          "command that does not end with 0 always refuses.",
          {"--on-gate-error", "POLICY", gates, "what gates that are absent or err do: {names}"}),
  };
}

std::vector<setting> rounds_and_machines() {
  return {
      row("requirements", &s::requirements, items(100),
          "What a machine must have to run this, at most {items}: a label (\"gpu\"), "
          "\"NAME=VALUE\" (a label, arch, cpu, os or name) or \"NAME>=NUMBER\" (cpus, memory_gb or "
          "a label).",
          {"--require", "TEXT", help_group::side_by_side,
           "what a machine must have: LABEL, NAME=VALUE or NAME>=NUMBER; may be given again",
           "what a machine must have: LABEL, NAME=VALUE or NAME>=NUMBER"},
          read_requirements),
      row("explore_epsilon", &s::explore_epsilon, between(0, 1),
          "Chance, {range}, that a prompt asks for an unusual idea.",
          {"--explore-epsilon", "P", help_group::session, "chance of an unusual idea in a prompt"}),
      row("hive_parallel", &s::hive_parallel, {},
          "Whether candidates run side by side, here and on all workers, one for each free place. "
          "Each costs its sparks.")
          .often()
          .by(said_by::rounds),
      row("num_variants", &s::num_variants, between(1, 64),
          "Candidates side by side with hive_parallel, {range}.")
          .often()
          .by(said_by::rounds),
  };
}

}  // namespace

std::span<const setting> setting_rows() {
  static const std::vector<setting> rows = [] {
    std::vector<setting> all;
    for (auto part :
         {what_is_searched, the_metric, ends, who_and_where, what_counts, rounds_and_machines})
      for (auto& one : part()) all.push_back(std::move(one));
    return all;
  }();
  return rows;
}

}  // namespace ratchet
