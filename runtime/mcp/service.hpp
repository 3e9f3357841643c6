// SPDX-License-Identifier: MIT
//
// What a server of the Model Context Protocol offers, without the protocol: tools, resources and
// prompts. The protocol (connection.hpp) and the transports (stdio.hpp, http/mcp_endpoint.hpp)
// serve any implementation; Ratchet's is ratchet_service.hpp.
//
// Everything here is called on the thread of one event loop and calls back on it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/json.hpp"

namespace ratchet::mcp {

/// What the protocol shows of the server itself.
struct server_identity {
  std::string name;   ///< for programs
  std::string title;  ///< for people
  std::string version;
  std::string instructions;  ///< for the model: how the tools belong together
};

/// How a tool at work speaks to its caller. Both are always callable.
struct call_notes {
  bool wants_progress = false;  ///< whether the caller asked for `progress`
  /// `done` grows with every call; `message` is for people.
  std::function<void(double done, const std::string& message)> progress;
  /// `level`: debug, info, notice, warning, error, critical, alert or emergency (RFC 5424).
  std::function<void(const std::string& level, const json& data)> log;
  /// What the client can do, as it says itself; an object.
  json client_capabilities = json::object();
  /// Whether the caller can follow a task (extension io.modelcontextprotocol/tasks).
  bool takes_tasks = false;
  /// Instead of an answer: the call needs capabilities (an object) that the client lacks.
  std::function<void(json needed)> lacks;
};

/// A tool call under way; destroying it cancels nothing.
class running_call {
 public:
  virtual ~running_call() = default;
  /// Ends the work and undoes it. The answer is called all the same, or never.
  virtual void cancel() = 0;
};

/// What reading a resource gave.
struct resource_answer {
  std::optional<json> contents;  ///< the protocol's `contents`; nothing when there is none
  std::string failure;           ///< why it could not be read; empty: there is no such resource
};

class service {
 public:
  virtual ~service() = default;

  virtual const server_identity& identity() const = 0;

  /// Tool objects of the protocol, always in the same order.
  virtual const json& tools() const = 0;
  /// `tool` is one of tools(). `answer` gets a CallToolResult, once, now or later.
  virtual std::unique_ptr<running_call> call(const std::string& tool, const json& arguments,
                                             call_notes notes,
                                             std::function<void(json)> answer) = 0;

  /// Resource objects and resource templates. `answer` is called once, now or later.
  virtual void resources(std::function<void(json)> answer) = 0;
  virtual json resource_templates() = 0;
  virtual void read_resource(const std::string& uri,
                             std::function<void(resource_answer)> answer) = 0;
  /// `changed` is called after the resource has changed, until the token is destroyed.
  virtual std::shared_ptr<void> watch_resource(const std::string& uri,
                                               std::function<void()> changed) = 0;

  /// Prompt objects; get_prompt gives a GetPromptResult, nothing when there is none of that name.
  virtual json prompts() = 0;
  virtual std::optional<json> get_prompt(const std::string& name, const json& arguments) = 0;

  /// Values that begin with `begun` for an argument of a prompt or a resource template (`ref`, as
  /// the protocol has it); best first, at most 100.
  virtual std::vector<std::string> complete(const json& ref, const std::string& argument,
                                            const std::string& begun) = 0;

  /// A task that a call was answered with: the object of `tasks/get` ({taskId, status, …}), or
  /// nothing when there is none of that id.
  virtual void task(const std::string& id, std::function<void(std::optional<json>)> answer) = 0;
  virtual bool cancel_task(const std::string& id) = 0;
};

}  // namespace ratchet::mcp
