// SPDX-License-Identifier: MIT
//
// The arguments of autoresearch_setup and start_autoresearch: one row a setting. For tools.cpp
// only.
#pragma once

#include <algorithm>
#include <array>

#include "runtime/tools/tools.hpp"

namespace ratchet::setup_table {

using kind = argument_kind;

constexpr std::array<std::string_view, 2> directions{"higher_is_better", "lower_is_better"};
constexpr std::array<std::string_view, 5> picks{"last", "first", "max", "min", "median"};
constexpr std::array<std::string_view, 2> workspaces{"worktree", "in_place"};
constexpr std::array<std::string_view, 3> sandboxes{"none", "auto", "strict"};
constexpr std::array<std::string_view, 2> policies{"open", "closed"};

constexpr std::size_t path_bytes = 4096;
constexpr std::size_t id_bytes = 128;

constexpr tool_argument wait_ms{
    .name = "wait_ms",
    .kind = kind::integer,
    .description =
        "How long this call may block, in milliseconds, 0 to 86400000. When it passes "
        "first the step goes on, the answer says state \"running\", and the result is "
        "read with get_autoresearch_status.",
    .minimum = 0,
    .maximum = 86'400'000};

constexpr std::array setup_arguments{
    tool_argument{.name = "repo_path",
                  .kind = kind::text,
                  .description = "Directory of the git repository to work on. Relative paths start "
                                 "at the current directory of Ratchet.",
                  .required = true,
                  .max_bytes = path_bytes},
    tool_argument{.name = "target_file",
                  .kind = kind::text,
                  .description = "The one file that edits may change: tracked by git, relative to "
                                 "the repository, such as \"src/train.py\". Give this or "
                                 "target_files.",
                  .max_bytes = path_bytes},
    tool_argument{.name = "target_files",
                  .kind = kind::text_list,
                  .description = "The files that edits may change, 1 to 1000 of them; instead of "
                                 "target_file."},
    tool_argument{.name = "run_command",
                  .kind = kind::command,
                  .description = "The experiment: text is given to /bin/sh -c, a list of text is a "
                                 "program and its arguments. It runs in the workspace, must print "
                                 "the metric and end with exit status 0.",
                  .required = true,
                  .max_bytes = 64 << 10},
    tool_argument{.name = "metric_name",
                  .kind = kind::text,
                  .description = "Name of the metric in the output, found as \"name: 0.9\", "
                                 "\"name=1.2ms\", \"name (ms): 1.5\", a JSON key or the first cell "
                                 "of a table's row. A unit is read and later runs are converted to "
                                 "the baseline's. One line, 1 to 128 bytes.",
                  .default_json = "\"score\"",
                  .max_bytes = 128},
    tool_argument{.name = "metric_pattern",
                  .kind = kind::text,
                  .description = "RE2 regular expression with exactly one group around the number "
                                 "(its unit in or right behind the group is read too); or, in a "
                                 "file that the command writes, \"json:PATH#/pointer\" (a step "
                                 "[name=TEXT] finds a list's element; of JSON Lines the last line) "
                                 "or \"csv:PATH#column\" (the last row); or \"@wall_s\", "
                                 "\"@cpu_s\", \"@max_rss_mb\" or \"@instructions\", which Ratchet "
                                 "measures itself (less is better then, unless said). Empty: found "
                                 "by metric_name.",
                  .default_json = "\"\"",
                  .max_bytes = 4096},
    tool_argument{.name = "metric_direction",
                  .kind = kind::text,
                  .description = "\"higher_is_better\" or \"lower_is_better\".",
                  .default_json = "\"higher_is_better\"",
                  .allowed = directions},
    tool_argument{.name = "metric_pick",
                  .kind = kind::text,
                  .description = "Which match in the output, or row of a file, counts: \"last\", "
                                 "\"first\", \"max\", \"min\" or \"median\" of all.",
                  .default_json = "\"last\"",
                  .allowed = picks},
    tool_argument{.name = "max_iterations",
                  .kind = kind::integer,
                  .description = "How many edits are tried at most, 1 to 1000000. Failed edits "
                                 "count. Given without spark_budget, it raises that.",
                  .default_json = "50",
                  .minimum = 1,
                  .maximum = 1'000'000},
    tool_argument{.name = "time_budget_s",
                  .kind = kind::number,
                  .description = "Seconds that one execution of the command may take, 0.001 to "
                                 "604800; then it is ended with all its descendants.",
                  .default_json = "300",
                  .minimum = 0.001,
                  .maximum = 604'800},
    tool_argument{.name = "total_time_budget_s",
                  .kind = kind::number,
                  .description = "Seconds that the whole session may take, 0 to 31536000; 0 is no "
                                 "limit.",
                  .default_json = "0",
                  .minimum = 0,
                  .maximum = 31'536'000},
    tool_argument{.name = "max_cost_usd",
                  .kind = kind::number,
                  .description = "US dollars that the model calls of the whole session may cost, "
                                 "0 to 1000000; 0 is no limit. No call is begun that might go "
                                 "over it. Needs the backend's prices.",
                  .default_json = "0",
                  .minimum = 0,
                  .maximum = 1'000'000},
    tool_argument{.name = "max_tokens",
                  .kind = kind::integer,
                  .description = "Tokens, in and out, that the model calls of the whole session "
                                 "may take, 0 to 1000000000000; 0 is no limit.",
                  .default_json = "0",
                  .minimum = 0,
                  .maximum = 1'000'000'000'000},
    tool_argument{.name = "spark_budget",
                  .kind = kind::integer,
                  .description = "Sparks the session may spend on runs, 1 to 1000000000. The "
                                 "baseline is free.",
                  .default_json = "200",
                  .minimum = 1,
                  .maximum = 1'000'000'000},
    tool_argument{.name = "spark_per_iteration",
                  .kind = kind::integer,
                  .description = "Sparks one candidate's run costs, 1 to 1000000000, at most "
                                 "spark_budget.",
                  .default_json = "4",
                  .minimum = 1,
                  .maximum = 1'000'000'000},
    tool_argument{.name = "experiment_id",
                  .kind = kind::text,
                  .description = "Groups sessions of one experiment: 1 to 128 of A-Z a-z 0-9 _ . -",
                  .default_json = "\"\"",
                  .max_bytes = id_bytes},
    tool_argument{.name = "goal_id",
                  .kind = kind::text,
                  .description = "The goal this serves: 1 to 128 of A-Z a-z 0-9 _ . -",
                  .default_json = "\"\"",
                  .max_bytes = id_bytes},
    tool_argument{.name = "edit_backend",
                  .kind = kind::text_or_object,
                  .description =
                      "Who writes the edits when a call brings none: \"mutate\" (seeded "
                      "change of settings, needs no model; parameters: [{file, match, range or "
                      "choices}] names them), \"llm\", \"command\", \"recipes\", "
                      "\"script\" or \"host\" (edits always come with the call); or an object "
                      "{\"name\": …} with the backend's own options.",
                  .default_json = "\"mutate\"",
                  .max_bytes = 64 << 10},
    tool_argument{.name = "workspace",
                  .kind = kind::text,
                  .description = "\"worktree\": an isolated copy, your files are never touched. "
                                 "\"in_place\": the repository itself, which must be clean.",
                  .default_json = "\"worktree\"",
                  .allowed = workspaces},
    tool_argument{.name = "setup_command",
                  .kind = kind::command,
                  .description = "Run once in a fresh work tree before the baseline, for instance "
                                 "to build or install.",
                  .max_bytes = 64 << 10},
    tool_argument{.name = "build_command",
                  .kind = kind::command,
                  .description = "Builds the candidate, after each edit and before anything is "
                                 "measured; what it leaves is built on by the next one. A "
                                 "candidate that does not build costs no spark.",
                  .max_bytes = 64 << 10},
    tool_argument{.name = "build_time_budget_s",
                  .kind = kind::number,
                  .description = "Seconds that one build may take, 0.001 to 604800.",
                  .default_json = "600",
                  .minimum = 0.001,
                  .maximum = 604'800},
    tool_argument{.name = "check_command",
                  .kind = kind::command,
                  .description = "Tests that must pass (exit status 0) after the build before "
                                 "anything is measured. A candidate that fails costs no spark.",
                  .max_bytes = 64 << 10},
    tool_argument{.name = "check_time_budget_s",
                  .kind = kind::number,
                  .description = "Seconds that one check may take, 0.001 to 604800.",
                  .default_json = "600",
                  .minimum = 0.001,
                  .maximum = 604'800},
    tool_argument{.name = "as_checked_out",
                  .kind = kind::boolean,
                  .description = "Whether submodules and files behind filters (Git LFS) are taken "
                                 "as they are checked out in your repository, instead of left "
                                 "empty and as stored.",
                  .default_json = "false"},
    tool_argument{.name = "shared_paths",
                  .kind = kind::text_list,
                  .description = "Untracked files or folders (data, .venv) that the work tree "
                                 "needs, relative to the repository, at most 1000."},
    tool_argument{.name = "protected_paths",
                  .kind = kind::text_list,
                  .description = "Files or folders that no candidate may change, such as the "
                                 "evaluation script; relative to the repository, at most 1000."},
    tool_argument{.name = "guard_metrics",
                  .kind = kind::guards,
                  .description = "Other metrics that must not get worse, at most 32: names, or "
                                 "{name, pattern, pick, direction, max_regression} where "
                                 "max_regression is a share from 0 to 10 (0.05 is 5 %)."},
    tool_argument{.name = "repeats",
                  .kind = kind::count_or_auto,
                  .description =
                      "Pairs of runs (best code, candidate) that confirm an improvement: \"auto\" "
                      "(by the baseline's own spread), or 1 to 1000; 1 is a single run with no "
                      "confirmation. More than 1 must be enough for the significance: at least 3 "
                      "for 0.125.",
                  .default_json = "\"auto\"",
                  .minimum = 1,
                  .maximum = 1000},
    tool_argument{.name = "significance",
                  .kind = kind::number,
                  .description = "Level of the one-sided exact paired test of pairs of runs: "
                                 "0.000001 to 0.5.",
                  .default_json = "0.125",
                  .minimum = 0.000001,
                  .maximum = 0.5},
    tool_argument{.name = "min_delta",
                  .kind = kind::number,
                  .description = "An improvement must exceed the best metric by more than this, in "
                                 "units of the metric; 0 or more.",
                  .default_json = "0",
                  .minimum = 0,
                  .maximum = 1e300},
    tool_argument{.name = "target_metric",
                  .kind = kind::number,
                  .description = "The search is over once the best is as good as this, in the "
                                 "baseline's unit.",
                  .minimum = -1e300,
                  .maximum = 1e300},
    tool_argument{.name = "plateau",
                  .kind = kind::integer,
                  .description = "The search is over after so many measured candidates in a row of "
                                 "which none was kept, 0 to 1000000; 0 is off.",
                  .default_json = "0",
                  .minimum = 0,
                  .maximum = 1'000'000},
    tool_argument{.name = "allow_missing_baseline",
                  .kind = kind::boolean,
                  .description = "Whether the session may start when the unmodified code prints no "
                                 "metric.",
                  .default_json = "false"},
    tool_argument{.name = "environment",
                  .kind = kind::text_list,
                  .description = "Environment of the command beyond the allow-list: NAME passes a "
                                 "variable on, NAME=value sets one; at most 1000."},
    tool_argument{.name = "sandbox",
                  .kind = kind::text,
                  .description = "\"none\"; \"auto\": network off and protected paths read-only "
                                 "where the machine can; \"strict\": refuse to run without.",
                  .default_json = "\"auto\"",
                  .allowed = sandboxes},
    tool_argument{.name = "on_gate_error",
                  .kind = kind::text,
                  .description = "What a built-in gate or one of a host program that is absent "
                                 "or errs does: \"open\" lets the candidate pass and says so in "
                                 "not_enforced, \"closed\" refuses it. A gate's command that does "
                                 "not end with 0 always refuses.",
                  .default_json = "\"open\"",
                  .allowed = policies},
    tool_argument{.name = "gates",
                  .kind = kind::gates,
                  .description = "Gates of your own, judged after the built-in ones, at most 32: "
                                 "{name, command, timeout_s}. The command reads the candidate as "
                                 "JSON on its standard input; exit 0 allows, any other end "
                                 "refuses and is told with the end of its output. Each must pass "
                                 "on the unmodified code."},
    tool_argument{.name = "constitution",
                  .kind = kind::text,
                  .description = "Path of a rule file that replaces the built-in constitution.",
                  .default_json = "\"\"",
                  .max_bytes = path_bytes},
    tool_argument{.name = "requirements",
                  .kind = kind::text_list,
                  .description = "What a machine must have to run this, at most 100: a label "
                                 "(\"gpu\"), \"NAME=VALUE\" (a label, arch, cpu, os or name) or "
                                 "\"NAME>=NUMBER\" (cpus, memory_gb or a label)."},
    tool_argument{.name = "explore_epsilon",
                  .kind = kind::number,
                  .description = "Chance, 0 to 1, that a prompt asks for an unusual idea.",
                  .default_json = "0",
                  .minimum = 0,
                  .maximum = 1},
    wait_ms};

constexpr std::array variant_arguments{
    tool_argument{.name = "hive_parallel",
                  .kind = kind::boolean,
                  .description = "Whether each edit proposes several candidates, which run side by "
                                 "side on this machine's slots and on every worker that has "
                                 "joined; the best of them goes on to the gates. Each is an "
                                 "iteration and costs its sparks.",
                  .default_json = "false"},
    tool_argument{.name = "num_variants",
                  .kind = kind::integer,
                  .description = "Candidates a round with hive_parallel, 1 to 64.",
                  .default_json = "3",
                  .minimum = 1,
                  .maximum = 64}};

constexpr auto start_arguments = [] {
  std::array<tool_argument, setup_arguments.size() + variant_arguments.size()> all{};
  std::copy(variant_arguments.begin(), variant_arguments.end(),
            std::copy(setup_arguments.begin(), setup_arguments.end(), all.begin()));
  return all;
}();

}  // namespace ratchet::setup_table
