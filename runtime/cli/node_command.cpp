// SPDX-License-Identifier: MIT
//
// `ratchet node`, and who may join it.
#include <signal.h>

#include <iostream>
#include <memory>

#include "actors/logic/text.hpp"
#include "messages/version.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/node_view.hpp"
#include "runtime/cli/run_flags.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/federation/peer_server.hpp"
#include "runtime/http/metrics.hpp"
#include "runtime/http/server.hpp"
#include "runtime/net/guard.hpp"
#include "runtime/net/invitation.hpp"
#include "runtime/net/node_addresses.hpp"
#include "runtime/os/event_loop.hpp"
#include "runtime/os/wall_clock.hpp"
#include "runtime/store/federation_store.hpp"
#include "runtime/store/state_directory.hpp"
#include "runtime/tls/private_file.hpp"

namespace ratchet::cli {

namespace {

/// The door for other owners' nodes, where `at` names one.
expected<std::unique_ptr<federation::peer_server>> listen_to_peers(
    const std::filesystem::path& state_dir, const net::node_key& key, const std::string& at) {
  if (at.empty()) return std::unique_ptr<federation::peer_server>();
  auto where = net::endpoint_name::parse(at);
  if (!where) return where.error();
  auto known = open_federation(state_dir);
  if (!known) return known.error();
  return federation::peer_server::open(key, *where, *known, std::make_shared<wall_clock>());
}

void announce(const command_context& context, const std::string& node,
              const net::endpoint_name& listening, const std::string& peers,
              std::uint16_t metrics_port) {
  const std::string metrics =
      metrics_port ? "http://127.0.0.1:" + std::to_string(metrics_port) + "/metrics" : "";
  if (context.json_output) {
    json said{{"node", node}, {"listen", listening.text()}};
    if (!peers.empty()) said["peers"] = peers;
    if (!metrics.empty()) said["metrics"] = metrics;
    print_json(said, false);
    return;
  }
  print_line("node " + node + " listens on " + listening.text() +
             (peers.empty() ? "" : ", to peers on " + peers) +
             (metrics.empty() ? "" : ", numbers at " + metrics) + "; Ctrl-C ends it");
  if (net::is_loopback(listening.host))
    print_line("This machine alone can reach it; --listen 0.0.0.0:" +
               std::to_string(listening.port) + " opens it to others, who need an invitation");
}

/// http://127.0.0.1:PORT/metrics of this node, where a port was given (0: any free one).
expected<std::unique_ptr<http::server>> serve_metrics(event_loop& loop, const node_flags& flags,
                                                      const std::filesystem::path& state_dir,
                                                      caf::actor_system& system,
                                                      const supervisor_actor& front) {
  if (flags.metrics_port < 0) return std::unique_ptr<http::server>();
  auto store = open_store(state_dir);
  if (!store) return store.error();
  http::server_options where;
  where.port = static_cast<std::uint16_t>(flags.metrics_port);
  return http::server::open(
      loop, where,
      [store = *store, &system, front](const http::request& r,
                                       const std::shared_ptr<http::reply>& answer) {
        constexpr const char* plain = "text/plain; charset=utf-8";
        if (r.path != "/metrics") return answer->send(404, plain, "there is /metrics\n");
        if (r.method != "GET") return answer->send(405, plain, "GET only\n", {{"Allow", "GET"}});
        auto machines = machines_of(system, front, "the node");
        if (!machines) return answer->send(503, plain, machines.error().text + "\n");
        answer->send(200, "text/plain; version=0.0.4; charset=utf-8",
                     http::metrics_text(*store, {}, program_version(), &*machines));
      });
}

/// What --expires and --uses say.
expected<> limit_membership(const node_flags& flags, net::member& m) {
  m.uses = flags.uses;
  if (flags.expires.empty()) return {};
  const auto seconds = parse_duration(flags.expires);
  if (!seconds || *seconds < 1)
    return fail(errc::invalid_argument,
                "--expires must be a time from now on of at least 1 s, such as 12h or 7d, not \"" +
                    one_line(flags.expires, 100) + "\"",
                json{{"field", "expires"}});
  m.expires_ms = wall_clock_ms() + static_cast<std::int64_t>(*seconds * 1000);
  return {};
}

}  // namespace

int run_node(const command_context& context, const node_flags& flags) {
  const auto state_dir = resolve_state_dir(context.state_dir);
  auto where = net::endpoint_name::parse(flags.listen.empty() ? net::usual_address : flags.listen);
  if (!where) return complain(context, where.error(), exit_usage);
  auto key = net::node_key::open(state_dir);
  if (!key) return complain(context, key.error());
  auto members = net::member_list::open(state_dir);
  if (!members) return complain(context, members.error());
  signal(SIGPIPE, SIG_IGN);

  net::networked_system own_system;
  auto& system = own_system.get();
  const int slots = flags.slots == 0 ? -1 : std::max(flags.slots, 0);
  auto lab = runtime::open(
      system,
      {.state_dir = state_dir, .slots = slots, .lease_time = std::chrono::seconds(flags.lease_s)});
  if (!lab) return complain(context, lab.error());
  auto entrance = net::caf_entrance::publish(system, (*lab)->front());
  if (!entrance) return complain(context, entrance.error());
  net::guard_options options;
  options.listen.at = *where;
  options.listen.limits.connections = static_cast<std::size_t>(flags.max_connections);
  options.listen.limits.connections_per_address = static_cast<std::size_t>(flags.max_per_address);
  auto guard = net::guard::open(**entrance, *key, *members, std::move(options));
  if (!guard) return complain(context, guard.error());
  where->port = (*guard)->port();
  if (auto ok = net::record_addresses(state_dir, *where); !ok) return complain(context, ok.error());
  auto peers = listen_to_peers(state_dir, *key, flags.peers);
  if (!peers) return complain(context, peers.error());
  auto peers_at = net::endpoint_name::parse(flags.peers);
  if (*peers) peers_at->port = (*peers)->port();
  event_loop loop;
  loop.stop_at_signals();
  auto metrics = serve_metrics(loop, flags, state_dir, system, (*lab)->front());
  if (!metrics) return complain(context, metrics.error());
  announce(context, key->node_id(), *where, *peers ? peers_at->text() : "",
           *metrics ? (*metrics)->port() : 0);
  loop.run();
  return exit_done;
}

int invite_member(const command_context& context, const node_flags& flags) {
  const auto state_dir = resolve_state_dir(context.state_dir);
  auto key = net::node_key::open(state_dir);
  if (!key) return complain(context, key.error());
  auto members = net::member_list::open(state_dir);
  if (!members) return complain(context, members.error());
  net::member m{flags.name, "", rfc3339(wall_clock_ms())};
  if (auto ok = limit_membership(flags, m); !ok) return complain(context, ok.error(), exit_usage);
  net::invitation made{flags.name, key->node_id(), {}, net::node_key::generate()};
  bool reaches = false;
  if (flags.addresses.empty()) made.addresses = net::recorded_addresses(state_dir);
  for (const auto& text : flags.addresses) {
    auto address = net::endpoint_name::parse(text);
    if (!address) return complain(context, address.error(), exit_usage);
    made.addresses.push_back(*address);
  }
  for (const auto& address : made.addresses) reaches = reaches || !net::is_loopback(address.host);
  m.node_id = made.key.node_id();
  if (flags.again) static_cast<void>(members->revoke(flags.name, wall_clock_ms()));
  if (auto ok = members->add(m); !ok) return complain(context, ok.error());
  const std::string file = flags.output.empty() ? flags.name + ".invite" : flags.output;
  std::error_code ignored;
  if (flags.again) std::filesystem::remove(file, ignored);
  auto written = net::create_private_file(file, made.text());
  if (written && !*written)
    written = fail(errc::invalid_argument,
                   file + " exists already; remove it, or name another file with --output");
  if (!written) {
    static_cast<void>(members->revoke(flags.name, wall_clock_ms()));
    return complain(context, written.error());
  }
  if (context.json_output) {
    json where = json::array();
    for (const auto& a : made.addresses) where.push_back(a.text());
    print_json({{"file", file}, {"name", flags.name}, {"addresses", where}}, false);
    return exit_done;
  }
  print_line("wrote " + file + ": copy it to " + flags.name +
             ", in secret, for it is a key; there: ratchet --join " + file + " status");
  if (!reaches)
    print_line(
        "It names this machine's loopback, so it works on this machine alone: start `ratchet node "
        "--listen 0.0.0.0:7717` first, or say with --address where the node is reached");
  return exit_done;
}

int revoke_member(const command_context& context, const node_flags& flags) {
  auto members = net::member_list::open(resolve_state_dir(context.state_dir));
  if (!members) return complain(context, members.error());
  if (auto ok = members->revoke(flags.name, wall_clock_ms()); !ok)
    return complain(context, ok.error());
  if (context.json_output)
    print_json({{"revoked", flags.name}}, false);
  else
    print_line(flags.name + " is no member any more; a node that runs cuts it off within a second");
  return exit_done;
}

namespace {

std::string limits_of(const net::member& m) {
  std::string text;
  if (m.expires_ms > 0)
    text += (wall_clock_ms() < m.expires_ms ? ", until " : ", expired ") + rfc3339(m.expires_ms);
  if (m.uses > 0)
    text += ", used " + std::to_string(m.used) + " of " + std::to_string(m.uses) + " times";
  return text;
}

}  // namespace

int show_members(const command_context& context) {
  auto members = net::member_list::open(resolve_state_dir(context.state_dir));
  if (!members) return complain(context, members.error());
  auto all = members->all();
  if (!all) return complain(context, all.error());
  if (context.json_output) {
    json list = json::array();
    for (const auto& m : *all) {
      list.push_back({{"name", m.name}, {"node", m.node_id}, {"added", m.added}});
      if (m.expires_ms > 0) list.back()["expires"] = rfc3339(m.expires_ms);
      if (m.uses > 0) list.back().update({{"uses", m.uses}, {"used", m.used}});
    }
    print_json({{"members", std::move(list)}}, false);
    return exit_done;
  }
  if (all->empty()) print_line("nobody is invited; `ratchet node invite NAME` does that");
  for (const auto& m : *all)
    print_line(m.name + "  " + m.node_id.substr(0, 16) + "  since " + m.added + limits_of(m));
  return exit_done;
}

}  // namespace ratchet::cli
