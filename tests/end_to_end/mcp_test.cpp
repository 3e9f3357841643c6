// SPDX-License-Identifier: MIT
#include <signal.h>

#include "tests/end_to_end/mcp_host.hpp"

namespace ratchet::e2e {
namespace {

const json modern_meta{{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientCapabilities", json::object()}};

json call_message(const json& id, const std::string& tool, const json& arguments) {
  return {{"jsonrpc", "2.0"},
          {"id", id},
          {"method", "tools/call"},
          {"params", {{"name", tool}, {"arguments", arguments}}}};
}

TEST_CASE("an agent host makes the whole loop over standard input and output") {
  laboratory lab;
  mcp_host host(lab);
  host.initialize();
  auto tools = host.ask("t", "tools/list")["result"]["tools"];
  CHECK(tools.size() == 9);
  for (const auto& t : tools) {
    for (auto hint : {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"})
      CHECK(t["annotations"].contains(hint));
    CHECK(t["inputSchema"]["type"] == "object");
    CHECK(t["outputSchema"]["type"] == "object");
  }
  auto session = host.call("autoresearch_setup", lab.setup_arguments())["session_id"];
  auto edited =
      host.call("autoresearch_edit",
                {{"session_id", session}, {"hypothesis", "more"}, {"content", "score: 9\n"}});
  CHECK(edited["success"] == true);
  CHECK(host.call("autoresearch_run", {{"session_id", session}})["improved"] == true);
  CHECK(host.call("autoresearch_decide", {{"session_id", session}})["decision"] == "kept");
  auto ended = host.call("autoresearch_finalize", {{"session_id", session}});
  CHECK(ended["best_metric"] == 9);

  const std::string base = "ratchet://sessions/" + session.get<std::string>();
  auto read = [&](const std::string& uri) {
    return host.ask(uri, "resources/read", {{"uri", uri}})["result"]["contents"][0]["text"]
        .get<std::string>();
  };
  CHECK(json::parse(read(base))["status"] == "completed");
  CHECK(json::parse(read(base + "/report"))["session"]["best_metric"] == 9);
  CHECK(read(base + "/progress.svg").find("<svg") != std::string::npos);
  CHECK(read(base + "/events").find("autoresearch.promoted") != std::string::npos);
  CHECK(host.ask("r", "resources/list")["result"]["resources"].size() == 4);
  host.close_input();
  CHECK(host.end_within(2000) == 0);
}

TEST_CASE("a modern client needs no handshake, and a domain error is a result that says so") {
  laboratory lab;
  mcp_host host(lab);
  auto answer = host.ask(1, "tools/call",
                         {{"name", "autoresearch_run"},
                          {"arguments", {{"session_id", "ffffffffffff"}}},
                          {"_meta", modern_meta}});
  CHECK(answer["result"]["isError"] == true);
  CHECK(answer["result"]["resultType"] == "complete");
  CHECK(answer["result"]["structuredContent"]["code"] == "unknown_session");
  host.close_input();
  CHECK(host.end_within(2000) == 0);
}

TEST_CASE("malformed lines are answered as the protocol says, and the server lives") {
  laboratory lab;
  mcp_host host(lab);
  auto code_of = [&](const std::string& line) {
    host.say_line(line);
    return host.hear()["error"]["code"].get<int>();
  };
  CHECK(code_of("nonsense") == -32700);
  CHECK(code_of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}") == -32700);
  CHECK(code_of("[]") == -32600);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":1})") == -32600);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})") == -32602);
  CHECK(code_of(std::string(64 << 20, 'x')) == -32600);
  host.say_line("");
  host.initialize();
  CHECK(host.ask(2, "no/such")["error"]["code"] == -32601);
  CHECK(host.ask(3, "ping")["result"] == json::object());
}

TEST_CASE("a client that never reads is not served further, and ends with its input") {
  laboratory lab;
  mcp_host host(lab);
  host.initialize();
  host.others.clear();
  for (int i = 0; i < 20; ++i) host.say({{"jsonrpc", "2.0"}, {"id", i}, {"method", "tools/list"}});
  host.close_input();
  CHECK(host.end_within(5000) == 0);
}

TEST_CASE("a long run reports its progress, and a cancelled one is undone") {
  laboratory lab;
  const std::string top = lab.folder.path.string();
  const auto fifo = lab.fifo().string();
  auto session = lab.start({{"run_command", "if [ -e '" + top + "/second' ]; then exec 8>'" + fifo +
                                                "'; echo waiting here; sleep 300; fi; cat p.txt"}});
  write_text(lab.folder.path / "second", "");
  mcp_host host(lab);
  host.initialize();
  host.call("autoresearch_edit", {{"session_id", session}, {"content", "score: 9\n"}});
  auto message = call_message("long", "autoresearch_run", {{"session_id", session}});
  message["params"]["_meta"] = {{"progressToken", "p"}};
  host.say(message);
  auto progress = host.hear_until([](const json& m) {
    return m.value("method", "") == "notifications/progress" &&
           m["params"]["message"].get<std::string>().find("waiting here") != std::string::npos;
  });
  CHECK(progress["params"]["progressToken"] == "p");
  CHECK(progress["params"]["message"].get<std::string>().find("iteration 1") != std::string::npos);
  host.say({{"jsonrpc", "2.0"},
            {"method", "notifications/cancelled"},
            {"params", {{"requestId", "long"}}}});
  CHECK(lab.fifo_is_free());
  auto status =
      host.call("get_autoresearch_status", {{"session_id", session}, {"wait_ms", 60'000}});
  CHECK(status["state"] == "idle");
  for (const auto& m : host.others) CHECK(m.value("id", json()) != "long");
}

/// A session whose next run waits for a line in a FIFO of the returned name.
std::string session_that_waits(const laboratory& lab, std::string& gate) {
  const std::string top = lab.folder.path.string();
  gate = top + "/gate";
  shell(lab.folder.path, "mkfifo gate");
  auto session = lab.start({{"run_command", "if [ -e '" + top + "/second' ]; then read x < '" +
                                                gate + "'; fi; cat p.txt"}});
  write_text(lab.folder.path / "second", "");
  lab.edit_to(session, "score: 9\n");
  return session;
}

TEST_CASE("a step that was answered with running goes on when the host has gone, however it went") {
  for (int how : {0, SIGTERM, SIGKILL}) {
    CAPTURE(how);
    laboratory lab;
    std::string gate;
    auto session = session_that_waits(lab, gate);
    {
      mcp_host host(lab);
      host.initialize();
      auto answer = host.call("autoresearch_run", {{"session_id", session}, {"wait_ms", 50}});
      CHECK(answer["state"] == "running");
      if (how != 0)
        host.kill(how);
      else
        host.close_input();
      host.end_within(2000);
    }
    CHECK(lab.status(session)["state"] == "running");
    shell(lab.folder.path, "echo go > gate");
    auto status =
        lab.ask("get_autoresearch_status", {{"session_id", session}, {"wait_ms", 60'000}});
    CHECK(status["last_result"]["answer"]["metric_value"] == 9);
  }
}

TEST_CASE("a step whose answer nobody waits for any more is undone") {
  laboratory lab;
  std::string gate;
  auto session = session_that_waits(lab, gate);
  {
    mcp_host host(lab);
    host.initialize();
    host.say(call_message("run", "autoresearch_run", {{"session_id", session}}));
    // The step is at work once the status says so.
    while (host.call("get_autoresearch_status", {{"session_id", session}})["state"] != "running") {
    }
    host.close_input();
    CHECK(host.end_within(5000) == 0);
  }
  auto status = lab.ask("get_autoresearch_status", {{"session_id", session}, {"wait_ms", 60'000}});
  CHECK(status["state"] == "idle");
  CHECK(status["step"] == "autoresearch_run");
}

TEST_CASE("a client that follows tasks gets one for a long run, and its result from it") {
  laboratory lab;
  std::string gate;
  auto session = session_that_waits(lab, gate);
  mcp_host host(lab);
  json meta = modern_meta;
  meta["io.modelcontextprotocol/clientCapabilities"] = {
      {"extensions", {{"io.modelcontextprotocol/tasks", json::object()}}}};
  auto answer = host.ask(1, "tools/call",
                         {{"name", "autoresearch_run"},
                          {"arguments", {{"session_id", session}}},
                          {"_meta", meta}})["result"];
  CHECK(answer["resultType"] == "task");
  CHECK(answer["status"] == "working");
  auto task = [&] {
    return host.ask("task", "tasks/get", {{"taskId", answer["taskId"]}, {"_meta", meta}})["result"];
  };
  CHECK(task()["status"] == "working");
  shell(lab.folder.path, "echo go > gate");
  host.call_modern("get_autoresearch_status", {{"session_id", session}, {"wait_ms", 60'000}});
  auto ended = task();
  CHECK(ended["status"] == "completed");
  CHECK(ended["result"]["structuredContent"]["metric_value"] == 9);
}

TEST_CASE("a host hears of a session's changes, whichever process makes them") {
  laboratory lab;
  auto session = lab.start();
  mcp_host host(lab);
  host.initialize();
  const std::string uri = "ratchet://sessions/" + session;
  host.ask("s", "resources/subscribe", {{"uri", uri}});
  lab.edit_to(session, "score: 9\n");
  auto updated = host.hear_until(
      [](const json& m) { return m.value("method", "") == "notifications/resources/updated"; });
  CHECK(updated["params"]["uri"] == uri);
}

}  // namespace
}  // namespace ratchet::e2e
