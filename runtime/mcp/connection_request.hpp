// SPDX-License-Identifier: MIT
//
// What the files of the connection share: a request with what was found out about it, and looks
// into JSON that may hold anything. Included by connection*.cpp alone.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/mcp/connection.hpp"

namespace ratchet::mcp {

inline constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view capabilities_key = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view log_level_key = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view server_info_key = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view subscription_key = "io.modelcontextprotocol/subscriptionId";
inline constexpr std::string_view tasks_extension = "io.modelcontextprotocol/tasks";

inline constexpr std::array<std::string_view, 8> log_levels{
    "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};

/// How grave a level is; nothing when the protocol has no such level.
inline std::optional<std::size_t> gravity(std::string_view level) {
  auto it = std::find(log_levels.begin(), log_levels.end(), level);
  if (it == log_levels.end()) return std::nullopt;
  return static_cast<std::size_t>(it - log_levels.begin());
}

inline const json* member(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  auto it = object.find(std::string(key));
  return it == object.end() ? nullptr : &*it;
}

inline std::string text_of(const json& object, std::string_view key) {
  const json* value = member(object, key);
  return value && value->is_string() ? value->get<std::string>() : "";
}

inline const json* meta_member(const json& params, std::string_view key) {
  const json* meta = member(params, "_meta");
  return meta ? member(*meta, key) : nullptr;
}

inline const json* find_named(const json& list, const std::string& name) {
  for (const auto& item : list)
    if (item.value("name", "") == name) return &item;
  return nullptr;
}

struct connection::request_context {
  json id;
  std::string method;
  json params;
  bool modern = false;
  std::string version;
  json capabilities = json::object();  ///< the client's
  bool declares_tasks = false;
  json progress_token;  ///< null: none
  double progress = -1;
};

}  // namespace ratchet::mcp
