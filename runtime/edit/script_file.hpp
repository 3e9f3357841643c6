// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "messages/settings.hpp"

namespace ratchet {

/// Where the `script` backend reads its edits: `path`, seen from the repository when relative.
std::string script_path(const json& options, const session_settings& settings);

}  // namespace ratchet
