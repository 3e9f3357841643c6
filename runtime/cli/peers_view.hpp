// SPDX-License-Identifier: MIT
//
// Peers as lines of text. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/ports/federation_port.hpp"
#include "runtime/cli/style.hpp"

namespace ratchet::cli {

/// This node's id and settings, then a table: one line a peer, under it why it refused, was refused
/// or was not reached.
std::vector<std::string> peers_lines(const std::string& own_id, const federation_settings& settings,
                                     const std::vector<peer_record>& peers, std::int64_t now_ms,
                                     int width, const text_style& style);

}  // namespace ratchet::cli
