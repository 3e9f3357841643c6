// SPDX-License-Identifier: MIT
//
// `ratchet peers`: the nodes of other owners that this one learns from and teaches.
#include <unistd.h>

#include <algorithm>

#include "actors/logic/hex.hpp"
#include "actors/logic/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/live_block.hpp"
#include "runtime/cli/peers_view.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/os/wall_clock.hpp"
#include "runtime/store/federation_store.hpp"
#include "runtime/tls/pinned_tls.hpp"

namespace ratchet::cli {

namespace {

bool at_terminal() { return isatty(STDOUT_FILENO) == 1; }

struct opened_peers {
  std::shared_ptr<federation_port> federation;
  net::node_key key;
};

expected<opened_peers> open_peers(const command_context& context) {
  const auto state_dir = resolve_state_dir(context.state_dir);
  auto federation = open_federation(state_dir);
  if (!federation) return federation.error();
  auto key = net::node_key::open(state_dir);
  if (!key) return key.error();
  return opened_peers{*federation, *key};
}

/// By its id, an unambiguous beginning of it, or its name.
expected<std::string> find_peer(federation_port& federation, const std::string& word) {
  auto peers = federation.peers();
  if (!peers) return peers.error();
  std::vector<std::string> found;
  for (const auto& p : *peers)
    if (p.node_id == word || p.name == word || (word.size() >= 6 && p.node_id.starts_with(word)))
      found.push_back(p.node_id);
  if (found.size() == 1) return found.front();
  return fail(errc::invalid_argument,
              (found.empty() ? "there is no peer " : "more than one peer is meant by ") +
                  shown(word, 80) + "; `ratchet peers` lists them");
}

int change(const command_context& context, const std::function<expected<json>(opened_peers&)>& act,
           const std::string& said) {
  auto opened = open_peers(context);
  if (!opened) return complain(context, opened.error());
  auto done = act(*opened);
  if (!done)
    return complain(context, done.error(),
                    done.error().code == errc::invalid_argument ? exit_usage : exit_failed);
  if (context.json_output)
    print_json(*done, at_terminal());
  else
    print_line(said);
  return exit_done;
}

expected<json> answer(const expected<>& done, json value) {
  if (!done) return {boost::system::in_place_error, done.error()};
  return {boost::system::in_place_value, std::move(value)};
}

expected<> check_new_peer(const peers_flags& flags, const std::string& own_id) {
  if (!is_node_id(flags.node_id))
    return fail(errc::invalid_argument,
                shown(flags.node_id, 80) +
                    " is no node id: 64 hexadecimal digits, as `ratchet peers` shows them there");
  if (flags.node_id == own_id)
    return fail(errc::invalid_argument, "this is the node itself; a peer is another one");
  if (one_line(flags.name, 60) != flags.name)
    return fail(errc::invalid_argument, "--name must be one line of at most 60 characters");
  if (flags.address.empty()) return {};
  auto address = net::endpoint_name::parse(flags.address);
  if (!address) return address.error();
  if (address->port == 0 || flags.address.size() > 260)
    return fail(errc::invalid_argument, "the address of a peer must have a port from 1 to 65535");
  return {};
}

}  // namespace

int show_peers(const command_context& context) {
  auto opened = open_peers(context);
  if (!opened) return complain(context, opened.error());
  auto settings = opened->federation->settings();
  if (!settings) return complain(context, settings.error());
  auto peers = opened->federation->peers();
  if (!peers) return complain(context, peers.error());
  if (context.json_output) {
    print_json({{"node_id", opened->key.node_id()}, {"settings", *settings}, {"peers", *peers}},
               at_terminal());
    return exit_done;
  }
  const int width = at_terminal() ? size_of_terminal(STDOUT_FILENO).columns : 10'000;
  for (const auto& line :
       peers_lines(opened->key.node_id(), *settings, *peers, wall_clock_ms(), width, context.style))
    if (!print_line(line)) return exit_failed;
  return exit_done;
}

int add_peer(const command_context& context, const peers_flags& flags) {
  return change(
      context,
      [&](opened_peers& p) -> expected<json> {
        auto done = check_new_peer(flags, p.key.node_id());
        if (done)
          done = p.federation->add_peer(flags.node_id, flags.address, flags.name, wall_clock_ms());
        return answer(done, {{"added", flags.node_id}, {"node_id", p.key.node_id()}});
      },
      "added; its owner names this node too, with the id that `ratchet peers` shows here");
}

int remove_peer(const command_context& context, const peers_flags& flags) {
  return change(
      context,
      [&](opened_peers& p) -> expected<json> {
        auto id = find_peer(*p.federation, flags.node_id);
        if (!id) return {boost::system::in_place_error, id.error()};
        auto removed = p.federation->remove_peer(*id);
        return answer(removed ? expected<>() : expected<>(removed.error()), {{"removed", *id}});
      },
      "removed, with all it has told");
}

int forgive_peer(const command_context& context, const peers_flags& flags) {
  return change(
      context,
      [&](opened_peers& p) -> expected<json> {
        auto id = find_peer(*p.federation, flags.node_id);
        if (!id) return {boost::system::in_place_error, id.error()};
        auto done = p.federation->forgive_sequence(*id);
        return answer(done ? expected<>() : expected<>(done.error()), {{"forgiven", *id}});
      },
      "its next delta is taken whatever its sequence number, once");
}

int renumber_deltas(const command_context& context) {
  return change(
      context,
      [&](opened_peers& p) -> expected<json> {
        auto last = p.federation->renumber(wall_clock_ms());
        if (!last) return {boost::system::in_place_error, last.error()};
        return answer({}, {{"next_sequence", *last + 1}});
      },
      "what this node tells from now on has sequence numbers that no peer has seen");
}

int set_federation(const command_context& context, const peers_flags& flags) {
  return change(
      context,
      [&](opened_peers& p) -> expected<json> {
        auto settings = p.federation->settings();
        if (!settings) return {boost::system::in_place_error, settings.error()};
        if (flags.exchange) settings->exchange = *flags.exchange;
        if (flags.share_recipes) settings->share_recipes = *flags.share_recipes;
        return answer(p.federation->set(*settings), *settings);
      },
      "noted; it holds from the next delta on");
}

}  // namespace ratchet::cli
