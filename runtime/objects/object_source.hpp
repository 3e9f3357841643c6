// SPDX-License-Identifier: MIT
//
// The node's side of actors/ports/object_ports.hpp, on the sessions' private repositories.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/object_ports.hpp"

namespace ratchet {

/// Of the sessions in `<state_dir>/sessions`. Never fails: what is not there is said when asked.
std::shared_ptr<object_source_port> open_object_source(const std::filesystem::path& state_dir,
                                                       const transfer_limits& limits = {});

}  // namespace ratchet
