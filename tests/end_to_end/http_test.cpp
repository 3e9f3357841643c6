// SPDX-License-Identifier: MIT
//
// `ratchet mcp --http`: events for subscribers outside CAF, numbers for Prometheus, a token.
#include <signal.h>

#include "tests/end_to_end/program.hpp"
#include "tests/support/raw_client.hpp"

namespace ratchet::e2e {
namespace {

using testing::raw_client;

struct http_server {
  http_server(const laboratory& lab, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"mcp", "--http", "0", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    program = std::make_unique<process>(lab.command(words), lab.folder.path);
    // It says where it serves as soon as it does.
    while (program->out_so_far().find('\n') == std::string::npos) REQUIRE(!program->ends_within(5));
    const auto url = json::parse(program->out_so_far())["mcp"].get<std::string>();
    port = static_cast<std::uint16_t>(std::stoi(url.substr(url.find(':', 6) + 1)));
  }
  std::string get(const std::string& path, const std::string& until,
                  const std::string& headers = "") const {
    raw_client c(port);
    c.say("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
    return c.hear(until);
  }
  std::unique_ptr<process> program;
  std::uint16_t port = 0;
};

TEST_CASE("events stream out with their numbers, and a reader that returns misses none") {
  laboratory lab;
  auto session = lab.start();
  http_server server(lab);
  auto past = server.get("/v1/events?after=0", "autoresearch.baseline\",");
  CHECK(past.find("id: 1\nevent: autoresearch.started\ndata: {\"specversion\":\"1.0\"") !=
        std::string::npos);

  raw_client live(server.port);
  live.say(
      "GET /v1/events?topic=autoresearch.edited HTTP/1.1\r\nHost: localhost\r\n"
      "Last-Event-ID: 2\r\n\r\n");
  CHECK(live.hear("events follow").find("200 OK") != std::string::npos);
  lab.edit_to(session, "score: 9\n");  // another process
  CHECK(live.hear("files_changed").find("id: 3\nevent: autoresearch.edited") != std::string::npos);
  CHECK(server.get("/v1/events?after=x", "\n").find("400") != std::string::npos);
  CHECK(server.get("/v1/events?befor=1", "\n").find("400") != std::string::npos);
  server.program->send(SIGTERM);
  CHECK(server.program->end().exit_code == 0);
  CHECK(server.program->all_gone());
}

TEST_CASE("sessions and events are counted for Prometheus") {
  laboratory lab;
  auto session = lab.start();
  http_server server(lab);
  auto text = server.get("/metrics", "ratchet_mcp_sessions 0");
  CHECK(text.find("ratchet_sessions{status=\"running\"} 1") != std::string::npos);
  CHECK(text.find("ratchet_session_best_metric{session_id=\"" + session +
                  "\",metric=\"score\"} 5") != std::string::npos);
  CHECK(text.find("ratchet_event_seq 2") != std::string::npos);
}

TEST_CASE("with a token only those who bring it are served, and a short one is refused") {
  laboratory lab;
  write_text(lab.folder.path / "token", "0123456789abcdef0123\n");
  write_text(lab.folder.path / "short", "secret\n");
  http_server server(lab, {"--token-file", (lab.folder.path / "token").string()});
  CHECK(server.get("/metrics", "\n").find("401") != std::string::npos);
  CHECK(
      server.get("/metrics", "\n", "Authorization: Bearer 0123456789abcdef0123\r\n").find("200") !=
      std::string::npos);
  auto refused =
      lab.run({"mcp", "--http", "0", "--token-file", (lab.folder.path / "short").string()});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("openssl rand") != std::string::npos);
  CHECK(lab.run({"mcp", "--token-file", "x"}).exit_code == 2);
}

}  // namespace
}  // namespace ratchet::e2e
