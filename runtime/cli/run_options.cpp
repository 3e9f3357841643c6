// SPDX-License-Identifier: MIT
#include "runtime/cli/run_options.hpp"

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

  Go on after Ctrl-C, a crash or a power cut, when the session was not finalized:
    ratchet run --resume 0123456789ab

  At the node of another machine, in a repository there; its paths are the node's, settings of a
  ratchet.json where you are count, and it goes on when the connection or the node was away:
    ratchet --join laptop.invite run --repo /srv/lab --target train.py -- python3 train.py

Your files, index and branches are not touched: kept candidates are commits on the branch
ratchet/SESSION, and merging it is up to you. Ctrl-C once ends the search in order (the candidate
at work is reverted, the report written); twice ends at once.

Every flag may stand in ratchet.json in the repository instead, by the names that
`ratchet tools` shows for autoresearch_setup, or in the environment (RATCHET_MAX_ITERATIONS=20).
Exit status: 0 the report is written, 1 failed, 2 wrong usage, 130 interrupted (the report is
written then, too).)";

}  // namespace

void add_run_options(CLI::App& run, run_flags& f) {
  run.footer(examples);
  const char* what = "What is searched";
  run.add_option("--repo", f.repo,
                 "the git repository (default: the one you are in); with --join, its path at "
                 "the node")
      ->group(what)
      ->type_name("DIR");
  run.add_option("-t,--target", f.targets, "file that edits may change; may be given again")
      ->group(what)
      ->type_name("FILE")
      ->allow_extra_args(false);
  run.add_option("-c,--command", f.command, "the experiment, for /bin/sh -c")
      ->group(what)
      ->type_name("TEXT");
  run.add_option("argv", f.argv, "the experiment as a program and its arguments, after --")
      ->type_name("PROGRAM");
  run.add_option("--backend", f.backend,
                 "who writes the edits: mutate (default), llm, command, recipes or script; or JSON "
                 "with the backend's options, {\"name\": …}")
      ->group(what)
      ->type_name("NAME|JSON");
  run.add_flag("--dry-run", f.dry_run,
               "list the settings that would be searched (see `ratchet settings`), touch nothing")
      ->group(what);
  run.add_option("--seed", f.seed, "seed of the edit backend")->group(what)->type_name("N");
  run.add_option("--workspace", f.workspace,
                 "worktree (default: an isolated copy) or in_place (your clean repository itself)")
      ->group(what)
      ->type_name("KIND");
  run.add_option("--setup-command", f.setup_command,
                 "run once in a fresh work tree, before the baseline")
      ->group(what)
      ->type_name("TEXT");
  run.add_option("--build-command", f.build_command,
                 "builds the candidate, after each edit; what it leaves is built on")
      ->group(what)
      ->type_name("TEXT");
  run.add_option("--check-command", f.check_command,
                 "tests that must pass before anything is measured")
      ->group(what)
      ->type_name("TEXT");
  run.add_flag("--as-checked-out", f.as_checked_out,
               "submodules and files behind filters (Git LFS) as they are in your tree")
      ->group(what);
  run.add_option("--share", f.share,
                 "untracked path that the work tree needs, such as data or .venv")
      ->group(what)
      ->type_name("PATH")
      ->allow_extra_args(false);
  run.add_option("--env", f.environment,
                 "NAME passes a variable to the command, NAME=value sets one")
      ->group(what)
      ->type_name("NAME[=VALUE]")
      ->allow_extra_args(false);
  run.add_option("--sandbox", f.sandbox, "none, auto (default) or strict")
      ->group(what)
      ->type_name("LEVEL");

  const char* metric = "The metric";
  run.add_option("-m,--metric", f.metric, "its name in the output (default: score)")
      ->group(metric)
      ->type_name("NAME");
  run.add_option("--pattern", f.pattern,
                 "RE2 with one group around the number, json:PATH#/pointer, csv:PATH#column, or "
                 "@wall_s, @cpu_s, @max_rss_mb, @instructions, measured by Ratchet itself")
      ->group(metric)
      ->type_name("RE");
  run.add_option("--pick", f.pick, "which match counts: last (default), first, max, min or median")
      ->group(metric)
      ->type_name("WHICH");
  run.add_option("--direction", f.direction, "higher_is_better (default) or lower_is_better")
      ->group(metric)
      ->type_name("WAY");
  run.add_flag("--maximize", f.maximize, "higher is better")->group(metric);
  run.add_flag("--minimize", f.minimize, "lower is better")->group(metric);
  run.add_option("--min-delta", f.min_delta,
                 "an improvement must exceed the best by more than this")
      ->group(metric)
      ->type_name("X");
  run.add_option("--repeats", f.repeats,
                 "pairs of runs that confirm an improvement: auto (default, by the baseline's "
                 "spread), 1 for a single run, or a number")
      ->group(metric)
      ->type_name("auto|N");
  run.add_option("--significance", f.significance, "level of the test of pairs (default 0.125)")
      ->group(metric)
      ->type_name("P");
  run.add_flag("--allow-missing-baseline", f.allow_missing_baseline,
               "start even when the unmodified code prints no metric")
      ->group(metric);

  const char* budget = "Budgets";
  run.add_option("-n,--iterations,--max-iterations", f.iterations,
                 "edits tried at most (default 50)")
      ->group(budget)
      ->type_name("N");
  run.add_option("--time-budget", f.time_budget, "time of one run (default 5m)")
      ->group(budget)
      ->type_name("TIME");
  run.add_option("--build-time", f.build_time, "time of one build (default 10m)")
      ->group(budget)
      ->type_name("TIME");
  run.add_option("--check-time", f.check_time, "time of one check (default 10m)")
      ->group(budget)
      ->type_name("TIME");
  run.add_option("--target-metric", f.target_metric, "end once the best is as good as this")
      ->group(budget)
      ->type_name("X");
  run.add_option("--plateau", f.plateau,
                 "end after so many measured candidates without a keep (default: never)")
      ->group(budget)
      ->type_name("N");
  run.add_option("--total-time", f.total_time, "time of the whole search (default: no limit)")
      ->group(budget)
      ->type_name("TIME");
  run.add_option("--max-cost", f.max_cost,
                 "US dollars for all model calls (default: no limit; needs prices)")
      ->group(budget)
      ->type_name("USD");
  run.add_option("--max-tokens", f.max_tokens,
                 "tokens, in and out, for all model calls (default: no limit)")
      ->group(budget)
      ->type_name("N");
  run.add_option("--spark-budget", f.spark_budget,
                 "sparks for all runs (default 200, or as many as --iterations needs)")
      ->group(budget)
      ->type_name("N");
  run.add_option("--spark-per-iteration", f.spark_per_iteration, "sparks of one run (default 4)")
      ->group(budget)
      ->type_name("N");
  run.add_option("--patience", f.patience, "end after so many failed edits in a row (default 10)")
      ->group(budget)
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));

  const char* gate = "Gates";
  run.add_option("--protect", f.protect, "file or folder that no candidate may change")
      ->group(gate)
      ->type_name("PATH")
      ->allow_extra_args(false);
  run.add_option("--guard", f.guards,
                 "second metric that must not get worse by more than 5 %: a name, or JSON")
      ->group(gate)
      ->type_name("NAME|JSON")
      ->allow_extra_args(false);
  run.add_option("--gate", f.gates,
                 "gate of your own: the command reads the candidate as JSON; only exit 0 allows "
                 "it, and the unmodified code must pass")
      ->group(gate)
      ->type_name("NAME=COMMAND")
      ->allow_extra_args(false);
  run.add_option("--constitution", f.constitution, "rule file instead of the built-in one")
      ->group(gate)
      ->type_name("FILE");
  run.add_option("--on-gate-error", f.on_gate_error,
                 "what gates that are absent or err do: open (default) or closed")
      ->group(gate)
      ->type_name("POLICY");

  const char* session = "The session";
  run.add_option("--resume", f.resume, "go on with a session that was not finalized")
      ->group(session)
      ->type_name("ID");
  run.add_option("--experiment-id", f.experiment_id, "groups sessions of one experiment")
      ->group(session)
      ->type_name("ID");
  run.add_option("--goal-id", f.goal_id, "the goal this serves")->group(session)->type_name("ID");
  run.add_option("--explore-epsilon", f.explore_epsilon, "chance of an unusual idea in a prompt")
      ->group(session)
      ->type_name("P");
  const char* parallel = "Side by side";
  run.add_option("--parallel", f.parallel,
                 "candidates a round, each in a work tree of its own; the best goes on")
      ->group(parallel)
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  run.add_option("--slots", f.slots,
                 "experiments at once on this machine (default: --parallel, else half the "
                 "processors)")
      ->group(parallel)
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  run.add_option("--require", f.require,
                 "what a machine must have: LABEL, NAME=VALUE or NAME>=NUMBER; may be given again")
      ->group(parallel)
      ->type_name("TEXT")
      ->allow_extra_args(false);
  run.add_option(
         "--pairs", f.pairs,
         "pairs of the final comparison of baseline and best, whatever they take (default: 6, "
         "the fewest that give a 95 % interval, or as many as what is left of "
         "--total-time has room for, without one a minute or a fifth of the session's time)")
      ->group(session)
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  run.add_flag("--no-compare", f.no_compare, "leave the final comparison out")->group(session);
  run.add_flag("--prune,!--no-prune", f.prune,
               "at the end, take back what of the winning change brings nothing (default, where "
               "time allows)")
      ->group(session);
}

}  // namespace ratchet::cli
