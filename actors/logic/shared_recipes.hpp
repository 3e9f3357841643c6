// SPDX-License-Identifier: MIT
//
// Which recipes of a session may leave this node: whole or not at all, as a redacted edit would not
// apply anywhere.
#pragma once

#include <string>
#include <vector>

#include "messages/records.hpp"

namespace ratchet {

inline constexpr std::size_t max_shared_recipes = 64;
inline constexpr std::size_t max_shared_recipes_bytes = 512 << 10;  ///< as JSON text, together

struct shared_recipes {
  json list = json::array();          ///< newest first, as `recipe` has its fields
  std::vector<std::string> left_out;  ///< "iteration 7: /changes/0/replace (email)"
};

/// Of `recipes` (newest first) those of this session in which the egress guard finds nothing, as
/// many as the limits allow.
shared_recipes recipes_to_share(const std::vector<recipe>& recipes, const std::string& session_id);

}  // namespace ratchet
