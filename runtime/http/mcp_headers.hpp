// SPDX-License-Identifier: MIT
//
// The headers that repeat what a message says, so that what stands between client and server can
// see it; they must agree (revision 2026-07-28).
#pragma once

#include <string>
#include <string_view>

#include "runtime/http/server.hpp"
#include "runtime/mcp/json_rpc.hpp"

namespace ratchet::http {

/// Whether the revision is of the modern era; revisions are dates and compare as text.
bool is_modern(std::string_view version);
/// Whether the Accept header lists the type (or a pattern that covers it).
bool accepts(const request& r, std::string_view type);
bool has_version_key(const json& params);
/// Whether what every modern request must say in params._meta is missing or of the wrong kind.
bool incomplete_meta(const json& params);
/// What is wrong with MCP-Protocol-Version, Mcp-Method or Mcp-Name; empty when they agree.
std::string header_mismatch(const request& r, const mcp::rpc_request& message);

}  // namespace ratchet::http
