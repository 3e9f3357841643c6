// SPDX-License-Identifier: MIT
//
// `ratchet mcp`: the tools, sessions and events for agent hosts.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iostream>

#include "messages/version.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/remote_tools.hpp"
#include "runtime/http/site.hpp"
#include "runtime/mcp/ratchet_service.hpp"
#include "runtime/mcp/stdio.hpp"

namespace ratchet::cli {

namespace {

/// Input, output and log let go of, so that a host which waits for their end is not kept.
void let_go_of_the_host() {
  int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) return;
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, fd);
  close(nowhere);
}

/// `host_gone` reads as ended when the process that the host knows is gone; a byte to `done` ends
/// that process.
void serve_stdio(const std::string& join, const runtime_options& options, int host_gone, int done) {
  event_loop loop;
  auto service = join.empty()
                     ? mcp::ratchet_service::make(loop, options, program_version())
                     : mcp::ratchet_service::make(
                           loop, [join] { return open_remote_tools(join); }, program_version());
  mcp::stdio_server server(loop, *service, STDIN_FILENO, STDOUT_FILENO, host_gone, [&] {
    let_go_of_the_host();
    [[maybe_unused]] auto n = write(done, "", 1);
    service->when_steps_ended([&loop] { loop.stop(); });
  });
  loop.run();
}

expected<std::string> read_token(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path);
  std::string token;
  std::getline(file, token);
  if (token.size() < 16)
    return fail(
        errc::invalid_argument,
        "--token-file: the first line of \"" + path +
            "\" must be a secret of 16 characters or more; `openssl rand -hex 32` makes one");
  return token;
}

int serve_http(const command_context& context, const mcp_flags& flags,
               const runtime_options& options) {
  auto token = read_token(flags.token_file);
  if (!token) return complain(context, token.error(), exit_usage);
  event_loop loop;
  loop.stop_at_signals();
  signal(SIGPIPE, SIG_IGN);
  auto service = mcp::ratchet_service::make(loop, options, program_version());
  http::site site(loop, *service, program_version());
  http::server_options where;
  where.port = static_cast<std::uint16_t>(flags.http_port);
  where.token = *token;
  if (auto ok = site.listen(where); !ok) return complain(context, ok.error());
  const std::string base = "http://127.0.0.1:" + std::to_string(site.port());
  if (context.json_output)
    print_json(
        {{"mcp", base + "/mcp"}, {"events", base + "/v1/events"}, {"metrics", base + "/metrics"}},
        false);
  else
    std::cerr << "ratchet serves " << base << "/mcp, /v1/events and /metrics; Ctrl-C ends it\n";
  if (token->empty())
    std::cerr << "warning: every user of this machine can reach it, and run commands as you by it; "
                 "--token-file asks them for a secret\n";
  loop.run();
  return exit_done;
}

int serve_stdio_from_two_processes(const command_context& context, const runtime_options& options) {
  // Two processes: hosts end the one they started as soon as they have no more to ask, by signal if
  // it does not end by itself; some start one a call. A step whose caller was told that it goes on
  // must go on, so the work is done in a second process, in a session of its own.
  int host_gone[2], done[2];
  if (pipe2(host_gone, O_CLOEXEC) != 0 || pipe2(done, O_CLOEXEC) != 0)
    return complain(context, fail(errc::internal, "no pipe could be made: too many open files?"));
  const pid_t worker = fork();
  if (worker < 0)
    return complain(context,
                    fail(errc::internal, "no process could be started: too many processes?"));
  if (worker == 0) {
    setsid();
    signal(SIGPIPE, SIG_IGN);
    close(host_gone[1]);
    close(done[0]);
    serve_stdio(context.join, options, host_gone[0], done[1]);
    _exit(exit_done);
  }
  close(host_gone[0]);
  close(done[1]);
  char byte = 0;
  ssize_t n = 0;
  while ((n = read(done[0], &byte, 1)) < 0 && errno == EINTR) {
  }
  if (n == 1) return exit_done;
  int status = 0;
  waitpid(worker, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? exit_done : exit_failed;
}

}  // namespace

int serve_mcp(const command_context& context, const mcp_flags& flags) {
  runtime_options options;
  options.state_dir = context.state_dir;
  options.slots = flags.slots;
  if (!context.join.empty() && flags.http_port >= 0)
    return complain(context,
                    fail(errc::invalid_argument,
                         "--join and --http do not go together: events and metrics are served "
                         "where the store is; run `ratchet mcp --http` on the node's machine"),
                    exit_usage);
  if (flags.http_port >= 0) return serve_http(context, flags, options);
  if (!flags.token_file.empty())
    return complain(context,
                    fail(errc::invalid_argument,
                         "--token-file belongs to --http; over standard "
                         "input there is nobody to ask for a token"),
                    exit_usage);
  return serve_stdio_from_two_processes(context, options);
}

}  // namespace ratchet::cli
