// SPDX-License-Identifier: MIT
#include "runtime/mcp/connection.hpp"

#include <doctest/doctest.h>

#include "tests/runtime/mcp/fake_service.hpp"

namespace ratchet::mcp {
namespace {

const json modern_meta{{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientCapabilities", json::object()}};

/// A client whose messages are values, and everything it was sent.
struct client {
  fake_service service;
  std::vector<json> sent;
  std::shared_ptr<connection> to =
      connection::open(service, [this](const json& m, const json&) { sent.push_back(m); });

  void ask(json id, const std::string& method, json params = json::object()) {
    to->receive(rpc_request{std::move(id), method, std::move(params)});
  }
  void ask_modern(json id, const std::string& method, json params = json::object()) {
    json meta = modern_meta;
    if (params.contains("_meta")) meta.update(params["_meta"]);
    params["_meta"] = meta;
    ask(std::move(id), method, std::move(params));
  }
  void tell(const std::string& method, json params = json::object()) {
    to->receive(rpc_notification{method, std::move(params)});
  }
  void initialize(const std::string& version = "2025-11-25") {
    ask(0, "initialize", {{"protocolVersion", version}, {"capabilities", json::object()}});
    tell("notifications/initialized");
  }
  json last() const {
    REQUIRE(!sent.empty());
    return sent.back();
  }
  json result() const {
    REQUIRE(last().contains("result"));
    return last()["result"];
  }
  int error() const {
    REQUIRE(last().contains("error"));
    return last()["error"]["code"].get<int>();
  }
};

TEST_CASE("initialize echoes a revision that is known and offers the newest legacy one otherwise") {
  for (auto version : legacy_versions) {
    client c;
    c.initialize(std::string(version));
    CHECK(c.result()["protocolVersion"] == std::string(version));
    CHECK(c.result()["instructions"] == "Use it well.");
    CHECK(c.result()["serverInfo"]["name"] == "fake");
  }
  client c;
  c.initialize("1999-01-01");
  CHECK(c.result()["protocolVersion"] == "2025-11-25");
}

TEST_CASE("A resource that is read elsewhere comes later, and what kept it is an error") {
  client c;
  c.initialize();
  c.ask(1, "resources/read", {{"uri", "x://late"}});
  c.ask(2, "ping");
  CHECK(c.last()["id"] == 2);
  c.service.late_answer({json::array({{{"text", "late"}}}), ""});
  CHECK(c.last()["id"] == 1);
  CHECK(c.result()["contents"][0]["text"] == "late");
  c.ask(3, "resources/read", {{"uri", "x://late"}});
  c.service.late_answer({std::nullopt, "the node is away"});
  CHECK(c.error() == -32603);
  CHECK(c.last()["error"]["message"] == "the node is away");
}

TEST_CASE("A legacy client lists, calls, reads, and gets no keys of the modern era") {
  client c;
  c.initialize();
  c.ask(1, "tools/list");
  CHECK(c.result()["tools"].size() == 2);
  CHECK(!c.result().contains("resultType"));
  CHECK(!c.result().contains("ttlMs"));
  c.ask(2, "tools/call", {{"name", "quick"}});
  CHECK(c.result()["content"][0]["text"] == "done");
  c.ask(3, "resources/read", {{"uri", "x://1"}});
  CHECK(c.result()["contents"][0]["text"] == "content");
  c.ask(4, "resources/read", {{"uri", "x://2"}});
  CHECK(c.error() == -32002);
  c.ask(5, "ping");
  CHECK(c.result() == json::object());
  c.ask(6, "server/discover");
  CHECK(c.error() == -32601);
}

TEST_CASE("A modern client discovers, and every result says its type and how long it holds") {
  client c;
  c.ask_modern(1, "server/discover");
  CHECK(c.result()["supportedVersions"][0] == "2026-07-28");
  CHECK(c.result()["resultType"] == "complete");
  CHECK(c.result()["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "fake");
  for (auto method : {"tools/list", "resources/list", "resources/templates/list", "prompts/list"}) {
    c.ask_modern(2, method);
    CHECK(c.result()["resultType"] == "complete");
    CHECK(c.result()["ttlMs"].is_number_integer());
    CHECK(c.result().contains("cacheScope"));
  }
  c.ask_modern(3, "tools/call", {{"name", "quick"}});
  CHECK(c.result()["resultType"] == "complete");
  c.ask_modern(4, "resources/read", {{"uri", "x://2"}});
  CHECK(c.error() == -32602);
  for (auto gone : {"initialize", "ping", "logging/setLevel", "resources/subscribe"}) {
    c.ask_modern(5, gone);
    CHECK(c.error() == -32601);
  }
}

TEST_CASE("A request without what its era needs is refused and says what is missing") {
  client c;
  c.ask(1, "tools/list");
  CHECK(c.error() == -32602);
  CHECK(c.last()["error"]["message"].get<std::string>().find("initialize") != std::string::npos);
  c.ask(2, "tools/list", {{"_meta", {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"}}}});
  CHECK(c.error() == -32602);
  c.ask(3, "tools/list", {{"_meta", {{"io.modelcontextprotocol/protocolVersion", 7}}}});
  CHECK(c.error() == -32602);
  c.ask_modern(4, "tools/list",
               {{"_meta", {{"io.modelcontextprotocol/protocolVersion", "2030-01-01"}}}});
  CHECK(c.error() == -32022);
  CHECK(c.last()["error"]["data"]["requested"] == "2030-01-01");
}

TEST_CASE("An unknown method and an unknown tool are refused, each with its own code") {
  client c;
  c.initialize();
  c.ask(1, "tools/fly");
  CHECK(c.error() == -32601);
  c.ask(2, "tools/call", {{"name", "fly"}});
  CHECK(c.error() == -32602);
  c.ask(3, "tools/call", {{"name", "quick"}, {"arguments", json::array()}});
  CHECK(c.error() == -32602);
}

TEST_CASE("Progress goes out while the call is at work, grows, and stops with the answer") {
  client c;
  c.ask_modern(9, "tools/call", {{"name", "slow"}, {"_meta", {{"progressToken", "p"}}}});
  REQUIRE(c.service.at_work.size() == 1);
  auto work = c.service.at_work[0];
  CHECK(work->notes.wants_progress);
  work->notes.progress(1, "one");
  work->notes.progress(1, "not more");
  work->notes.progress(2, "two");
  REQUIRE(c.sent.size() == 2);
  CHECK(c.sent[1]["params"]["progressToken"] == "p");
  CHECK(c.sent[1]["params"]["message"] == "two");
  work->answer({{"content", json::array()}});
  CHECK(c.last()["id"] == 9);
  work->notes.progress(3, "late");
  CHECK(c.sent.size() == 3);
}

TEST_CASE("A caller that asks for no progress gets none") {
  client c;
  c.initialize();
  c.ask(1, "tools/call", {{"name", "slow"}});
  auto before = c.sent.size();
  CHECK(!c.service.at_work[0]->notes.wants_progress);
  c.service.at_work[0]->notes.progress(1, "one");
  CHECK(c.sent.size() == before);
}

TEST_CASE(
    "A cancelled call is ended and never answered; a cancellation of the unknown is nothing") {
  client c;
  c.initialize();
  c.ask("a", "tools/call", {{"name", "slow"}});
  c.tell("notifications/cancelled", {{"requestId", "b"}});
  c.tell("notifications/cancelled", {});
  CHECK(!c.service.at_work[0]->cancelled);
  auto before = c.sent.size();
  c.tell("notifications/cancelled", {{"requestId", "a"}});
  CHECK(c.service.at_work[0]->cancelled);
  c.service.at_work[0]->answer({{"content", json::array()}});
  CHECK(c.sent.size() == before);
  c.tell("notifications/cancelled", {{"requestId", "a"}});  // too late is harmless
}

TEST_CASE("An id that is still under way is refused; text and number are different ids") {
  client c;
  c.initialize();
  c.ask(1, "tools/call", {{"name", "slow"}});
  c.ask(1, "tools/call", {{"name", "slow"}});
  CHECK(c.error() == -32600);
  c.ask("1", "tools/call", {{"name", "slow"}});
  CHECK(c.service.at_work.size() == 2);
  CHECK(c.to->calls_under_way() == 2);
}

TEST_CASE("A legacy client hears of a resource it has subscribed to until it has unsubscribed") {
  client c;
  c.initialize();
  c.ask(1, "resources/subscribe", {{"uri", "x://1"}});
  c.service.change("x://1");
  CHECK(c.last()["method"] == "notifications/resources/updated");
  CHECK(c.last()["params"]["uri"] == "x://1");
  c.ask(2, "resources/unsubscribe", {{"uri", "x://1"}});
  auto before = c.sent.size();
  c.service.change("x://1");
  CHECK(c.sent.size() == before);
}

TEST_CASE("A modern client listens: an acknowledgement first, then changes, until it cancels") {
  client c;
  c.ask_modern(
      "l", "subscriptions/listen",
      {{"notifications", {{"resourceSubscriptions", {"x://1"}}, {"toolsListChanged", true}}}});
  CHECK(c.last()["method"] == "notifications/subscriptions/acknowledged");
  CHECK(c.last()["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "l");
  CHECK(!c.last()["params"]["notifications"].contains("toolsListChanged"));
  c.service.change("x://1");
  CHECK(c.last()["method"] == "notifications/resources/updated");
  CHECK(c.last()["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "l");
  c.tell("notifications/cancelled", {{"requestId", "l"}});
  auto before = c.sent.size();
  c.service.change("x://1");
  CHECK(c.sent.size() == before);
}

TEST_CASE("Tasks are for clients that declare them") {
  client c;
  c.ask_modern(1, "tasks/get", {{"taskId", "t1"}});
  CHECK(c.error() == -32021);
  json declared{{"extensions", {{"io.modelcontextprotocol/tasks", json::object()}}}};
  json meta{{"io.modelcontextprotocol/clientCapabilities", declared}};
  c.ask_modern(2, "tasks/get", {{"taskId", "t1"}, {"_meta", meta}});
  CHECK(c.result()["status"] == "working");
  CHECK(c.result()["resultType"] == "complete");
  c.ask_modern(3, "tasks/get", {{"taskId", "t2"}, {"_meta", meta}});
  CHECK(c.error() == -32602);
  c.ask_modern(4, "tasks/cancel", {{"taskId", "t1"}, {"_meta", meta}});
  CHECK(c.result()["resultType"] == "complete");
  c.ask_modern(5, "tools/call", {{"name", "slow"}, {"_meta", meta}});
  CHECK(c.service.at_work[0]->notes.takes_tasks);
}

TEST_CASE("Log messages go out from the level that was asked for") {
  client c;
  c.initialize();
  c.ask(1, "tools/call", {{"name", "slow"}});
  auto log = c.service.at_work[0]->notes.log;
  auto before = c.sent.size();
  log("info", "quiet");
  CHECK(c.sent.size() == before);
  log("warning", "loud");
  CHECK(c.last()["params"]["data"] == "loud");
  c.ask(2, "logging/setLevel", {{"level", "debug"}});
  log("debug", "all");
  CHECK(c.last()["params"]["data"] == "all");
  c.ask(3, "logging/setLevel", {{"level", "shouting"}});
  CHECK(c.error() == -32602);
}

TEST_CASE("A prompt needs its required arguments") {
  client c;
  c.initialize();
  c.ask(1, "prompts/get", {{"name", "greet"}});
  CHECK(c.error() == -32602);
  c.ask(2, "prompts/get", {{"name", "greet"}, {"arguments", {{"whom", "you"}}}});
  CHECK(c.result()["messages"].size() == 1);
  c.ask(3, "prompts/get", {{"name", "scold"}});
  CHECK(c.error() == -32602);
}

TEST_CASE("An argument that is begun is completed") {
  client c;
  c.initialize();
  c.ask(1, "completion/complete",
        {{"ref", {{"type", "ref/prompt"}, {"name", "greet"}}},
         {"argument", {{"name", "whom"}, {"value", "pa"}}}});
  CHECK(c.result()["completion"]["values"] == json{"paris", "park"});
  c.ask(2, "completion/complete", {{"ref", "greet"}});
  CHECK(c.error() == -32602);
}

TEST_CASE("A call that needs what the client cannot do is refused with what it needs") {
  client c;
  c.ask_modern(1, "tools/call", {{"name", "slow"}});
  CHECK(c.service.at_work[0]->notes.client_capabilities == json::object());
  c.service.at_work[0]->notes.lacks({{"sampling", json::object()}});
  CHECK(c.error() == -32021);
  CHECK(c.last()["error"]["data"]["requiredCapabilities"].contains("sampling"));
  auto before = c.sent.size();
  c.service.at_work[0]->answer({{"content", json::array()}});
  CHECK(c.sent.size() == before);
}

TEST_CASE("A connection that is closed cancels what is at work and sends nothing more") {
  client c;
  c.initialize();
  c.ask(1, "tools/call", {{"name", "slow"}});
  auto before = c.sent.size();
  c.to->close();
  CHECK(c.service.at_work[0]->cancelled);
  c.service.at_work[0]->answer({{"content", json::array()}});
  c.ask(2, "ping");
  CHECK(c.sent.size() == before);
}

}  // namespace
}  // namespace ratchet::mcp
