// SPDX-License-Identifier: MIT
#include "tests/end_to_end/mcp_host.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace ratchet::e2e {

mcp_host::mcp_host(std::vector<std::string> argv) {
  signal(SIGPIPE, SIG_IGN);
  int in[2], out[2];
  REQUIRE(pipe2(in, O_CLOEXEC) == 0);
  REQUIRE(pipe2(out, O_CLOEXEC) == 0);
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  pid_ = fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execv(words[0], words.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = out[0];
}

mcp_host::~mcp_host() {
  close_input();
  close(from_);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

void mcp_host::say_line(const std::string& line) {
  std::string text = line + "\n";
  std::size_t done = 0;
  while (done < text.size()) {
    auto n = write(to_, text.data() + done, text.size() - done);
    REQUIRE(n > 0);
    done += static_cast<std::size_t>(n);
  }
}

json mcp_host::hear() {
  while (heard_.find('\n') == std::string::npos) {
    pollfd ready{from_, POLLIN, 0};
    REQUIRE_MESSAGE(poll(&ready, 1, 60'000) > 0, "no message came");
    char buffer[65536];
    auto n = read(from_, buffer, sizeof buffer);
    REQUIRE_MESSAGE(n > 0, "the server has closed its output");
    heard_.append(buffer, static_cast<std::size_t>(n));
  }
  auto end = heard_.find('\n');
  auto line = heard_.substr(0, end);
  heard_.erase(0, end + 1);
  json message = json::parse(line, nullptr, false);
  REQUIRE_MESSAGE(message.is_object(), line);
  return message;
}

json mcp_host::hear_until(const std::function<bool(const json&)>& wanted) {
  while (true) {
    json message = hear();
    if (wanted(message)) return message;
    others.push_back(std::move(message));
  }
}

json mcp_host::heard(const std::function<bool(const json&)>& wanted) {
  auto came = std::find_if(others.begin(), others.end(), wanted);
  if (came == others.end()) return hear_until(wanted);
  json message = std::move(*came);
  others.erase(came);
  return message;
}

json mcp_host::ask(const json& id, const std::string& method, json params) {
  say({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
  return hear_until([&](const json& m) { return m.contains("id") && m["id"] == id; });
}

void mcp_host::initialize() {
  auto answer = ask("init", "initialize",
                    {{"protocolVersion", "2025-06-18"},
                     {"capabilities", json::object()},
                     {"clientInfo", {{"name", "test"}, {"version", "0"}}}});
  REQUIRE(answer["result"]["protocolVersion"] == "2025-06-18");
  say({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
}

json mcp_host::call(const std::string& tool, const json& arguments) {
  return structured_of(ask(next_id_++, "tools/call", {{"name", tool}, {"arguments", arguments}}));
}

json mcp_host::call_modern(const std::string& tool, const json& arguments) {
  const json meta{{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                  {"io.modelcontextprotocol/clientCapabilities", json::object()}};
  return structured_of(
      ask(next_id_++, "tools/call", {{"name", tool}, {"arguments", arguments}, {"_meta", meta}}));
}

json mcp_host::structured_of(const json& answer) {
  REQUIRE_MESSAGE(answer.contains("result"), answer.dump());
  // The text is the same JSON, for hosts that show only text.
  CHECK(json::parse(answer["result"]["content"][0]["text"].get<std::string>()) ==
        answer["result"]["structuredContent"]);
  return answer["result"]["structuredContent"];
}

void mcp_host::close_input() {
  if (to_ >= 0) close(to_);
  to_ = -1;
}

void mcp_host::kill(int signal) const { ::kill(pid_, signal); }

int mcp_host::end_within(double ms) {
  int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  REQUIRE(pidfd >= 0);
  pollfd ended{pidfd, POLLIN, 0};
  const bool in_time = poll(&ended, 1, static_cast<int>(ms)) > 0;
  close(pidfd);
  REQUIRE_MESSAGE(in_time, "the server did not end");
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace ratchet::e2e
