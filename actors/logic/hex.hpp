// SPDX-License-Identifier: MIT
//
// Bytes as lower-case hexadecimal digits. In constant time, so keys may be written and read by it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ratchet {

std::string to_hex(std::string_view bytes);
/// Nothing unless `digits` are pairs of hexadecimal digits, and nothing else.
std::optional<std::string> from_hex(std::string_view digits);
/// Exactly so many digits, none of them a capital.
bool is_lower_hex(std::string_view text, std::size_t digits);
/// A node's id: its public key as 64 such digits.
inline bool is_node_id(std::string_view text) { return is_lower_hex(text, 64); }

/// So many digits (an even number) that nobody can foretell.
std::string random_hex(std::size_t digits);

}  // namespace ratchet
