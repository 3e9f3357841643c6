// SPDX-License-Identifier: MIT
//
// The node's door: the only way from a network to CAF. It takes the connections of those who hold a
// member's key, and gives each a relay to CAF through a socket that nobody else can reach.
//
// Who holds the node's own key may come in too: its owner, at the state directory. A member that is
// revoked is cut off within `look_interval`. Of two connections of one CAF node
// (it has come again while the first hangs half-open) the older is ended before the newer is let
// in, because CAF would go on answering to the older; but only its own member's.
//
// Other protocols may be served on the same port (federation between owners): theirs is who may
// come in, and what is spoken.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/net/caf_sockets.hpp"
#include "runtime/net/members.hpp"
#include "runtime/net/relay.hpp"
#include "runtime/os/event_loop.hpp"
#include "runtime/tls/pinned_tls.hpp"

namespace ratchet::net {

/// A protocol beside the cluster's, on the same port.
struct other_protocol {
  std::function<bool(const std::string& node_id)> may;
  tls_listener::taker take;
};

struct guard_options {
  listener_options listen;
  /// A member's longest message is an edit: 4 MiB of text, and what goes with it.
  relay_limits relays{.max_inbound = 6u << 20};
  std::chrono::milliseconds look_interval{1000};  ///< at who has been revoked
  std::map<std::string, other_protocol, std::less<>> others;
};

class guard {
 public:
  /// Listens from now on. `entrance` must outlive the guard.
  static expected<std::unique_ptr<guard>> open(caf_entrance& entrance, const node_key& own,
                                               const member_list& members, guard_options options);
  /// Ends every connection.
  ~guard();
  guard(const guard&) = delete;
  guard& operator=(const guard&) = delete;

  std::uint16_t port() const;
  /// Connections of members now.
  std::size_t connections() const;

 private:
  struct parts;
  explicit guard(std::unique_ptr<parts> parts);
  std::unique_ptr<parts> parts_;
};

}  // namespace ratchet::net
