// SPDX-License-Identifier: MIT
//
// The methods of a connection that lead to the service: tools, resources, prompts, tasks.
#include "runtime/mcp/connection_request.hpp"

namespace ratchet::mcp {

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
    return refuse(r, rpc_error::invalid_params,
                  "there is no tool \"" + name + "\"; there are" + names);
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
  service_.read_resource(uri, [weak = weak_from_this(), r, uri](resource_answer answer) {
    auto self = weak.lock();
    if (!self) return;
    if (!answer.failure.empty())
      return self->refuse(r, rpc_error::internal_error, answer.failure, {{"uri", uri}});
    if (!answer.contents)
      return self->refuse(r, r->modern ? rpc_error::invalid_params : rpc_error::resource_not_found,
                          "there is no resource \"" + uri +
                              "\"; resources/list and "
                              "resources/templates/list say what there is",
                          {{"uri", uri}});
    json result{{"contents", std::move(*answer.contents)}};
    if (r->modern) {
      result["ttlMs"] = 0;
      result["cacheScope"] = "private";
    }
    self->succeed(r, std::move(result));
  });
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
          self->send(rpc_notice("notifications/resources/updated", {{"uri", uri}, {"_meta", meta}}),
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
  if (!prompt) return refuse(r, rpc_error::invalid_params, "there is no prompt \"" + name + "\"");
  json arguments = json::object();
  if (const json* given = member(r->params, "arguments"); given && given->is_object())
    arguments = *given;
  for (const auto& a : prompt->value("arguments", json::array()))
    if (a.value("required", false) && !arguments.contains(a.value("name", "")))
      return refuse(
          r, rpc_error::invalid_params,
          "the prompt \"" + name + "\" lacks its argument \"" + a.value("name", "") + "\"");
  auto result = service_.get_prompt(name, arguments);
  if (!result) return refuse(r, rpc_error::invalid_params, "there is no prompt \"" + name + "\"");
  succeed(r, std::move(*result));
}

void connection::complete(const request& r) {
  const json* ref = member(r->params, "ref");
  const json* argument = member(r->params, "argument");
  if (!ref || !ref->is_object() || !argument || !argument->is_object())
    return refuse(r, rpc_error::invalid_params, "params.ref and params.argument must be objects");
  auto values = service_.complete(*ref, text_of(*argument, "name"), text_of(*argument, "value"));
  succeed(r, {{"completion", {{"values", values}, {"total", values.size()}, {"hasMore", false}}}});
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

}  // namespace ratchet::mcp
