// SPDX-License-Identifier: MIT
#include "runtime/cli/run_options.hpp"

#include "runtime/tools/setting.hpp"

namespace ratchet::cli {

namespace {

constexpr const char* examples = R"(
Examples:
  A script that prints "score: 0.87"; its numbers are searched, no model is needed:
    ratchet run --target train.py -- python3 train.py

  Lower is better, the number stands in a line of its own, 200 tries in at most 2 hours:
    ratchet run --target src/sort.c --command 'make -s && ./bench' \
        --pattern '^ns/op: (\S+)' --minimize --iterations 200 --total-time 2h

  A noisy metric, an evaluation that must not change, a second metric that must not get worse:
    ratchet run --target train.py --repeats 8 --protect eval.py --guard accuracy \
        -- python3 eval.py

  Four candidates at a time, where one run leaves processors idle:
    ratchet run --target train.py --parallel 4 -- python3 train.py

  Go on after Ctrl-C, a pause, a crash or a power cut:
    ratchet run --resume 0123456789ab

  At the node of another machine, in a repository there; its paths are the node's, settings of a
  ratchet.json where you are count, and it goes on when the connection or the node was away:
    ratchet --join laptop.invite run --repo /srv/lab --target train.py -- python3 train.py

Your files, index and branches are not touched: kept candidates are commits on the branch
ratchet/SESSION, and merging it is up to you. Ctrl-C (or SIGTERM) undoes the step at work and leaves
a session that --resume goes on with; with --finish it ends the session in order, with its report. A
second Ctrl-C ends at once. `ratchet pause SESSION` stops a search after its step, from anywhere, and
`ratchet steer SESSION TEXT` gives whoever writes its edits new instructions.

Every flag may stand in ratchet.json in the repository instead, by the names that
`ratchet tools` shows for autoresearch_setup, or in the environment (RATCHET_MAX_ITERATIONS=20).
Exit status: 0 the report is written, or it was paused, 1 failed, 2 wrong usage, 130 interrupted.)";

/// The flag of a setting, as its kind is said on a command line.
CLI::Option* add_flag_of(CLI::App& run, const setting& row, json& said) {
  const flag& f = row.on_command_line;
  const std::string name(row.argument.name);
  auto option = [&]<class T>(std::type_identity<T>) {
    return run.add_option_function<T>(
        f.names, [&said, name](const T& value) { said[name] = value; }, f.line);
  };
  if (row.seconds) return option(std::type_identity<std::string>());
  switch (row.argument.kind) {
    case argument_kind::boolean:
      return run.add_flag_callback(
          f.names, [&said, name] { said[name] = true; }, f.line);
    case argument_kind::integer:
      return option(std::type_identity<std::int64_t>());
    case argument_kind::number:
      return option(std::type_identity<double>());
    case argument_kind::text_list:
    case argument_kind::guards:
    case argument_kind::gates:
      return option(std::type_identity<std::vector<std::string>>())->allow_extra_args(false);
    default:
      return option(std::type_identity<std::string>());
  }
}

void add_settings(CLI::App& run, std::string_view group, json& said) {
  for (const auto& row : setting_rows()) {
    const flag& f = row.on_command_line;
    if (*f.names == '\0' || f.group != group) continue;
    auto* option = add_flag_of(run, row, said)->group(f.group);
    if (*f.value != '\0') option->type_name(f.value);
  }
}

void add_what_is_searched(CLI::App& run, run_flags& f) {
  const char* what = help_group::search;
  run.add_option("--repo", f.repo,
                 "the git repository (default: the one you are in); with --join, its path at "
                 "the node")
      ->group(what)
      ->type_name("DIR");
  run.add_option("-t,--target", f.targets,
                 "file, folder or pattern (src/**/*.cpp, !src/gen/**) that edits may change; "
                 "may be given again")
      ->group(what)
      ->type_name("FILE")
      ->allow_extra_args(false);
  run.add_option("-c,--command", f.command, "the experiment, for /bin/sh -c")
      ->group(what)
      ->type_name("TEXT");
  run.add_option("argv", f.argv, "the experiment as a program and its arguments, after --")
      ->type_name("PROGRAM");
  add_settings(run, what, f.settings);
  run.add_flag("--dry-run", f.dry_run,
               "list the settings that would be searched (see `ratchet settings`), touch nothing")
      ->group(what);
  run.add_option("--seed", f.seed, "seed of the edit backend")->group(what)->type_name("N");
}

void add_the_metric(CLI::App& run, run_flags& f) {
  add_settings(run, help_group::metric, f.settings);
  run.add_flag("--maximize", f.maximize, "higher is better")->group(help_group::metric);
  run.add_flag("--minimize", f.minimize, "lower is better")->group(help_group::metric);
}

void add_budgets(CLI::App& run, run_flags& f) {
  add_settings(run, help_group::budgets, f.settings);
  run.add_option("--patience", f.patience, "end after so many failed edits in a row (default 10)")
      ->group(help_group::budgets)
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
}

void add_the_session(CLI::App& run, run_flags& f) {
  const char* session = help_group::session;
  run.add_option("--resume", f.resume, "go on with a session that was not finalized")
      ->group(session)
      ->type_name("ID");
  add_settings(run, session, f.settings);
  run.add_option(
         "--pairs", f.pairs,
         "pairs of the final comparison of baseline and best, whatever they take (default: 6, "
         "the fewest that give a 95 % interval, or as many as what is left of "
         "--total-time has room for, without one a minute or a fifth of the session's time)")
      ->group(session)
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  run.add_flag("--finish", f.finish,
               "at Ctrl-C end the session with its report, instead of leaving it to be resumed")
      ->group(session);
  run.add_flag("--no-compare", f.no_compare, "leave the final comparison out")->group(session);
  run.add_flag("--prune,!--no-prune", f.prune,
               "at the end, take back what of the winning change brings nothing (default, where "
               "time allows)")
      ->group(session);
}

void add_side_by_side(CLI::App& run, run_flags& f) {
  const char* parallel = help_group::side_by_side;
  run.add_option("--parallel", f.parallel,
                 "candidates side by side, each in a work tree of its own")
      ->group(parallel)
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  run.add_option("--slots", f.slots,
                 "experiments at once on this machine (default: --parallel, else half the "
                 "processors)")
      ->group(parallel)
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  add_settings(run, parallel, f.settings);
}

}  // namespace

void add_run_options(CLI::App& run, run_flags& f) {
  run.footer(examples);
  add_what_is_searched(run, f);
  add_the_metric(run, f);
  add_budgets(run, f);
  add_settings(run, help_group::gates, f.settings);
  add_the_session(run, f);
  add_side_by_side(run, f);
}

}  // namespace ratchet::cli
