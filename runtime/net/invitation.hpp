// SPDX-License-Identifier: MIT
//
// What a member needs to join a node, in one file of mode 0600:
//   {"ratchet_invitation": 1, "name": …, "node": <node id>, "addresses": ["HOST:PORT", …],
//    "key": <64 hex digits: the member's own secret>}
// Whoever has the file is that member.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "messages/failure.hpp"
#include "runtime/tls/node_key.hpp"
#include "runtime/tls/pinned_tls.hpp"

namespace ratchet::net {

struct invitation {
  std::string name;                      ///< the member's, as the node's owner gave it
  std::string node;                      ///< node id of whom to join
  std::vector<endpoint_name> addresses;  ///< where it may be, the likeliest first
  node_key key;                          ///< the member's

  std::string text() const;
  /// From a file; from standard input, which is read to its end once ("-"); or from the environment
  /// ("env:NAME"), out of which it is taken, so that no experiment finds it there. `store_failed`
  /// when it cannot be read or is open to others, `invalid_argument` when it is no invitation.
  static expected<invitation> read(const std::string& where);
};

}  // namespace ratchet::net
