// SPDX-License-Identifier: MIT
//
// `ratchet events`: from the store, so that it shows what every process on this state directory
// does; a follower reads on from the seq it has seen.
#include <unistd.h>

#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/interruption.hpp"
#include "runtime/cli/remote_commands.hpp"
#include "runtime/cli/session_view.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/tools/cloud_event.hpp"

namespace ratchet::cli {

namespace {

constexpr std::size_t page = 500;
constexpr int look_interval_ms = 200;

}  // namespace

bool is_wanted(const events_flags& flags, const event& e) {
  if (!flags.session_id.empty() && e.session_id != flags.session_id) return false;
  return flags.topics.empty() ||
         std::any_of(flags.topics.begin(), flags.topics.end(),
                     [&](const std::string& t) { return matches_topic(t, e.topic); });
}

bool print_event(const command_context& context, const event& e) {
  return context.json_output ? print_json(cloud_event(e), false)
                             : print_line(event_text(e, context.style));
}

int show_events(const command_context& context, const events_flags& flags) {
  auto store = open_store(resolve_state_dir(context.state_dir));
  if (!store) return complain(context, store.error());
  std::int64_t seen = flags.after;
  if (seen < 0) {
    auto last = (*store)->last_seq();
    if (!last) return complain(context, last.error());
    seen = *last;
  }
  interruption interrupted(-1);
  while (!interrupted.asked()) {
    auto events = (*store)->events_after(seen, page);
    if (!events) return complain(context, events.error());
    for (const auto& e : *events) {
      seen = e.seq;
      if (is_wanted(flags, e) && !print_event(context, e)) return exit_failed;
    }
    if (!events->empty()) continue;
    if (!flags.follow) return exit_done;
    interrupted.wait_ms(look_interval_ms);
  }
  return exit_done;
}

}  // namespace ratchet::cli
