// SPDX-License-Identifier: MIT
//
// Flags and help of what concerns other machines: node, worker, workers, peers.
#include "runtime/cli/command_parts.hpp"

namespace ratchet::cli {

namespace {

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
  auto& forgiven =
      add(peers, p, chosen, "forgive", "Take a peer's next delta whatever its sequence number",
          "\nFor a peer that is refused as \"replayed\" since its owner has restored an "
          "older state\ndirectory. (There, `ratchet peers renumber` does the same for "
          "all its peers.)",
          [&p](const command_context& c) { return forgive_peer(c, p.peers); });
  forgiven.add_option("peer", p.peers.node_id, "its id, the beginning of it, or its name")
      ->required();
  add(peers, p, chosen, "renumber", "Number this node's deltas anew, after a restore",
      "\nFor a node that its peers refuse as \"replayed\" since its state directory was restored.",
      [](const command_context& c) { return renumber_deltas(c); });
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
  node.add_option("--max-connections", p.node.max_connections,
                  "members' connections at once (default 512)")
      ->check(CLI::Range(1, 100'000));
  node.add_option("--max-per-address", p.node.max_per_address,
                  "of them from one address, which a whole cluster may have (default 128)")
      ->check(CLI::Range(1, 100'000));
  node.add_option(
          "--metrics", p.node.metrics_port,
          "serve http://127.0.0.1:PORT/metrics: machines, slots, what waits; 0: any free one")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  node.require_subcommand(0, 1);

  auto& invite =
      add(node, p, chosen, "invite", "Write a file with which another machine can join",
          "\nExamples:\n"
          "  ratchet node invite laptop\n"
          "  ratchet node invite pool --expires 12h --uses 200   for a night's machines\n"
          "  ratchet node invite --again laptop                  another file, and key\n"
          "\nWhoever has the file is that member: hand it over in secret.",
          [&p](const command_context& c) { return invite_member(c, p.node); });
  invite.add_option("name", p.node.name, "what to call the member")->required();
  invite.add_option("--output", p.node.output, "the file (default NAME.invite)")->type_name("FILE");
  invite
      .add_option("--address", p.node.addresses,
                  "where it finds this node (default: where the node listens); may be given again")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  invite.add_flag("--again", p.node.again, "in place of the member of that name, who is revoked");
  invite.add_option("--expires", p.node.expires, "it is good for so long (default: until revoked)")
      ->type_name("DURATION");
  invite.add_option("--uses", p.node.uses, "processes that may join with it (default: any number)")
      ->check(CLI::Range(1, 1'000'000));
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
      "  ratchet worker --join lab2.invite           offers half of the processors, or all given\n"
      "  ratchet worker --join lab2.invite --slots 8 --label gpu=a100 --share data=/srv/data\n"
      "  ratchet worker --join - --ephemeral --idle-exit 10m < lab2.invite   in a pool\n"
      "\nIt fetches what it lacks of a repository, runs in work trees of its own, and joins again\n"
      "when the node was away. SIGTERM or Ctrl-C drains it: what runs is finished, nothing more\n"
      "is taken; a second one ends it at once, and its runs are given to others.",
      [&p](const command_context& c) { return run_worker(c, p.worker); });
  worker
      .add_option("--slots", p.worker.slots,
                  "experiments at once (default: half the cores; all that it was given where that "
                  "is a part of the machine: Slurm, a container, taskset)")
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
  worker
      .add_option("--until", p.worker.until,
                  "when this machine is taken away: a time from now on, or seconds since 1970; no "
                  "run is begun that does not fit (default: $SLURM_JOB_END_TIME)")
      ->type_name("DURATION");
  worker.add_option("--idle-exit", p.worker.idle_exit, "end after so long without a run")
      ->type_name("DURATION");
  worker.add_flag("--ephemeral", p.worker.ephemeral,
                  "keep everything in $TMPDIR, and remove it at the end");
  worker
      .add_option("--devices", p.worker.devices,
                  "GPUs to lease with the slots, 0,1,… or auto: a run sees its own alone")
      ->type_name("LIST");
  worker.add_flag("--pin", p.worker.pin,
                  "keep the runs of each slot on processors of its own (by taskset)");
  worker
      .add_option("--wrap", p.worker.wrap,
                  "run sessions' commands by this: --wrap 'apptainer exec /images/lab.sif'")
      ->type_name("COMMAND");
  worker.add_option("--cache-gb", p.worker.cache_gb, "disk for repositories (default 20)")
      ->type_name("GB")
      ->check(CLI::Range(0.01, 1e6));
  add(top, p, chosen, "workers", "List the machines that run a node's experiments",
      "\nExamples:\n"
      "  ratchet workers                       of the node on this state directory\n"
      "  ratchet --join lab2.invite workers    of another machine's",
      [](const command_context& c) { return show_workers(c); });
}

}  // namespace

void add_machine_commands(CLI::App& top, parsed& p, action& chosen) {
  add_peers_commands(top, p, chosen);
  add_node_commands(top, p, chosen);
  add_worker_commands(top, p, chosen);
}

}  // namespace ratchet::cli
