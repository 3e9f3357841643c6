// SPDX-License-Identifier: MIT
//
// An agent host: starts `ratchet mcp` and speaks with it, a JSON-RPC message a line.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/end_to_end/program.hpp"

namespace ratchet::e2e {

class mcp_host {
 public:
  explicit mcp_host(const laboratory& lab) : mcp_host(lab.command({"mcp"})) {}
  explicit mcp_host(std::vector<std::string> argv);
  ~mcp_host();
  mcp_host(const mcp_host&) = delete;
  mcp_host& operator=(const mcp_host&) = delete;

  void say(const json& message) { say_line(message.dump()); }
  void say_line(const std::string& line);
  /// The next message; fails the test when there is none within a minute or it is no JSON line.
  json hear();
  /// The next message for which `wanted` holds; the others are kept in `others`.
  json hear_until(const std::function<bool(const json&)>& wanted);
  /// The same, unless one has come already and is among the `others`: notices keep to no order
  /// with answers.
  json heard(const std::function<bool(const json&)>& wanted);
  /// Asks in the legacy era, and waits for the answer to that id.
  json ask(const json& id, const std::string& method, json params = json::object());
  void initialize();
  /// The structured answer of a tool.
  json call(const std::string& tool, const json& arguments);
  /// The same in the modern era.
  json call_modern(const std::string& tool, const json& arguments);

  void close_input();
  void kill(int signal) const;
  /// The exit status; fails the test when it does not end within `ms`.
  int end_within(double ms);
  pid_t pid() const { return pid_; }

  std::vector<json> others;

 private:
  json structured_of(const json& answer);
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  int next_id_ = 1;
  std::string heard_;
};

}  // namespace ratchet::e2e
