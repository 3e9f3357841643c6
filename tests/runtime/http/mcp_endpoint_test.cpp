// SPDX-License-Identifier: MIT
#include "runtime/http/mcp_endpoint.hpp"

#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "tests/runtime/mcp/fake_service.hpp"
#include "tests/support/expected_printing.hpp"
#include "tests/support/raw_client.hpp"

namespace ratchet::http {
namespace {

using testing::raw_client;

struct served_endpoint {
  served_endpoint() {
    auto opened = server::open(
        loop, {}, [this](const request& r, auto answer) { endpoint.handle(r, answer); });
    REQUIRE(opened);
    served = std::move(*opened);
    thread = std::thread([this] { loop.run(); });
  }
  ~served_endpoint() {
    loop.stop();
    thread.join();
  }
  void post(raw_client& c, const json& message, const std::string& headers = "") const {
    const auto body = message.dump();
    c.say(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Accept: application/json, text/event-stream\r\n" +
        headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  /// The header that names a new legacy session.
  std::string initialize() const {
    raw_client c(served->port());
    post(c, {{"jsonrpc", "2.0"},
             {"id", 0},
             {"method", "initialize"},
             {"params", {{"protocolVersion", "2025-11-25"}}}});
    const auto heard = c.hear("instructions");
    const std::string name = "Mcp-Session-Id: ";
    const auto begin = heard.find(name);
    REQUIRE(begin != std::string::npos);
    return heard.substr(begin, heard.find('\n', begin) - begin + 1);
  }
  std::size_t calls_at_work() {
    std::promise<std::size_t> count;
    loop.post([&] { count.set_value(service.at_work.size()); });
    return count.get_future().get();
  }
  event_loop loop;
  mcp::fake_service service;
  mcp_endpoint endpoint{loop, service};
  std::unique_ptr<server> served;
  std::thread thread;
};

json call_message(const char* tool, const json& meta = json::object()) {
  return {{"jsonrpc", "2.0"},
          {"id", 7},
          {"method", "tools/call"},
          {"params", {{"name", tool}, {"_meta", meta}}}};
}

TEST_CASE("A legacy request that is cancelled gets no answer, and its id is free again") {
  served_endpoint s;
  const auto session = s.initialize();
  raw_client waiting(s.served->port()), other(s.served->port());
  s.post(waiting, call_message("slow"), session);
  while (s.calls_at_work() == 0) {
  }
  s.post(other, call_message("slow"), session);
  CHECK(other.hear("}}").find("still under way") != std::string::npos);
  s.post(
      other,
      {{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 7}}}},
      session);
  CHECK(other.hear("202").find("202") != std::string::npos);
  const auto ended = waiting.hear("0\r\n\r\n");
  CHECK(ended.find("text/event-stream") != std::string::npos);
  CHECK(ended.find("\"id\"") == std::string::npos);
  raw_client again(s.served->port());
  s.post(again, call_message("quick"), session);
  CHECK(again.hear("done").find("200 OK") != std::string::npos);
}

TEST_CASE("A session that is not named, or has ended, is told so") {
  served_endpoint s;
  raw_client c(s.served->port());
  s.post(c, call_message("quick"));
  CHECK(c.hear("}}").find("400 Bad Request") != std::string::npos);
  s.post(c, call_message("quick"), "Mcp-Session-Id: none\r\n");
  CHECK(c.hear("}}").find("404 Not Found") != std::string::npos);
}

TEST_CASE("A modern request needs headers that say what it says") {
  served_endpoint s;
  const json meta{{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                  {"io.modelcontextprotocol/clientCapabilities", json::object()}};
  raw_client c(s.served->port());
  s.post(c, call_message("quick", meta), "MCP-Protocol-Version: 2026-07-28\r\n");
  CHECK(c.hear("}}").find("-32020") != std::string::npos);
  s.post(c, call_message("quick", meta),
         "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n"
         "Mcp-Name: =?base64?cXVpY2s=?=\r\n");
  CHECK(c.hear("done").find("200 OK") != std::string::npos);
}

}  // namespace
}  // namespace ratchet::http
