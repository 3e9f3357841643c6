// SPDX-License-Identifier: MIT
//
// JSON-RPC 2.0 as the Model Context Protocol uses it: one message at a time, no batches, ids are
// text or whole numbers. Source: the protocol's specification, revisions 2024-11-05 to 2026-07-28.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "messages/json.hpp"

namespace ratchet::mcp {

enum class rpc_error : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  resource_not_found = -32002,  ///< until 2025-11-25; invalid_params since
  header_mismatch = -32020,     ///< since 2026-07-28, as the two below
  missing_client_capability = -32021,
  unsupported_protocol_version = -32022,
};

/// The longest message that is read, in bytes. The largest edit (4 MiB) fits in escaped form.
inline constexpr std::size_t max_message_bytes = 32 << 20;
/// How deep objects and arrays may be nested.
inline constexpr int max_depth = 200;

struct rpc_request {
  json id;  ///< text or whole number
  std::string method;
  json params = json::object();
};

struct rpc_notification {
  std::string method;
  json params = json::object();
};

/// The other side's answer to a request of ours.
struct rpc_response {
  json id;
  json result;  ///< null when there is an error
  json error;   ///< null when there is a result
};

/// What could not be understood; `answer` is the error to send, null when nothing may be sent.
struct rpc_unreadable {
  json answer;
};

using rpc_message = std::variant<rpc_request, rpc_notification, rpc_response, rpc_unreadable>;

/// Never throws, whatever `text` holds.
rpc_message parse_message(std::string_view text);

json rpc_result(const json& id, json result);
json rpc_failure(const json& id, rpc_error code, const std::string& message, json data = nullptr);
json rpc_notice(std::string_view method, json params);

/// One line, valid UTF-8 and without an embedded newline.
std::string one_line(const json& message);

}  // namespace ratchet::mcp
