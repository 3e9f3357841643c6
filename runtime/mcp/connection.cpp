// SPDX-License-Identifier: MIT
#include "runtime/mcp/connection_request.hpp"

namespace ratchet::mcp {

namespace {

/// What a client may keep of an answer: tools and prompts stay the same as long as the server
/// lives, sessions change at any time and are this user's.
constexpr int lasting_ms = 300'000;

template <class Versions>
bool among(const Versions& versions, std::string_view version) {
  return std::find(versions.begin(), versions.end(), version) != versions.end();
}

json supported_versions() {
  json all = json::array();
  for (auto v : modern_versions) all.push_back(std::string(v));
  for (auto v : legacy_versions) all.push_back(std::string(v));
  return all;
}

json own_capabilities(bool modern) {
  json all{{"tools", json::object()},
           {"resources", {{"subscribe", true}}},
           {"prompts", json::object()},
           {"completions", json::object()},
           {"logging", json::object()}};
  if (modern) all["extensions"] = {{std::string(tasks_extension), json::object()}};
  return all;
}

json server_info(const server_identity& who) {
  return {{"name", who.name}, {"title", who.title}, {"version", who.version}};
}

}  // namespace

std::string named_version(const json& params) {
  const json* version = meta_member(params, version_key);
  return version && version->is_string() ? version->get<std::string>() : "";
}

std::shared_ptr<connection> connection::open(service& offered, sender send) {
  return std::shared_ptr<connection>(new connection(offered, std::move(send)));
}

connection::connection(service& offered, sender send) : service_(offered), send_(std::move(send)) {}

void connection::receive(const rpc_message& message) {
  if (closed_) return;
  std::visit([this](const auto& m) { take(m); }, message);
}

void connection::close() {
  if (closed_) return;
  closed_ = true;
  subscriptions_.clear();
  listens_.clear();
  for (auto& [id, call] : std::exchange(calls_, {}))
    if (call) call->cancel();
}

void connection::send(const json& message, const json& about) {
  if (!closed_) send_(message, about);
}

void connection::succeed(const request& r, json result) {
  if (r->modern && !result.contains("resultType")) result["resultType"] = "complete";
  send(rpc_result(r->id, std::move(result)), r->id);
}

void connection::refuse(const request& r, rpc_error code, const std::string& message, json data) {
  send(rpc_failure(r->id, code, message, std::move(data)), r->id);
}

void connection::take(const rpc_unreadable& u) {
  if (!u.answer.is_null()) send(u.answer, u.answer["id"]);
}

void connection::take(const rpc_notification& n) {
  if (n.method != "notifications/cancelled") return;  // the others ask for nothing
  if (const json* id = member(n.params, "requestId")) cancel(*id);
}

void connection::take(const rpc_request& incoming) {
  auto r = std::make_shared<request_context>();
  r->id = incoming.id;
  r->method = incoming.method;
  r->params = incoming.params;
  if (const json* token = meta_member(r->params, "progressToken"))
    if (token->is_string() || token->is_number_integer()) r->progress_token = *token;
  if (calls_.contains(r->id.dump()) || listens_.contains(r->id.dump()))
    return refuse(r, rpc_error::invalid_request,
                  "a request with the id " + r->id.dump() + " is still under way");
  if (meta_member(r->params, version_key)) return answer_modern(r);
  r->version = legacy_version_;
  r->capabilities = legacy_capabilities_;
  if (r->method == "initialize") return initialize(r);
  if (r->method == "ping") return succeed(r, json::object());
  if (legacy_version_.empty())
    return refuse(r, rpc_error::invalid_params,
                  "params._meta lacks \"" + std::string(version_key) +
                      "\", which every request needs since 2026-07-28; clients of earlier "
                      "revisions begin with initialize");
  answer_legacy(r);
}

// -- the eras -------------------------------------------------------------------------------------

void connection::initialize(const request& r) {
  auto wanted = text_of(r->params, "protocolVersion");
  legacy_version_ = among(legacy_versions, wanted) ? wanted : std::string(legacy_versions[0]);
  if (const json* able = member(r->params, "capabilities"); able && able->is_object())
    legacy_capabilities_ = *able;
  succeed(r, {{"protocolVersion", legacy_version_},
              {"capabilities", own_capabilities(false)},
              {"serverInfo", server_info(service_.identity())},
              {"instructions", service_.identity().instructions}});
}

void connection::answer_legacy(const request& r) {
  if (r->method == "logging/setLevel") {
    auto level = text_of(r->params, "level");
    if (!gravity(level))
      return refuse(r, rpc_error::invalid_params,
                    "level must be debug, info, notice, warning, error, critical, alert or "
                    "emergency");
    log_level_ = level;
    return succeed(r, json::object());
  }
  if (r->method == "resources/subscribe") return subscribe(r, true);
  if (r->method == "resources/unsubscribe") return subscribe(r, false);
  if (!answer_common(r))
    refuse(r, rpc_error::method_not_found, "there is no method \"" + r->method + "\"");
}

void connection::answer_modern(const request& r) {
  r->modern = true;
  r->version = named_version(r->params);
  const json* capabilities = meta_member(r->params, capabilities_key);
  if (r->version.empty())
    return refuse(r, rpc_error::invalid_params,
                  "params._meta[\"" + std::string(version_key) + "\"] must be text");
  if (!among(modern_versions, r->version))
    return refuse(r, rpc_error::unsupported_protocol_version,
                  "the protocol version \"" + r->version + "\" is not supported",
                  {{"supported", supported_versions()}, {"requested", r->version}});
  if (!capabilities || !capabilities->is_object())
    return refuse(r, rpc_error::invalid_params,
                  "params._meta[\"" + std::string(capabilities_key) + "\"] must be an object");
  r->capabilities = *capabilities;
  if (const json* extensions = member(*capabilities, "extensions"))
    r->declares_tasks = member(*extensions, tasks_extension) != nullptr;

  if (r->method == "server/discover") {
    const auto& who = service_.identity();
    return succeed(r, {{"supportedVersions", supported_versions()},
                       {"capabilities", own_capabilities(true)},
                       {"instructions", who.instructions},
                       {"ttlMs", lasting_ms},
                       {"cacheScope", "public"},
                       {"_meta", {{std::string(server_info_key), server_info(who)}}}});
  }
  if (r->method == "subscriptions/listen") return listen(r);
  if (r->method.starts_with("tasks/")) return tasks(r);
  if (!answer_common(r))
    refuse(r, rpc_error::method_not_found, "there is no method \"" + r->method + "\"");
}

void connection::list(const request& r, const char* key, json items, bool lasting) {
  json result{{key, std::move(items)}};
  if (r->modern) {
    result["ttlMs"] = lasting ? lasting_ms : 0;
    result["cacheScope"] = lasting ? "public" : "private";
  }
  succeed(r, std::move(result));
}

bool connection::answer_common(const request& r) {
  const auto& m = r->method;
  if (m == "tools/list")
    list(r, "tools", service_.tools(), true);
  else if (m == "tools/call")
    call_tool(r);
  else if (m == "resources/list")
    service_.resources([weak = weak_from_this(), r](json all) {
      if (auto self = weak.lock()) self->list(r, "resources", std::move(all), false);
    });
  else if (m == "resources/templates/list")
    list(r, "resourceTemplates", service_.resource_templates(), true);
  else if (m == "resources/read")
    read_resource(r);
  else if (m == "prompts/list")
    list(r, "prompts", service_.prompts(), true);
  else if (m == "prompts/get")
    get_prompt(r);
  else if (m == "completion/complete")
    complete(r);
  else
    return false;
  return true;
}

void connection::log(const std::string& level, const json& data) {
  if (legacy_version_.empty()) return;  // modern clients ask for messages request by request
  if (gravity(level).value_or(0) < gravity(log_level_).value_or(0)) return;
  send(rpc_notice("notifications/message",
                  {{"level", level}, {"logger", "ratchet"}, {"data", data}}),
       nullptr);
}

}  // namespace ratchet::mcp
