// SPDX-License-Identifier: MIT
#include "runtime/http/site.hpp"

#include "runtime/http/metrics.hpp"

namespace ratchet::http {

site::site(event_loop& loop, mcp::ratchet_service& offered, std::string version)
    : loop_(loop),
      offered_(offered),
      version_(std::move(version)),
      mcp_(loop, offered),
      events_(loop, offered.events()) {}

expected<> site::listen(server_options options) {
  auto opened =
      server::open(loop_, std::move(options),
                   [this](const request& r, std::shared_ptr<reply> answer) { handle(r, answer); });
  if (!opened) return opened.error();
  server_ = std::move(*opened);
  return {};
}

void site::handle(const request& r, const std::shared_ptr<reply>& answer) {
  if (r.path == "/mcp") return mcp_.handle(r, answer);
  if (r.path == "/v1/events") return events_.handle(r, answer);
  if (r.path == "/metrics") return show_metrics(r, answer);
  answer->send(404, "text/plain; charset=utf-8", "there are /mcp, /v1/events and /metrics\n");
}

void site::show_metrics(const request& r, const std::shared_ptr<reply>& answer) {
  constexpr const char* plain = "text/plain; charset=utf-8";
  if (r.method != "GET") return answer->send(405, plain, "GET only\n", {{"Allow", "GET"}});
  auto store = offered_.store();
  if (!store) return answer->send(503, plain, "the store cannot be opened; the log says why\n");
  answer->send(
      200, "text/plain; version=0.0.4; charset=utf-8",
      metrics_text(*store, {events_.counts(), events_.readers(), mcp_.sessions()}, version_));
}

}  // namespace ratchet::http
