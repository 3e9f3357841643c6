// SPDX-License-Identifier: MIT
//
// What an agent host waits for: the first answer of a fresh `ratchet mcp`, tools/list, and a tool
// call over stdio beside the same call in this process. Prints a JSON line; times in milliseconds.
//
//   mcp_bench [calls 1000]
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <memory>
#include <string_view>

#include "tests/bench/laboratory.hpp"

using ratchet::json;
using namespace ratchet::bench;

namespace {

/// `ratchet mcp` at the other end of two pipes.
class host {
 public:
  explicit host(const fs::path& state) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) give_up("no pipe");
    const auto program = (fs::read_symlink("/proc/self/exe").parent_path() / "ratchet").string();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], 0);
      dup2(out[1], 1);
      execl(program.c_str(), "ratchet", "--state-dir", state.c_str(), "mcp", nullptr);
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = fdopen(out[0], "r");
  }
  ~host() {
    close(to_);
    std::fclose(from_);
    waitpid(pid_, nullptr, 0);
    std::free(line_);
  }
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// The answer as its line; reading it is the client's own affair.
  std::string_view ask(const std::string& method, json params) {
    const json meta{{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                    {"io.modelcontextprotocol/clientCapabilities", json::object()}};
    params["_meta"] = meta;
    const std::string text =
        json{{"jsonrpc", "2.0"}, {"id", ++id_}, {"method", method}, {"params", params}}.dump() +
        "\n";
    if (write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      give_up("the server does not read");
    auto n = getline(&line_, &capacity_, from_);
    if (n <= 0) give_up("the server has ended");
    return {line_, static_cast<std::size_t>(n)};
  }

 private:
  pid_t pid_;
  int to_;
  FILE* from_;
  int id_ = 0;
  char* line_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::atoi(argv[1]) : 1000;
  const fs::path base = fs::temp_directory_path() / ("mcp_bench." + std::to_string(getpid()));
  auto repo = make_repository(base / "repo", 0);
  auto opened = ratchet::runtime::open({.state_dir = base / "state", .slots = 0, .launcher = {}});
  if (!opened) give_up(opened.error().text);
  auto& lab = **opened;
  const json session{
      {"session_id", call(lab, "autoresearch_setup", score_session(repo))["session_id"]}};

  std::vector<double> start, list, remote, local;
  for (int i = 0; i < 20; ++i) {
    auto begin = clock_type::now();
    host fresh(base / "state");
    fresh.ask("server/discover", json::object());
    start.push_back(ms_since(begin));
  }
  host h(base / "state");
  const json status{{"name", "get_autoresearch_status"}, {"arguments", session}};
  h.ask("tools/call", status);  // opens store and runtime
  for (int i = 0; i < calls; ++i) {
    auto begin = clock_type::now();
    h.ask("tools/list", json::object());
    list.push_back(ms_since(begin));
    begin = clock_type::now();
    h.ask("tools/call", status);
    remote.push_back(ms_since(begin));
    begin = clock_type::now();
    call(lab, "get_autoresearch_status", session);
    local.push_back(ms_since(begin));
  }
  std::printf("%s\n", json{{"start_to_first_answer_ms", median(start)},
                           {"tools_list_ms", median(list)},
                           {"call_over_stdio_ms", median(remote)},
                           {"same_call_in_process_ms", median(local)},
                           {"beyond_the_step_ms", median(remote) - median(local)}}
                          .dump()
                          .c_str());
  fs::remove_all(base);
}
