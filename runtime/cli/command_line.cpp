// SPDX-License-Identifier: MIT
#include "runtime/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <functional>

#include "actors/logic/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/log_level.hpp"
#include "runtime/cli/mistyped.hpp"
#include "runtime/cli/run_options.hpp"
#include "runtime/cli/settings_help.hpp"

#ifndef RATCHET_VERSION
#define RATCHET_VERSION "0"
#endif

namespace ratchet::cli {

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

struct parsed {
  std::string state_dir;
  std::string log;
  bool json_output = false;
  run_flags run;
  std::string tool, arguments = "{}";
  std::string text;
  bool off = false;
  std::string session;
  std::optional<int> iteration;
  events_flags events;
  mcp_flags mcp;
  peers_flags peers;
  node_flags node;
  worker_flags worker;
  settings_flags settings;
  std::string join;
};

using action = std::function<int(const command_context&)>;

void add_common(CLI::App& app, parsed& p) {
  app.add_option("--state-dir", p.state_dir, "where sessions, store and reports are")
      ->type_name("DIR");
  app.add_option("--join", p.join, "work at the node that this invitation is for")
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
      "call waits for the end. The exit status is 1 when the answer is an error.",
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

void add_peers_commands(CLI::App& top, parsed& p, action& chosen) {
  auto& peers = add(
      top, p, chosen, "peers", "Learn from the nodes of other owners, and teach them",
      "\nExamples:\n"
      "  ratchet peers                                 who, last seen, accepted, refused and why\n"
      "  ratchet peers add NODE_ID lab.example:7718    both owners name each other's node\n"
      "  ratchet peers share-recipes on                winning edits go with what was learned\n"
      "\nWhat a peer tells is a claim: its edits are run and judged here like any other.\n"
      "`ratchet node --peers HOST:PORT` listens to them.",
      [](const command_context& c) { return show_peers(c); });
  peers.require_subcommand(0, 1);
  auto& one = add(peers, p, chosen, "add", "Name a peer, or change its address", "",
                  [&p](const command_context& c) { return add_peer(c, p.peers); });
  one.add_option("node_id", p.peers.node_id, "64 hexadecimal digits")->required();
  one.add_option("address", p.peers.address, "where it is called; without, it is only listened to")
      ->type_name("HOST:PORT");
  one.add_option("--name", p.peers.name, "what to call it");
  auto& gone = add(peers, p, chosen, "remove", "Forget a peer, and all that it has told", "",
                   [&p](const command_context& c) { return remove_peer(c, p.peers); });
  gone.add_option("peer", p.peers.node_id, "its id, the beginning of it, or its name")->required();
  auto add_switch = [&](const char* name, const char* about, std::optional<bool>& value) {
    auto& command = add(peers, p, chosen, name, about, "",
                        [&p](const command_context& c) { return set_federation(c, p.peers); });
    command
        .add_option_function<std::string>(
            "state", [&value](const std::string& word) { value = word == "on"; }, "on or off")
        ->check(CLI::IsMember({"on", "off"}))
        ->required();
  };
  add_switch("exchange", "Whether peers tell each other of peers, and those are used",
             p.peers.exchange);
  add_switch("share-recipes", "Whether winning edits go to the peers, in full",
             p.peers.share_recipes);
}

void add_node_commands(CLI::App& top, parsed& p, action& chosen) {
  auto& node = add(
      top, p, chosen, "node", "Let other machines use this one's sessions, events and runners",
      "\nExamples:\n"
      "  ratchet node --listen 0.0.0.0:7717    for others; without --listen this machine alone\n"
      "  ratchet node invite laptop            writes laptop.invite; copy it there, in secret\n"
      "  ratchet --join laptop.invite status   there: the same tools, at this node\n"
      "  ratchet --join laptop.invite run …    there: a whole search, at this node\n"
      "  ratchet node revoke laptop            ends it, also while the node runs",
      [&p](const command_context& c) { return run_node(c, p.node); });
  node.add_option("--listen", p.node.listen, "where (default 127.0.0.1:7717); port 0: any free one")
      ->type_name("HOST:PORT");
  node.add_option("--slots", p.node.slots,
                  "experiments at once on this machine (default: half the cores); 0: workers only")
      ->check(CLI::Range(0, 1024));
  node.add_option("--lease", p.node.lease_s,
                  "a worker that is silent so long loses its runs to another (default 10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 600));
  node.add_option("--peers", p.node.peers,
                  "where the nodes of other owners find this one (see `ratchet peers`)")
      ->type_name("HOST:PORT");
  node.require_subcommand(0, 1);

  auto& invite = add(node, p, chosen, "invite", "Write a file with which another machine can join",
                     "\nWhoever has the file is that member: hand it over in secret.",
                     [&p](const command_context& c) { return invite_member(c, p.node); });
  invite.add_option("name", p.node.name, "what to call the member")->required();
  invite.add_option("--output", p.node.output, "the file (default NAME.invite)")->type_name("FILE");
  invite
      .add_option("--address", p.node.addresses,
                  "where it finds this node (default: where the node listens); may be given again")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  auto& revoke = add(node, p, chosen, "revoke", "End a membership, and its connections", "",
                     [&p](const command_context& c) { return revoke_member(c, p.node); });
  revoke.add_option("name", p.node.name, "as it was invited")->required();
  add(node, p, chosen, "members", "List who may join", "",
      [](const command_context& c) { return show_members(c); });
}

void add_worker_commands(CLI::App& top, parsed& p, action& chosen) {
  auto& worker = add(
      top, p, chosen, "worker", "Run experiments of a node on this machine",
      "\nExamples:\n"
      "  ratchet node invite lab2                    at the node; copy lab2.invite here\n"
      "  ratchet worker --join lab2.invite           offers half of the processors\n"
      "  ratchet worker --join lab2.invite --slots 8 --label gpu=a100 --share data=/srv/data\n"
      "\nIt fetches what it lacks of a repository, runs in work trees of its own, and joins again\n"
      "when the node was away. SIGTERM or Ctrl-C drains it: what runs is finished, nothing more\n"
      "is taken; a second one ends it at once, and its runs are given to others.",
      [&p](const command_context& c) { return run_worker(c, p.worker); });
  worker.add_option("--slots", p.worker.slots, "experiments at once (default: half the cores)")
      ->check(CLI::Range(1, 1024));
  worker.add_option("--name", p.worker.name, "what results say (default: the host's name)");
  worker
      .add_option("--label", p.worker.labels,
                  "what sessions may require: NAME or NAME=VALUE; may be given again")
      ->type_name("LABEL")
      ->allow_extra_args(false);
  worker
      .add_option("--share", p.worker.share,
                  "where a session's shared path PATH is on this machine; may be given again")
      ->type_name("PATH=HERE")
      ->allow_extra_args(false);
  worker
      .add_option("--drain-within", p.worker.drain_within_s,
                  "when it is asked to end, runs that take longer are given to others (default: "
                  "they are waited for)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86'400.0));
  worker.add_option("--cache-gb", p.worker.cache_gb, "disk for repositories (default 20)")
      ->type_name("GB")
      ->check(CLI::Range(0.01, 1e6));
  add(top, p, chosen, "workers", "List the machines that run a node's experiments",
      "\nExample:\n  ratchet --join lab2.invite workers",
      [](const command_context& c) { return show_workers(c); });
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
  top.set_version_flag("--version", "ratchet " RATCHET_VERSION);
  top.footer(top_examples);
  top.require_subcommand(1);
  add_common(top, p);
  add_step_commands(top, p, chosen,
                    std::find(argv, argv + argc, std::string_view("run")) != argv + argc);
  add_looking_commands(top, p, chosen);
  add_serving_commands(top, p, chosen);
  add_peers_commands(top, p, chosen);
  add_node_commands(top, p, chosen);
  add_worker_commands(top, p, chosen);
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
  if (p.join.empty() && name.starts_with("worker"))
    return complain(context,
                    fail(errc::invalid_argument,
                         "which node? Give the file that `ratchet node invite NAME` wrote there: "
                         "ratchet --join FILE " +
                             name),
                    exit_usage);
  return chosen ? chosen(context) : exit_usage;
}

}  // namespace ratchet::cli
