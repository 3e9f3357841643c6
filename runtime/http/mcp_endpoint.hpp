// SPDX-License-Identifier: MIT
//
// The Streamable HTTP transport of the Model Context Protocol at one path, in both eras:
//   modern (2026-07-28)    each POST is a request of its own; closing its stream cancels it
//   legacy                 `initialize` opens a session (Mcp-Session-Id); GET streams its
//                          notifications, DELETE ends it
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/http/server.hpp"
#include "runtime/mcp/connection.hpp"

namespace ratchet::http {

class mcp_endpoint {
 public:
  static constexpr std::size_t max_sessions = 1000;
  static constexpr std::chrono::minutes session_patience{60};

  mcp_endpoint(event_loop& loop, mcp::service& offered);
  ~mcp_endpoint();
  mcp_endpoint(const mcp_endpoint&) = delete;
  mcp_endpoint& operator=(const mcp_endpoint&) = delete;

  void handle(const request& r, const std::shared_ptr<reply>& answer);
  std::size_t sessions() const { return sessions_.size(); }

 private:
  class exchange;
  struct session;

  void post(const request& r, const std::shared_ptr<reply>& answer);
  void post_modern(const request& r, mcp::rpc_request message,
                   const std::shared_ptr<reply>& answer);
  void post_legacy(const request& r, mcp::rpc_message message,
                   const std::shared_ptr<reply>& answer);
  void get(const request& r, const std::shared_ptr<reply>& answer);
  void remove(const request& r, const std::shared_ptr<reply>& answer);
  std::shared_ptr<session> find(const request& r, const std::shared_ptr<reply>& answer);
  std::shared_ptr<session> open_session(std::string& id);
  void forget_idle();

  event_loop& loop_;
  mcp::service& service_;
  std::map<std::string, std::shared_ptr<session>> sessions_;
  std::shared_ptr<void> timer_;
};

}  // namespace ratchet::http
