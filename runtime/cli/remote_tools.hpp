// SPDX-License-Identifier: MIT
//
// Another machine's node as the place where the tools are run.
#pragma once

#include <chrono>
#include <string>

#include "runtime/embed/tool_host.hpp"

namespace ratchet::cli {

/// Fails when the invitation cannot be read. The node itself is reached by the first call, and
/// again by the next one when the connection has ended; a call that cannot reach it says so. With
/// `patience` it is reached before this returns, and waited for as long.
expected<std::unique_ptr<tool_host>> open_remote_tools(
    const std::string& invitation, std::chrono::seconds patience = std::chrono::seconds(0));

}  // namespace ratchet::cli
