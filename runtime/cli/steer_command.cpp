// SPDX-License-Identifier: MIT
//
// `ratchet steer` and `ratchet pause`: a word to a search that runs, in whichever process.
#include <unistd.h>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/remote_commands.hpp"
#include "runtime/cli/remote_tools.hpp"
#include "runtime/embed/tool_host.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

expected<> steered(const command_context& context, const json& arguments, json& answer) {
  // Checked here, so that "@FILE" is a file of this machine.
  auto call = decode_call(tool_names::steer, arguments);
  if (!call) return call.error();
  auto host = context.join.empty() ? open_local_tools({.state_dir = context.state_dir})
                                   : open_remote_tools(context.join);
  if (!host) return host.error();
  answer = call_and_wait(**host, tool_names::steer, std::get<steer_session>(call->message));
  return {};
}

/// `what` has become of it, in words.
int steer(const command_context& context, const json& arguments, const std::string& what) {
  json answer;
  if (auto ok = steered(context, arguments, answer); !ok) return complain(context, ok.error());
  if (context.json_output || answer.contains("error")) return print_answer(answer);
  print_line("session " + answer.value("session_id", "") + ": " + what + ". " +
             answer.value("instruction", ""));
  return exit_done;
}

}  // namespace

int steer_search(const command_context& context, const std::string& session,
                 const std::string& text) {
  return steer(context, {{"session_id", session}, {"instructions", text}},
               text.empty() ? "no more instructions" : "new instructions");
}

int pause_search(const command_context& context, const std::string& session, bool off) {
  const std::string go_on =
      "; go on with: ratchet run --resume " + session + ", or ratchet pause " + session + " --off";
  return steer(context, {{"session_id", session}, {"pause", !off}},
               off ? "it goes on" : "paused" + go_on);
}

}  // namespace ratchet::cli
