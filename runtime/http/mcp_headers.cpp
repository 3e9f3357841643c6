// SPDX-License-Identifier: MIT
#include "runtime/http/mcp_headers.hpp"

#include <boost/beast/core/detail/base64.hpp>

#include "runtime/mcp/connection.hpp"

namespace ratchet::http {

namespace {

constexpr const char* version_key = "io.modelcontextprotocol/protocolVersion";
constexpr const char* capabilities_key = "io.modelcontextprotocol/clientCapabilities";

const json* meta_of(const json& params) {
  auto it = params.find("_meta");
  return it != params.end() && it->is_object() ? &*it : nullptr;
}

std::string text(const json& params, const char* key) {
  auto it = params.find(key);
  return it != params.end() && it->is_string() ? it->get<std::string>() : "";
}

/// `=?base64?…?=` carries what a header cannot. (The decoder is Beast's own, which it keeps under
/// `detail`; Boost has no other.)
std::string plain_value(const std::string& value) {
  constexpr std::string_view begin = "=?base64?", end = "?=";
  if (!value.starts_with(begin) || !value.ends_with(end) ||
      value.size() < begin.size() + end.size())
    return value;
  namespace base64 = boost::beast::detail::base64;
  const auto size = value.size() - begin.size() - end.size();
  std::string out(base64::decoded_size(size), '\0');
  out.resize(base64::decode(out.data(), value.data() + begin.size(), size).first);
  return out;
}

/// What Mcp-Name repeats of a method's params; null when the method has none.
const char* named_param(const std::string& method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  if (method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel")
    return "taskId";
  return nullptr;
}

}  // namespace

bool is_modern(std::string_view version) { return version >= mcp::modern_versions.back(); }

bool accepts(const request& r, std::string_view type) {
  const auto header = r.header("accept");
  const auto family = std::string(type.substr(0, type.find('/') + 1)) + "*";
  return header.find(type) != std::string::npos || header.find("*/*") != std::string::npos ||
         header.find(family) != std::string::npos;
}

bool has_version_key(const json& params) {
  const json* meta = meta_of(params);
  return meta && meta->contains(version_key);
}

bool incomplete_meta(const json& params) {
  const json* meta = meta_of(params);
  if (!meta || mcp::named_version(params).empty()) return true;
  auto it = meta->find(capabilities_key);
  return it == meta->end() || !it->is_object();
}

std::string header_mismatch(const request& r, const mcp::rpc_request& message) {
  const auto version = mcp::named_version(message.params);
  if (r.header("mcp-protocol-version") != version)
    return "the MCP-Protocol-Version header is \"" + r.header("mcp-protocol-version") +
           "\" and params._meta says \"" + version + "\"; they must be the same";
  if (r.header("mcp-method") != message.method)
    return "the Mcp-Method header is \"" + r.header("mcp-method") + "\" and the method is \"" +
           message.method + "\"; they must be the same";
  const char* key = named_param(message.method);
  if (!key) return "";
  const auto name = text(message.params, key);
  if (plain_value(r.header("mcp-name")) != name)
    return "the Mcp-Name header is \"" + r.header("mcp-name") + "\" and params." + key + " is \"" +
           name + "\"; they must be the same";
  return "";
}

}  // namespace ratchet::http
