// SPDX-License-Identifier: MIT
//
// What `ratchet mcp --http` serves, by path:
//   /mcp          the Model Context Protocol    mcp_endpoint.hpp
//   /v1/events    server-sent events            event_feed.hpp
//   /metrics      numbers for Prometheus        metrics.hpp
#pragma once

#include <memory>
#include <string>

#include "runtime/http/event_feed.hpp"
#include "runtime/http/mcp_endpoint.hpp"
#include "runtime/http/server.hpp"
#include "runtime/mcp/ratchet_service.hpp"

namespace ratchet::http {

class site {
 public:
  /// `offered` outlives it.
  site(event_loop& loop, mcp::ratchet_service& offered, std::string version);

  expected<> listen(server_options options);
  /// Known once it listens.
  std::uint16_t port() const { return server_->port(); }

 private:
  void handle(const request& r, const std::shared_ptr<reply>& answer);
  void show_metrics(const request& r, const std::shared_ptr<reply>& answer);

  event_loop& loop_;
  mcp::ratchet_service& offered_;
  std::string version_;
  mcp_endpoint mcp_;
  event_feed events_;
  std::unique_ptr<server> server_;
};

}  // namespace ratchet::http
