// SPDX-License-Identifier: MIT
#include "runtime/mcp/connection.hpp"

#include <algorithm>

namespace ratchet::mcp {

namespace {

constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view capabilities_key = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view log_level_key = "io.modelcontextprotocol/logLevel";
constexpr std::string_view server_info_key = "io.modelcontextprotocol/serverInfo";
constexpr std::string_view subscription_key = "io.modelcontextprotocol/subscriptionId";
constexpr std::string_view tasks_extension = "io.modelcontextprotocol/tasks";

/// What a client may keep of an answer: tools and prompts stay the same as long as the server
/// lives, sessions change at any time and are this user's.
constexpr int lasting_ms = 300'000;

constexpr std::array<std::string_view, 8> log_levels{"debug", "info",     "notice", "warning",
                                                     "error", "critical", "alert",  "emergency"};

/// How grave a level is; nothing when the protocol has no such level.
std::optional<std::size_t> gravity(std::string_view level) {
  auto it = std::find(log_levels.begin(), log_levels.end(), level);
  if (it == log_levels.end()) return std::nullopt;
  return static_cast<std::size_t>(it - log_levels.begin());
}

template <class Versions>
bool among(const Versions& versions, std::string_view version) {
  return std::find(versions.begin(), versions.end(), version) != versions.end();
}

const json* member(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  auto it = object.find(std::string(key));
  return it == object.end() ? nullptr : &*it;
}

std::string text_of(const json& object, std::string_view key) {
  const json* value = member(object, key);
  return value && value->is_string() ? value->get<std::string>() : "";
}

const json* meta_member(const json& params, std::string_view key) {
  const json* meta = member(params, "_meta");
  return meta ? member(*meta, key) : nullptr;
}

json supported_versions() {
  json all = json::array();
  for (auto v : modern_versions) all.push_back(std::string(v));
  for (auto v : legacy_versions) all.push_back(std::string(v));
  return all;
}

const json* find_named(const json& list, const std::string& name) {
  for (const auto& item : list)
    if (item.value("name", "") == name) return &item;
  return nullptr;
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

std::string named_version(const json& params) {
  const json* version = meta_member(params, version_key);
  return version && version->is_string() ? version->get<std::string>() : "";
}

std::shared_ptr<connection> connection::open(service& offered, sender send) {
  return std::shared_ptr<connection>(new connection(offered, std::move(send)));
}

connection::connection(service& offered, sender send)
    : service_(offered), send_(std::move(send)) {}

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
    return succeed(
        r, {{"supportedVersions", supported_versions()},
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

bool connection::answer_common(const request& r) {
  auto list = [&](const char* key, json items, bool lasting) {
    json result{{key, std::move(items)}};
    if (r->modern) {
      result["ttlMs"] = lasting ? lasting_ms : 0;
      result["cacheScope"] = lasting ? "public" : "private";
    }
    succeed(r, std::move(result));
  };
  const auto& m = r->method;
  if (m == "tools/list")
    list("tools", service_.tools(), true);
  else if (m == "tools/call")
    call_tool(r);
  else if (m == "resources/list")
    list("resources", service_.resources(), false);
  else if (m == "resources/templates/list")
    list("resourceTemplates", service_.resource_templates(), true);
  else if (m == "resources/read")
    read_resource(r);
  else if (m == "prompts/list")
    list("prompts", service_.prompts(), true);
  else if (m == "prompts/get")
    get_prompt(r);
  else if (m == "completion/complete")
    complete(r);
  else
    return false;
  return true;
}

// -- tools ----------------------------------------------------------------------------------------

call_notes connection::notes_for(const request& r) {
  std::weak_ptr<connection> weak = weak_from_this();
  auto under_way = [weak, r]() -> std::shared_ptr<connection> {
    auto self = weak.lock();
    return self && self->calls_.contains(r->id.dump()) ? self : nullptr;
  };
  call_notes notes;
  notes.client_capabilities = r->capabilities;
  notes.takes_tasks = r->declares_tasks;
  notes.lacks = [under_way, r](json needed) {
    auto self = under_way();
    if (!self) return;
    self->calls_.erase(r->id.dump());
    self->refuse(r, rpc_error::missing_client_capability,
                 "this tool needs a capability that the client does not declare",
                 {{"requiredCapabilities", std::move(needed)}});
  };
  notes.wants_progress = !r->progress_token.is_null();
  notes.progress = [under_way, r](double done, const std::string& message) {
    auto self = under_way();
    if (!self || r->progress_token.is_null() || done <= r->progress) return;
    r->progress = done;
    self->send(rpc_notice("notifications/progress", {{"progressToken", r->progress_token},
                                                     {"progress", done},
                                                     {"message", message}}),
               r->id);
  };
  notes.log = [under_way, r](const std::string& level, const json& data) {
    auto self = under_way();
    if (!self) return;
    std::string wanted = self->log_level_;
    if (r->modern) {  // no messages unless the request itself asks for them
      const json* asked = meta_member(r->params, log_level_key);
      if (!asked || !asked->is_string()) return;
      wanted = asked->get<std::string>();
    }
    if (gravity(level).value_or(0) < gravity(wanted).value_or(0)) return;
    self->send(rpc_notice("notifications/message",
                          {{"level", level}, {"logger", "ratchet"}, {"data", data}}),
               r->id);
  };
  return notes;
}

void connection::call_tool(const request& r) {
  const auto name = text_of(r->params, "name");
  if (!find_named(service_.tools(), name)) {
    std::string names;
    for (const auto& t : service_.tools()) names += " " + t.value("name", "");
    return refuse(r, rpc_error::invalid_params, "there is no tool \"" + name + "\"; there are" + names);
  }
  json arguments = json::object();
  if (const json* given = member(r->params, "arguments")) arguments = *given;
  if (!arguments.is_object())
    return refuse(r, rpc_error::invalid_params, "params.arguments must be an object");
  const std::string key = r->id.dump();
  calls_.emplace(key, nullptr);  // before the call: it may be answered at once
  std::weak_ptr<connection> weak = weak_from_this();
  auto call = service_.call(name, arguments, notes_for(r), [weak, r, key](json result) {
    auto self = weak.lock();
    if (!self || self->calls_.erase(key) == 0) return;  // cancelled: no answer may be sent
    self->succeed(r, std::move(result));
  });
  if (auto it = calls_.find(key); it != calls_.end()) it->second = std::move(call);
}

void connection::cancel(const json& id) {
  const std::string key = id.dump();
  listens_.erase(key);
  auto it = calls_.find(key);
  if (it == calls_.end()) return;  // answered already, or never asked
  auto call = std::move(it->second);
  calls_.erase(it);
  if (call) call->cancel();
}

// -- resources and prompts ------------------------------------------------------------------------

void connection::read_resource(const request& r) {
  const auto uri = text_of(r->params, "uri");
  auto contents = service_.read_resource(uri);
  if (!contents)
    return refuse(r, r->modern ? rpc_error::invalid_params : rpc_error::resource_not_found,
                  "there is no resource \"" + uri + "\"; resources/list and "
                  "resources/templates/list say what there is",
                  {{"uri", uri}});
  json result{{"contents", std::move(*contents)}};
  if (r->modern) {
    result["ttlMs"] = 0;
    result["cacheScope"] = "private";
  }
  succeed(r, std::move(result));
}

void connection::subscribe(const request& r, bool wanted) {
  const auto uri = text_of(r->params, "uri");
  if (uri.empty()) return refuse(r, rpc_error::invalid_params, "params.uri must be text");
  if (!wanted) {
    subscriptions_.erase(uri);
    return succeed(r, json::object());
  }
  std::weak_ptr<connection> weak = weak_from_this();
  subscriptions_[uri] = service_.watch_resource(uri, [weak, uri] {
    if (auto self = weak.lock())
      self->send(rpc_notice("notifications/resources/updated", {{"uri", uri}}), nullptr);
  });
  succeed(r, json::object());
}

void connection::listen(const request& r) {
  const json* asked = member(r->params, "notifications");
  if (!asked || !asked->is_object())
    return refuse(r, rpc_error::invalid_params, "params.notifications must be an object");
  // Tools, resources and prompts stay as they are while the server lives, so that a wish to hear
  // of changes is granted for resources alone.
  const json meta{{std::string(subscription_key), r->id}};
  json granted = json::object();
  auto& tokens = listens_[r->id.dump()];
  std::weak_ptr<connection> weak = weak_from_this();
  if (const json* uris = member(*asked, "resourceSubscriptions"); uris && uris->is_array()) {
    granted["resourceSubscriptions"] = *uris;
    for (const auto& item : *uris) {
      if (!item.is_string()) continue;
      auto uri = item.get<std::string>();
      tokens.push_back(service_.watch_resource(uri, [weak, uri, meta, id = r->id] {
        if (auto self = weak.lock())
          self->send(rpc_notice("notifications/resources/updated",
                                {{"uri", uri}, {"_meta", meta}}),
                     id);
      }));
    }
  }
  send(rpc_notice("notifications/subscriptions/acknowledged",
                  {{"notifications", granted}, {"_meta", meta}}),
       r->id);
}

void connection::get_prompt(const request& r) {
  const auto name = text_of(r->params, "name");
  const json prompts = service_.prompts();
  const json* prompt = find_named(prompts, name);
  if (!prompt)
    return refuse(r, rpc_error::invalid_params, "there is no prompt \"" + name + "\"");
  json arguments = json::object();
  if (const json* given = member(r->params, "arguments"); given && given->is_object())
    arguments = *given;
  for (const auto& a : prompt->value("arguments", json::array()))
    if (a.value("required", false) && !arguments.contains(a.value("name", "")))
      return refuse(r, rpc_error::invalid_params,
                    "the prompt \"" + name + "\" lacks its argument \"" + a.value("name", "") + "\"");
  auto result = service_.get_prompt(name, arguments);
  if (!result)
    return refuse(r, rpc_error::invalid_params, "there is no prompt \"" + name + "\"");
  succeed(r, std::move(*result));
}

void connection::complete(const request& r) {
  const json* ref = member(r->params, "ref");
  const json* argument = member(r->params, "argument");
  if (!ref || !ref->is_object() || !argument || !argument->is_object())
    return refuse(r, rpc_error::invalid_params, "params.ref and params.argument must be objects");
  auto values = service_.complete(*ref, text_of(*argument, "name"), text_of(*argument, "value"));
  succeed(r, {{"completion",
               {{"values", values}, {"total", values.size()}, {"hasMore", false}}}});
}

// -- tasks ----------------------------------------------------------------------------------------

void connection::tasks(const request& r) {
  if (!r->declares_tasks)
    return refuse(
        r, rpc_error::missing_client_capability,
        r->method + " is for clients that declare the extension " + std::string(tasks_extension),
        {{"requiredCapabilities",
          {{"extensions", {{std::string(tasks_extension), json::object()}}}}}});
  const auto id = text_of(r->params, "taskId");
  auto unknown = [this, r, id] {
    refuse(r, rpc_error::invalid_params, "there is no task \"" + id + "\"");
  };
  if (r->method == "tasks/get") {
    std::weak_ptr<connection> weak = weak_from_this();
    return service_.task(id, [weak, r, unknown](std::optional<json> task) {
      auto self = weak.lock();
      if (!self) return;
      if (!task) return unknown();
      self->succeed(r, std::move(*task));
    });
  }
  if (r->method == "tasks/cancel")
    return service_.cancel_task(id) ? succeed(r, json::object()) : unknown();
  if (r->method == "tasks/update")
    return refuse(r, rpc_error::invalid_params, "the task \"" + id + "\" waits for no input");
  refuse(r, rpc_error::method_not_found, "there is no method \"" + r->method + "\"");
}

void connection::log(const std::string& level, const json& data) {
  if (legacy_version_.empty()) return;  // modern clients ask for messages request by request
  if (gravity(level).value_or(0) < gravity(log_level_).value_or(0)) return;
  send(rpc_notice("notifications/message",
                  {{"level", level}, {"logger", "ratchet"}, {"data", data}}),
       nullptr);
}

}  // namespace ratchet::mcp
