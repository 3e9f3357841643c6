// SPDX-License-Identifier: MIT
//
// `ratchet events`: from the store, so that it shows what every process on this state directory
// does; a follower reads on from the seq it has seen.
#include "actors/logic/event_cursor.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/interruption.hpp"
#include "runtime/cli/remote_commands.hpp"
#include "runtime/cli/session_view.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/tools/cloud_event.hpp"

namespace ratchet::cli {

namespace {

constexpr int look_interval_ms = 200;

}  // namespace

bool print_event(const command_context& context, const event& e) {
  return context.json_output ? print_json(cloud_event(e), false)
                             : print_line(event_text(e, context.style));
}

int show_events(const command_context& context, const events_flags& flags) {
  auto store = open_store(resolve_state_dir(context.state_dir));
  if (!store) return complain(context, store.error());
  auto last = (*store)->last_seq();
  if (!last) return complain(context, last.error());
  event_cursor cursor(flags.wanted, *last);
  interruption interrupted(-1);
  while (!interrupted.asked()) {
    auto events = cursor.next(**store);
    if (!events) return complain(context, events.error());
    for (const auto& e : *events)
      if (!print_event(context, e)) return exit_failed;
    if (!cursor.at_end()) continue;
    if (!flags.follow) return exit_done;
    interrupted.wait_ms(look_interval_ms);
  }
  return exit_done;
}

}  // namespace ratchet::cli
