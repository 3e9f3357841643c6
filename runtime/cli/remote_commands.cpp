// SPDX-License-Identifier: MIT
//
// `ratchet --join FILE call|status|events`: the same, at a node on another machine.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <iostream>

#include "actors/logic/event_cursor.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/interruption.hpp"
#include "runtime/cli/live_block.hpp"
#include "runtime/cli/remote_commands.hpp"
#include "runtime/cli/session_source.hpp"
#include "runtime/cli/session_view.hpp"
#include "runtime/net/remote_events.hpp"
#include "runtime/net/remote_node.hpp"
#include "runtime/tools/cloud_event.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

bool on_terminal() { return isatty(STDOUT_FILENO) == 1; }

int print_lines(const std::vector<std::string>& lines) {
  for (const auto& line : lines)
    if (!print_line(line)) return exit_failed;
  return exit_done;
}

}  // namespace

int call_remote_tool(const command_context& context, const std::string& tool,
                     const std::string& source) {
  json arguments;
  if (auto ok = read_arguments(tool, source, arguments); !ok)
    return complain(context, ok.error(), exit_usage);
  auto invited = net::invitation::read(context.join);
  if (!invited) return complain(context, invited.error());
  net::remote_node node(*invited);
  return print_answer(node.call(tool, arguments));
}

int show_remote_status(const command_context& context, const std::string& session_id) {
  auto invited = net::invitation::read(context.join);
  if (!invited) return complain(context, invited.error());
  net::remote_node node(*invited);
  if (!session_id.empty()) {
    const json answer = node.call(tool_names::status, {{"session_id", session_id}});
    if (is_error(answer)) return complain(context, failure_in(answer));
    if (!context.json_output)
      return print_lines(session_details(answer.get<progress>(), context.style));
    print_json(answer, on_terminal());
    return exit_done;
  }
  list_sessions all;
  all.finished_too = true;
  const json answer = node.ask("status", all, -1);
  if (is_error(answer)) return complain(context, failure_in(answer));
  const auto sessions = answer.get<session_list>().active_sessions;
  if (!context.json_output)
    return print_lines(session_table(
        sessions, on_terminal() ? size_of_terminal(STDOUT_FILENO).columns : 10'000, context.style));
  print_json({{"sessions", sessions}}, on_terminal());
  return exit_done;
}

int show_remote_events(const command_context& context, const events_flags& flags) {
  auto invited = net::invitation::read(context.join);
  if (!invited) return complain(context, invited.error());
  net::remote_node node(*invited);
  interruption interrupted(-1);
  std::atomic<int> status{-1};  // of the command, once it is to end
  std::int64_t last = -1;       // when this began
  auto end = [&](int with) {
    int running = -1;
    status.compare_exchange_strong(running, with);
    interrupted.wake();
  };
  const event_cursor shown(flags.wanted);
  const auto after = flags.wanted.after_seq;
  // Without --follow every event is needed, to see that the last is there.
  const auto wanted = flags.follow ? flags.wanted : subscription{.after_seq = after};
  net::remote_events::hooks told;
  told.deliver = [&](const event& e) {
    if (status >= 0) return;
    if (shown.wants(e.topic, e.session_id) && !print_event(context, e)) return end(exit_failed);
    if (!flags.follow && e.seq >= last) end(exit_done);
  };
  told.taken = [&](const subscribed& s) {
    if (last < 0) last = s.last_seq;
    if (!flags.follow && (after < 0 || last <= after)) end(exit_done);
  };
  bool said = false;
  told.interrupted = [&](const failure& why) {
    const bool hopeless = why.code == errc::invalid_argument;
    if (hopeless || (!flags.follow && last < 0)) {
      complain(context, why);
      end(exit_failed);
      return false;
    }
    if (!std::exchange(said, true))
      std::cerr << "ratchet: " << why.text << "; connecting again, no event will be missed\n";
    return true;
  };
  net::remote_events events(node, wanted, told);
  while (!interrupted.asked() && status < 0) interrupted.wait_ms(1000);
  return status < 0 ? exit_done : status.load();
}

}  // namespace ratchet::cli
