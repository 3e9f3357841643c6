// SPDX-License-Identifier: MIT
#include "actors/event_hub.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using listener = event_hub_state::listener;

void replay_soon(event_hub_self self, std::int64_t id, listener& l) {
  if (l.live || l.replaying || l.room() == 0) return;
  l.replaying = true;
  self->send(self, continue_replay{id});
}

void forget(event_hub_self self, std::int64_t id) {
  auto& all = self->state.listeners;
  auto it = all.find(id);
  if (it == all.end()) return;
  auto to = it->second.to;
  all.erase(it);
  // demonitor ends every watch of an actor, and it may have another subscription.
  bool gone = std::none_of(all.begin(), all.end(),
                           [&](const auto& entry) { return entry.second.to == to; });
  if (gone) self->demonitor(caf::actor_cast<caf::actor_addr>(to));
}

void on_handled(event_hub_self self, std::int64_t id, std::uint64_t count) {
  auto it = self->state.listeners.find(id);
  if (it == self->state.listeners.end()) return;
  it->second.handled = std::max(it->second.handled, count);
  replay_soon(self, id, it->second);
}

void on_unanswered(event_hub_self self, std::int64_t id, std::uint64_t count,
                   const caf::error& error) {
  auto why = as_failure(error, "subscriber " + std::to_string(id));
  if (why.code == errc::worker_lost) return forget(self, id);
  // An error is an answer too: the subscriber read the event and could not deal with it.
  if (why.code != errc::timed_out) return on_handled(self, id, count);
  spdlog::warn("subscriber {} has handled nothing for {} s and is forgotten", id,
               event_hub_state::acknowledgement_timeout.count());
  forget(self, id);
}

void deliver(event_hub_self self, std::int64_t id, listener& l, const caf::message& message) {
  auto count = ++l.sent;
  if (count % event_hub_state::acknowledge_every != 0) return tell_shared(self, l.to, message);
  tell_shared(
      self, l.to, message, event_hub_state::acknowledgement_timeout,
      [self, id, count] { on_handled(self, id, count); },
      [self, id, count](const caf::error& e) { on_unanswered(self, id, count, e); });
}

/// To all live listeners; one whose window is full goes back to the store.
void fan_out(event_hub_self self, const event& e) {
  self->state.head.move_to(e.seq);
  caf::message message;
  for (auto& [id, l] : self->state.listeners) {
    if (!l.live || !l.at.awaits(e)) continue;
    l.live = l.room() > 0;
    l.at.move_to(l.live ? e.seq : e.seq - 1);
    if (!l.live) continue;
    if (message.empty()) message = shared_message(e);
    deliver(self, id, l, message);
  }
}

/// Brings live listeners up to what the store holds.
expected<> advance(event_hub_self self) {
  auto& s = self->state;
  auto last = s.store->last_seq();
  if (!last) return last.error();
  bool nobody = std::none_of(s.listeners.begin(), s.listeners.end(),
                             [](const auto& entry) { return entry.second.live; });
  if (nobody) s.head.move_to(*last);
  while (s.head.position() < *last) {
    auto events = s.head.next(*s.store);
    if (!events) return events.error();
    for (const auto& e : *events) fan_out(self, e);
    if (s.head.at_end()) break;
  }
  return {};
}

/// The failure is not lost: the next poll tries again.
void advance_or_warn(event_hub_self self) {
  if (auto ok = advance(self); !ok)
    spdlog::warn("events wait in the store, which cannot be read: {}", ok.error().text);
}

void on_recorded(event_hub_self self, const recorded_events& recorded) {
  for (const auto& e : recorded.events) {
    auto head = self->state.head.position();
    if (e.seq == head + 1)
      fan_out(self, e);
    else if (e.seq > head)
      return advance_or_warn(self);  // others have written in between
  }
}

/// One batch from the store for one listener; it is live once it has reached the others.
void replay(event_hub_self self, std::int64_t id) {
  auto& s = self->state;
  auto it = s.listeners.find(id);
  if (it == s.listeners.end()) return;
  listener& l = it->second;
  l.replaying = false;
  if (l.live || l.room() == 0) return;
  auto events = l.at.next(*s.store, l.room());
  if (!events) {
    spdlog::warn("events wait in the store, which cannot be read: {}", events.error().text);
    return;
  }
  for (auto& e : *events) deliver(self, id, l, shared_message(std::move(e)));
  l.live = l.at.at_end() || l.at.position() >= s.head.position();
  replay_soon(self, id, l);
}

void poll_again(event_hub_self self) {
  if (std::exchange(self->state.polling, true)) return;
  self->delayed_send(self, event_hub_state::poll_interval, poll_store{});
}

void poll(event_hub_self self) {
  self->state.polling = false;
  if (self->state.listeners.empty()) return;
  advance_or_warn(self);
  for (auto& [id, l] : self->state.listeners) replay_soon(self, id, l);
  poll_again(self);
}

expected<subscribed> subscribe(event_hub_self self, const subscription& wants,
                               const subscriber_actor& to) {
  auto& s = self->state;
  if (auto ok = advance(self); !ok) return ok.error();
  const auto head = s.head.position();
  listener l{to, event_cursor(wants, head, event_hub_state::batch)};
  l.live = l.at.position() >= head;
  self->monitor(to);
  auto id = ++s.last_id;
  spdlog::debug("subscription {} goes on after event {} of {}", id, l.at.position(), head);
  replay_soon(self, id, s.listeners[id] = std::move(l));
  poll_again(self);
  return subscribed{id, head};
}

void on_down(event_hub_self self, const caf::actor_addr& who) {
  std::erase_if(self->state.listeners, [&](const auto& entry) {
    return caf::actor_cast<caf::actor_addr>(entry.second.to) == who;
  });
}

}  // namespace

event_hub_role::behavior_type event_hub(event_hub_self self, std::shared_ptr<events_port> store) {
  self->state.store = std::move(store);
  when_down(self, [self](const caf::actor_addr& who, const caf::error&) { on_down(self, who); });
  return {
      [self](const recorded_events& m) { on_recorded(self, m); },
      [self](const subscription& m, const subscriber_actor& to) {
        return as_result(subscribe(self, m, to));
      },
      [self](const unsubscribe& m) { forget(self, m.id); },
      [self](const continue_replay& m) { replay(self, m.id); },
      [self](const poll_store&) { poll(self); },
  };
}

}  // namespace ratchet
