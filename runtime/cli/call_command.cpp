// SPDX-License-Identifier: MIT
//
// `ratchet tools` and `ratchet call`.
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/live_block.hpp"
#include "runtime/cli/remote_commands.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/os/whole_file.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

constexpr std::size_t max_argument_bytes = 64 << 20;
constexpr std::int64_t a_day_ms = 86'400'000;

expected<> read_text(const std::string& source, std::string& text) {
  if (source == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else if (source.starts_with('@')) {
    std::ifstream file(source.substr(1), std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
    if (!file.good() && text.empty())
      return fail(errc::invalid_argument, "cannot read " + source.substr(1));
  } else {
    text = source.empty() ? "{}" : source;
  }
  if (text.size() > max_argument_bytes)
    return fail(errc::invalid_argument, "the arguments are larger than 64 MiB");
  return {};
}

int answer_status(const json& answer) {
  auto error = answer.find("error");
  // A run's own `error` is null or a finding about the candidate; ours has a code.
  bool failed = error != answer.end() && (answer.contains("code") || !answer.contains("iteration"));
  return failed ? exit_failed : exit_done;
}

}  // namespace

expected<> read_arguments(const std::string& tool, const std::string& source, json& arguments) {
  std::string text;
  if (auto ok = read_text(source, text); !ok) return ok;
  try {
    arguments = json::parse(text);
  } catch (const json::parse_error& e) {
    return fail(errc::invalid_argument,
                "the arguments are not JSON (byte " + std::to_string(e.byte) +
                    "); quote them for the shell, as in '{\"session_id\": \"…\"}', or use @FILE");
  }
  // What went on side by side would end with this process, and the next call begin it again.
  if (tool == tool_names::run && arguments.is_object()) arguments.emplace("wait_for", "all");
  return {};
}

int print_answer(const json& answer) {
  print_json(answer, isatty(STDOUT_FILENO) == 1);
  return answer_status(answer);
}

namespace {

/// For one call: little is started that it may not need. Its few threads may share one heap: each
/// heap has pages of its own to be given.
expected<std::unique_ptr<runtime>> open_for_a_call(const command_context& context) {
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, 1);
#endif
  return runtime::open({.state_dir = context.state_dir, .launcher_when_needed = true});
}

json call_here(const command_context& context, const std::string& tool, const json& arguments) {
  auto lab = open_for_a_call(context);
  return lab ? (*lab)->call(tool, arguments) : error_answer(lab.error());
}

void to_null(int descriptor) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return;
  dup2(null, descriptor);
  close(null);
}

// In the child: answers on the pipe, then stays until the step is done.
void work_behind(const command_context& context, const std::string& tool, const json& arguments,
                 int answer_pipe) {
  setsid();                  // Ctrl-C at the terminal is not for the step that goes on
  signal(SIGPIPE, SIG_IGN);  // the parent may be gone
  to_null(STDIN_FILENO);
  to_null(STDOUT_FILENO);  // $(ratchet call …) waits for its end
  json answer;
  auto lab = open_for_a_call(context);
  answer = lab ? (*lab)->call(tool, arguments) : error_answer(lab.error());
  write_all(answer_pipe, answer.dump(-1, ' ', false, json::error_handler_t::replace));
  close(answer_pipe);
  to_null(STDERR_FILENO);
  while (lab && answer.value("state", "") == "running" && answer.contains("session_id"))
    answer = (*lab)->call(tool_names::status,
                          {{"session_id", answer["session_id"]}, {"wait_ms", a_day_ms}});
}

std::string read_to_end(int descriptor) {
  std::string text;
  std::array<char, 65'536> bytes{};
  while (true) {
    ssize_t n = read(descriptor, bytes.data(), bytes.size());
    if (n > 0)
      text.append(bytes.data(), static_cast<std::size_t>(n));
    else if (n == 0 || errno != EINTR)
      return text;
  }
}

// A call that may be answered before its step is done: a process that stays behind sees the step
// through. Forked before this process has a second thread.
int call_behind(const command_context& context, const std::string& tool, const json& arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return complain(context, fail(errc::process_failed, "no pipe could be made; try again"));
  pid_t child = fork();
  if (child < 0)
    return complain(context, fail(errc::process_failed, "no process could be started; try again"));
  if (child == 0) {
    close(ends[0]);
    work_behind(context, tool, arguments, ends[1]);
    _exit(exit_done);
  }
  close(ends[1]);
  json answer = json::parse(read_to_end(ends[0]), nullptr, false);
  if (answer.is_discarded())
    answer = error_answer(fail(errc::internal,
                               "the process that worked on the call ended without an answer; look "
                               "at get_autoresearch_status"));
  return print_answer(answer);
}

}  // namespace

int show_tools(const command_context& context) {
  if (context.json_output) {
    print_json(describe_tools(), isatty(STDOUT_FILENO) == 1);
    return exit_done;
  }
  for (const auto& t : tools()) {
    print_line(painted(context.style, paint::bold, t.name));
    print_line("  " + std::string(t.description));
    for (const auto& a : t.arguments) {
      std::string line = "    " + painted(context.style, paint::cyan, a.name);
      line += a.required ? " (required)"
                         : (a.default_json.empty() ? "" : " = " + std::string(a.default_json));
      print_line(line);
      print_line("        " + painted(context.style, paint::dim, a.description));
    }
    print_line("");
  }
  return exit_done;
}

int call_tool(const command_context& context, const std::string& tool, const std::string& source) {
  json arguments;
  if (auto ok = read_arguments(tool, source, arguments); !ok)
    return complain(context, ok.error(), exit_usage);
  auto call = decode_call(tool, arguments);
  if (!call) return print_answer(error_answer(call.error()));
  const bool is_step = find_tool(tool)->step != session_step::none;
  if (call->wait_ms && is_step) return call_behind(context, tool, arguments);
  return print_answer(call_here(context, tool, arguments));
}

}  // namespace ratchet::cli
