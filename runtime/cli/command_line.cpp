// SPDX-License-Identifier: MIT
#include "runtime/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <functional>

#include "actors/logic/text.hpp"
#include "messages/version.hpp"
#include "runtime/cli/command_parts.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/log_level.hpp"
#include "runtime/cli/mistyped.hpp"
#include "runtime/cli/run_options.hpp"
#include "runtime/cli/settings_help.hpp"

namespace ratchet::cli {

void add_common(CLI::App& app, parsed& p) {
  app.add_option("--state-dir", p.state_dir, "where sessions, store and reports are")
      ->type_name("DIR");
  app.add_option("--join", p.join,
                 "work at the node that this invitation is for: a file, - (standard input) or "
                 "env:NAME")
      ->type_name("FILE");
  app.add_flag("--json", p.json_output, "answer in JSON, for programs");
  app.add_option("--log", p.log,
                 "what to tell on standard error: debug, info (default), warning, error, off")
      ->type_name("LEVEL");
}

CLI::App& add(CLI::App& top, parsed& p, action& chosen, const char* name, const char* about,
              const char* footer, action what) {
  CLI::App& sub = *top.add_subcommand(name, about);
  add_common(sub, p);
  sub.footer(footer);
  sub.callback([&chosen, &sub, what = std::move(what)] {
    if (sub.get_subcommands().empty()) chosen = what;
  });
  return sub;
}

namespace {

constexpr const char* top_examples = R"(
Examples:
  ratchet doctor                                     is this machine ready?
  ratchet settings train.py                          what would a search change there?
  ratchet run --target train.py -- python3 train.py  search until the budget is spent
  ratchet status                                     all sessions
  ratchet show 0123456789ab 7                        iteration 7 with its diff
  ratchet events --follow --json                     what happens, as CloudEvents
  ratchet --join FILE run --repo /srv/lab …          a search at another machine's node

The state directory is --state-dir, else $RATCHET_STATE_DIR, else $XDG_STATE_HOME/ratchet, else
~/.local/state/ratchet. The log's level is --log, else $RATCHET_LOG, else info. Exit status: 0 done,
1 failed, 2 wrong usage.)";

/// `searches`: "run" may be among the words. Nobody else needs its many options.
void add_step_commands(CLI::App& top, parsed& p, action& chosen, bool searches) {
  auto& run =
      add(top, p, chosen, "run", "Search: edit, run, keep or revert, until the budget is spent", "",
          [&p](const command_context& c) { return run_search(c, p.run); });
  if (searches) add_run_options(run, p.run);

  auto& settings =
      add(top, p, chosen, "settings", "List what a search without a model would change",
          settings_help, [&p](const command_context& c) { return show_settings(c, p.settings); });
  settings.add_option("files", p.settings.files,
                      "the files to look at (default: the targets of ratchet.json)");
  settings
      .add_option("-m,--metric", p.settings.metric,
                  "the metric's name: lines that compute or print it are left alone")
      ->type_name("NAME");
  settings
      .add_option("--parameters", p.settings.parameters,
                  "tune without touching the file: JSON, as below")
      ->type_name("JSON");

  add(top, p, chosen, "tools", "List the step tools and their arguments",
      "\nExamples:\n  ratchet tools\n  ratchet tools --json     JSON Schemas, for agent hosts",
      [](const command_context& c) { return show_tools(c); });

  auto& call = add(
      top, p, chosen, "call", "Call one tool: JSON in, JSON out",
      "\nExamples:\n"
      "  ratchet call autoresearch_setup '{\"repo_path\": \".\", \"target_file\": \"train.py\",\n"
      "                                    \"run_command\": \"python3 train.py\"}'\n"
      "  ratchet call autoresearch_edit @edit.json\n"
      "  ratchet call autoresearch_run '{\"session_id\": \"0123456789ab\", \"wait_ms\": 4000}'\n"
      "\nWith wait_ms the answer may say \"state\": \"running\": the step goes on in a process "
      "that\n"
      "stays behind, also after Ctrl-C, and get_autoresearch_status has its result. Without, the\n"
      "call waits for the end; of candidates side by side for all of them, unless wait_for says\n"
      "\"first\". The exit status is 1 when the answer is an error.",
      [&p](const command_context& c) {
        return (c.join.empty() ? call_tool : call_remote_tool)(c, p.tool, p.arguments);
      });
  call.add_option("tool", p.tool, "its name, as `ratchet tools` shows it")->required();
  call.add_option("arguments", p.arguments, "JSON, @FILE, or - for standard input (default {})");
}

void add_looking_commands(CLI::App& top, parsed& p, action& chosen) {
  auto& status = add(top, p, chosen, "status", "List the sessions, or look at one",
                     "\nExamples:\n  ratchet status\n  ratchet status 0123456789ab --json",
                     [&p](const command_context& c) {
                       return (c.join.empty() ? show_status : show_remote_status)(c, p.session);
                     });
  status.add_option("session", p.session, "12 hexadecimal digits");

  auto& show =
      add(top, p, chosen, "show", "Show a session's iterations, or one with its diff",
          "\nExamples:\n  ratchet show 0123456789ab      every iteration on a line\n"
          "  ratchet show 0123456789ab 7    hypothesis, diff, samples, output, decision",
          [&p](const command_context& c) { return show_session(c, p.session, p.iteration); });
  show.add_option("session", p.session, "12 hexadecimal digits")->required();
  show.add_option("iteration", p.iteration, "its number; 0 is the baseline")
      ->check(CLI::NonNegativeNumber);

  auto& events =
      add(top, p, chosen, "events", "Print what happened, and what happens",
          "\nExamples:\n"
          "  ratchet events --session 0123456789ab\n"
          "  ratchet events --follow --after -1 --topic 'autoresearch.promoted'\n"
          "  ratchet events --follow --json     CloudEvents 1.0, one a line\n"
          "\nEvents of every process on the same state directory are seen. Give the last\n"
          "sequence you have seen to --after and none is missed or seen twice.",
          [&p](const command_context& c) {
            return (c.join.empty() ? show_events : show_remote_events)(c, p.events);
          });
  events.add_flag("-f,--follow", p.events.follow, "go on with what happens, until Ctrl-C");
  events
      .add_option("--after", p.events.wanted.after_seq,
                  "only events with a greater number; -1: from now on")
      ->type_name("SEQ");
  events
      .add_option("--topic", p.events.wanted.topics,
                  "only these; * matches anything; may be given again")
      ->type_name("TOPIC")
      ->allow_extra_args(false);
  events.add_option("--session", p.events.wanted.session_id, "only this session's")
      ->type_name("ID");

  auto& report = add(top, p, chosen, "report", "Show the report of a session that has ended",
                     "\nExamples:\n  ratchet report 0123456789ab\n"
                     "  ratchet report 0123456789ab --json > report.json",
                     [&p](const command_context& c) { return show_report(c, p.session); });
  report.add_option("session", p.session, "12 hexadecimal digits")->required();

  auto& steer =
      add(top, p, chosen, "steer", "Give a search that runs new instructions",
          "\nExamples:\n  ratchet steer 0123456789ab 'Leave the allocator alone; try the parser'\n"
          "  ratchet steer 0123456789ab @program.md\n"
          "\nThey take the place of those so far, from the next proposal on, and are in the\n"
          "report. Whoever runs the search, here or at a node, need not be told.",
          [&p](const command_context& c) { return steer_search(c, p.session, p.text); });
  steer.add_option("session", p.session, "12 hexadecimal digits")->required();
  steer.add_option("text", p.text, "the instructions, or @FILE; \"\" for none")->required();

  auto& pause =
      add(top, p, chosen, "pause", "Stop a search after its step; --off lets it go on",
          "\nExamples:\n  ratchet pause 0123456789ab\n  ratchet run --resume 0123456789ab\n"
          "\n`ratchet run` ends then, and --resume goes on. An agent that calls the tools is\n"
          "told to wait, and --off lets it go on.",
          [&p](const command_context& c) { return pause_search(c, p.session, p.off); });
  pause.add_option("session", p.session, "12 hexadecimal digits")->required();
  pause.add_flag("--off", p.off, "no longer paused");

  add(top, p, chosen, "doctor", "Check what Ratchet needs from this machine",
      "\nExamples:\n  ratchet doctor\n  ratchet doctor --json\n"
      "\nEach line is ok, warn or fail with what to do; the exit status is 1 when one fails.",
      [](const command_context& c) { return show_doctor(c); });
}

void add_serving_commands(CLI::App& top, parsed& p, action& chosen) {
  auto& mcp = add(
      top, p, chosen, "mcp", "Serve agent hosts over the Model Context Protocol",
      "\nExamples:\n"
      "  ratchet mcp                                  for the host that has started it\n"
      "  ratchet mcp --http 8723 --token-file FILE    on this machine's loopback, with events\n"
      "  ratchet --join laptop.invite mcp             the tools of another machine's node\n"
      "\nA host starts this itself; configure it once, for instance (Claude Code, .mcp.json):\n"
      "  {\"mcpServers\": {\"ratchet\": {\"command\": \"ratchet\", \"args\": [\"mcp\"]}}}\n"
      "\nIt reads one message a line from standard input and ends with it. A step that was\n"
      "answered with state \"running\" goes on to its end; one that was not answered is undone.",
      [&p](const command_context& c) { return serve_mcp(c, p.mcp); });
  mcp.add_option("--slots", p.mcp.slots, "experiments side by side (default: half the cores)")
      ->check(CLI::Range(1, 1024));
  mcp.add_option("--http", p.mcp.http_port,
                 "serve http://127.0.0.1:PORT instead: /mcp, /v1/events, /metrics; 0: any free one")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  mcp.add_option("--token-file", p.mcp.token_file,
                 "with --http: clients must bring the secret in its first line as bearer token")
      ->type_name("FILE");
}

/// What works at another machine's node; the others look at this machine's files.
bool joins(std::string_view command) {
  constexpr std::array known{"run",    "call", "status", "show",    "report",
                             "events", "mcp",  "worker", "workers", "tools"};
  return std::find(known.begin(), known.end(), command) != known.end();
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App top{
      "Ratchet: autonomous code experiments. Proposes an edit, runs the experiment, keeps "
      "what is better.",
      "ratchet"};
  parsed p;
  action chosen;
  top.set_version_flag("--version", std::string("ratchet ") + program_version());
  top.footer(top_examples);
  top.require_subcommand(1);
  add_common(top, p);
  add_step_commands(top, p, chosen,
                    std::find(argv, argv + argc, std::string_view("run")) != argv + argc);
  add_looking_commands(top, p, chosen);
  add_serving_commands(top, p, chosen);
  add_machine_commands(top, p, chosen);
  try {
    top.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return top.exit(e);  // --help, --version
    command_context context{p.state_dir, p.json_output, style_of_output()};
    if (auto unknown = unknown_flag(top, argc, argv); !unknown.empty())
      return complain(context, fail(errc::invalid_argument, unknown), exit_usage);
    return complain(context,
                    fail(errc::invalid_argument,
                         std::string(e.what()) + (std::string(e.what()).ends_with('.') ? "" : ".") +
                             usage_advice(top, argc, argv) +
                             " `ratchet --help` and `ratchet COMMAND "
                             "--help` show what there is."),
                    exit_usage);
  }
  command_context context{p.state_dir, p.json_output, style_of_output(), p.join};
  if (auto ok = set_log_level(p.log, process_environment()); !ok)
    return complain(context, ok.error(), exit_usage);
  const auto name = top.get_subcommands().front()->get_name();
  if (!p.join.empty() && !joins(name))
    return complain(
        context,
        fail(errc::invalid_argument,
             "--join does not work with `ratchet " + name +
                 "`: run it on the node's "
                 "machine, where the sessions are; run, call, status, events and mcp do"),
        exit_usage);
  if (p.join == "-" && name == "mcp")
    return complain(
        context,
        fail(errc::invalid_argument,
             "--join - would read what the host says; give the invitation as a file, or "
             "as --join env:NAME"),
        exit_usage);
  if (p.join.empty() && name == "worker")
    return complain(context,
                    fail(errc::invalid_argument,
                         "which node? Give the file that `ratchet node invite NAME` wrote there: "
                         "ratchet --join FILE " +
                             name),
                    exit_usage);
  return chosen ? chosen(context) : exit_usage;
}

}  // namespace ratchet::cli
