// SPDX-License-Identifier: MIT
//
// What `call` and `events` do alike here and at another machine's node.
#pragma once

#include <string>

#include "messages/events.hpp"
#include "messages/failure.hpp"
#include "runtime/cli/commands.hpp"

namespace ratchet::cli {

/// JSON, @FILE or - for standard input, for a call of that tool. `invalid_argument` when it cannot
/// be read or is no JSON. A run waits for all candidates side by side, unless it says otherwise.
expected<> read_arguments(const std::string& tool, const std::string& source, json& arguments);
/// Prints a tool's answer; the exit status that belongs to it.
int print_answer(const json& answer);

/// False when nobody reads it any more.
bool print_event(const command_context& context, const event& e);

}  // namespace ratchet::cli
