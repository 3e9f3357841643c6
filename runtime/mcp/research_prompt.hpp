// SPDX-License-Identifier: MIT
//
// What a model is told: the server's instructions, and the prompt that a person picks to start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/json.hpp"

namespace ratchet::mcp {

extern const std::string_view research_instructions;

/// Prompt objects of the protocol.
json research_prompts();
/// A GetPromptResult; nothing when there is no prompt of that name.
std::optional<json> research_prompt(const std::string& name, const json& arguments);

}  // namespace ratchet::mcp
