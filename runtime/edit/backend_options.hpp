// SPDX-License-Identifier: MIT
//
// The options a backend takes, checked before anything runs.
#pragma once

#include "messages/failure.hpp"
#include "messages/settings.hpp"

namespace ratchet {

// Each answers what is wrong, as "option range: …", or an empty string.
std::string check_mutate_options(const json& options, const session_settings& settings);
/// Reads the keys too: what is not there at setup would only fail later.
std::string check_llm_options(const json& options, const session_settings& settings);
std::string check_command_options(const json& options);
std::string check_script_options(const json& options, const session_settings& settings);
std::string check_recipes_options(const json& options);

/// Names an option that is not in `known`, and the nearest that is; empty when all are known.
std::string unknown_option(const json& options, const std::vector<std::string>& known);

}  // namespace ratchet
