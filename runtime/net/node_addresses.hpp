// SPDX-License-Identifier: MIT
//
// Where a node can be reached: what the one that runs has written to <state>/node/listen, for
// invitations and for its owner on this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/net/invitation.hpp"

namespace ratchet::net {

inline constexpr const char* usual_address = "127.0.0.1:7717";

bool is_loopback(const std::string& host);

/// Of a node that listens there from now on. All of this machine's interfaces where it listens on
/// 0.0.0.0 or ::; their loopback only if there is no other.
expected<> record_addresses(const std::filesystem::path& state_dir, const endpoint_name& listening);
/// The likeliest first; `usual_address` when no node has ever listened.
std::vector<endpoint_name> recorded_addresses(const std::filesystem::path& state_dir);

/// The owner's own way to the node that runs on this state directory: with the node's own key.
expected<invitation> own_invitation(const std::filesystem::path& state_dir);

}  // namespace ratchet::net
