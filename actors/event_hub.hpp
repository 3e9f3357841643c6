// SPDX-License-Identifier: MIT
//
// event_hub: tells subscribers what happened, in the order of seq, each event once.
//
// Every event is in the store before the hub hears of it, so the hub never keeps one: a subscriber
// that lags is served from the store again when it has caught up with what it was sent. What it
// owns is a position per subscriber. It promises:
//   - from `after_seq` on without a gap or a duplicate, also what other processes write into the
//     same store (looked for every `poll_interval` while anybody listens);
//   - at most `window` events in a subscriber's mailbox that it has not handled, and no copy of an
//     event per subscriber: a slow or dead one costs the others nothing;
//   - a subscriber that ends, or handles nothing for `acknowledgement_timeout`, is forgotten.
// Every `acknowledge_every`th event is sent as a request, whose empty answer says that all up to it
// were handled. The hub reads the store, so the wiring spawns it detached.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>

#include "actors/logic/event_cursor.hpp"
#include "actors/ports/events_port.hpp"
#include "messages/actors.hpp"

namespace ratchet {

// The hub's notes to itself.
struct continue_replay {  ///< the next batch from the store for this subscriber
  std::int64_t id = 0;
};
struct poll_store {};  ///< see whether another process has written

}  // namespace ratchet

RATCHET_PRIVATE_MESSAGE(ratchet::continue_replay)
RATCHET_PRIVATE_MESSAGE(ratchet::poll_store)

namespace ratchet {

using event_hub_role = event_hub_actor::extend<tells<continue_replay>, tells<poll_store>>;

struct event_hub_state {
  static inline const char* name = "event_hub";

  static constexpr std::uint64_t window = 256;
  static constexpr std::uint64_t acknowledge_every = 64;
  static constexpr std::size_t batch = 256;  ///< rows read from the store at once
  static constexpr std::chrono::milliseconds poll_interval{200};
  static constexpr std::chrono::seconds acknowledgement_timeout{3600};

  struct listener {
    subscriber_actor to;
    event_cursor at;  ///< nothing up to its position is sent (again)
    std::uint64_t sent = 0;
    std::uint64_t handled = 0;
    bool live = false;       ///< gets events as they come; else it is read for from the store
    bool replaying = false;  ///< a continue_replay is under way

    std::uint64_t room() const { return window - (sent - handled); }
  };

  std::shared_ptr<events_port> store;
  std::map<std::int64_t, listener> listeners;
  std::int64_t last_id = 0;
  event_cursor head{{}, 0, batch};  ///< up to where live listeners have been told
  bool polling = false;
};

using event_hub_self = event_hub_role::stateful_pointer<event_hub_state>;

/// `subscription` fails with the store's failure when it cannot be read. Anybody who has the id may
/// end a subscription.
event_hub_role::behavior_type event_hub(event_hub_self self, std::shared_ptr<events_port> store);

}  // namespace ratchet
