// SPDX-License-Identifier: MIT
#include "runtime/mcp/json_rpc.hpp"

#include <doctest/doctest.h>

namespace ratchet::mcp {
namespace {

/// The error that a text is answered with: code and id.
std::pair<int, json> refused(std::string_view text) {
  auto message = parse_message(text);
  const auto* bad = std::get_if<rpc_unreadable>(&message);
  REQUIRE(bad);
  REQUIRE(!bad->answer.is_null());
  return {bad->answer["error"]["code"].get<int>(), bad->answer["id"]};
}

TEST_CASE("A request, a notification and a response are told apart") {
  auto request = std::get<rpc_request>(
      parse_message(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x"}})"));
  CHECK(request.id == 7);
  CHECK(request.params["name"] == "x");
  CHECK(std::get<rpc_request>(parse_message(R"({"jsonrpc":"2.0","id":"a","method":"m"})"))
            .params.is_object());
  CHECK(std::get<rpc_notification>(parse_message(R"({"jsonrpc":"2.0","method":"n"})")).method ==
        "n");
  CHECK(std::get<rpc_response>(parse_message(R"({"jsonrpc":"2.0","id":1,"result":{}})")).id == 1);
}

TEST_CASE("What is no JSON is a parse error without an id") {
  for (auto text : {"", "{", "nonsense", "{\"a\":1}}", "{\"method\":\"\xff\xfe\"}"}) {
    auto [code, id] = refused(text);
    CHECK(code == -32700);
    CHECK(id.is_null());
  }
}

TEST_CASE("A text that is nested too deep or too long is refused without being built") {
  CHECK(refused(std::string(100'000, '[')).first == -32700);
  std::string deep;
  for (int i = 0; i < max_depth + 10; ++i) deep += "{\"a\":";
  deep += "1" + std::string(max_depth + 10, '}');
  CHECK(refused(deep).first == -32700);
  CHECK(refused(std::string(max_message_bytes + 1, ' ')).first == -32600);
}

TEST_CASE("A message of the wrong shape is an invalid request with the id where there is one") {
  CHECK(refused("[]").first == -32600);
  CHECK(refused("7").first == -32600);
  CHECK(refused(R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])").first == -32600);
  CHECK(refused(R"({"id":1,"method":"ping"})") == std::pair<int, json>(-32600, 1));
  CHECK(refused(R"({"jsonrpc":"1.0","id":"x","method":"p"})") == std::pair<int, json>(-32600, "x"));
  CHECK(refused(R"({"jsonrpc":"2.0","id":1})").first == -32600);
  CHECK(refused(R"({"jsonrpc":"2.0","id":1,"method":5})").first == -32600);
  CHECK(refused(R"({"jsonrpc":"2.0","id":null,"method":"p"})") ==
        std::pair<int, json>(-32600, nullptr));
  CHECK(refused(R"({"jsonrpc":"2.0","id":1.5,"method":"p"})").first == -32600);
  CHECK(refused(R"({"jsonrpc":"2.0","id":1,"method":"p","params":[1]})").first == -32602);
}

TEST_CASE("A notification that cannot be read is answered with nothing") {
  auto message = parse_message(R"({"jsonrpc":"2.0","method":"n","params":3})");
  CHECK(std::get<rpc_unreadable>(message).answer.is_null());
}

TEST_CASE("A written message is one line of valid UTF-8") {
  auto line = one_line(rpc_notice("n", {{"text", "two\nlines \xff"}}));
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find("\xff") == std::string::npos);
}

}  // namespace
}  // namespace ratchet::mcp
