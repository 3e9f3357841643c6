// SPDX-License-Identifier: MIT
//
// The code port on git repositories.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/code_port.hpp"

namespace ratchet {

/// Of the sessions in `<state_dir>/sessions`, which need not be there.
std::shared_ptr<code_port> open_session_code(const std::filesystem::path& state_dir);

}  // namespace ratchet
