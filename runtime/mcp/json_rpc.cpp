// SPDX-License-Identifier: MIT
#include "runtime/mcp/json_rpc.hpp"

namespace ratchet::mcp {

namespace {

rpc_message unreadable(const json& id, rpc_error code, const std::string& message) {
  return rpc_unreadable{rpc_failure(id, code, message)};
}

/// Null when the text is no JSON or nested too deep; `why` says which.
json parse_bounded(std::string_view text, std::string& why) {
  bool too_deep = false;
  auto watch = [&too_deep](int depth, json::parse_event_t, json&) {
    if (depth > max_depth) too_deep = true;
    return !too_deep;
  };
  try {
    json parsed = json::parse(text, watch);
    if (!too_deep) return parsed;
    why = "the message is nested deeper than " + std::to_string(max_depth) + " levels";
  } catch (const json::exception& e) {
    why = "the message is no JSON text in UTF-8";
    if (const auto* parse = dynamic_cast<const json::parse_error*>(&e))
      why += "; it breaks at byte " + std::to_string(parse->byte);
  }
  return json(json::value_t::discarded);
}

bool usable_id(const json& id) { return id.is_string() || id.is_number_integer(); }

rpc_message read_response(const json& message, const json& id) {
  rpc_response response;
  response.id = id;
  if (auto it = message.find("result"); it != message.end()) response.result = *it;
  if (auto it = message.find("error"); it != message.end()) response.error = *it;
  return response;
}

}  // namespace

rpc_message parse_message(std::string_view text) {
  if (text.size() > max_message_bytes)
    return unreadable(nullptr, rpc_error::invalid_request,
                      "the message is longer than " + std::to_string(max_message_bytes) +
                          " bytes, the most that is read");
  std::string why;
  json message = parse_bounded(text, why);
  if (message.is_discarded()) return unreadable(nullptr, rpc_error::parse_error, why);
  if (message.is_array())
    return unreadable(nullptr, rpc_error::invalid_request,
                      "batches are not part of the protocol; send one message at a time");
  if (!message.is_object())
    return unreadable(nullptr, rpc_error::invalid_request, "a message must be a JSON object");
  json id = message.value("id", json());
  const json answer_id = usable_id(id) ? id : json();
  if (message.value("jsonrpc", json()) != "2.0")
    return unreadable(answer_id, rpc_error::invalid_request, "\"jsonrpc\" must be \"2.0\"");
  if (!message.contains("method")) {
    if (usable_id(id) && (message.contains("result") || message.contains("error")))
      return read_response(message, id);
    return unreadable(answer_id, rpc_error::invalid_request,
                      "the message has no \"method\", and no \"result\" or \"error\" with an id");
  }
  if (!message["method"].is_string())
    return unreadable(answer_id, rpc_error::invalid_request, "\"method\" must be text");
  std::string method = message["method"].get<std::string>();
  json params = message.value("params", json::object());
  const bool is_request = message.contains("id");
  if (is_request && !usable_id(id))
    return unreadable(nullptr, rpc_error::invalid_request, "\"id\" must be text or a whole number");
  if (!params.is_object()) {
    if (!is_request) return rpc_unreadable{nullptr};
    return unreadable(id, rpc_error::invalid_params, "\"params\" must be an object");
  }
  if (is_request) return rpc_request{std::move(id), std::move(method), std::move(params)};
  return rpc_notification{std::move(method), std::move(params)};
}

json rpc_result(const json& id, json result) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

json rpc_failure(const json& id, rpc_error code, const std::string& message, json data) {
  json error{{"code", static_cast<int>(code)}, {"message", message}};
  if (!data.is_null()) error["data"] = std::move(data);
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}};
}

json rpc_notice(std::string_view method, json params) {
  json notice{{"jsonrpc", "2.0"}, {"method", std::string(method)}};
  if (!params.is_null()) notice["params"] = std::move(params);
  return notice;
}

std::string one_line(const json& message) {
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ratchet::mcp
