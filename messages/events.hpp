// SPDX-License-Identifier: MIT
//
// What happened, told to whoever listens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/json.hpp"

namespace ratchet {

/// A thing that happened. `seq` is given by the store, increases over the whole store and is
/// durable before anybody sees the event.
struct event {
  std::int64_t seq = 0;
  std::string topic;  ///< autoresearch.started, .baseline, .failed, .edited, .iteration, …
  std::string session_id;
  std::string time;               ///< RFC 3339, UTC, milliseconds
  json payload = json::object();  ///< one of messages/event_payloads.hpp

  static constexpr auto fields() {
    return field_list{field{"seq", &event::seq}, field{"topic", &event::topic},
                      field{"session_id", &event::session_id}, field{"time", &event::time},
                      field{"payload", &event::payload}};
  }
};

/// Topics a subscriber wants (`*` matches any run of characters, dots too; none is every topic) and
/// the seq it has seen.
struct subscription {
  std::vector<std::string> topics{"*"};
  std::int64_t after_seq = 0;  ///< events with a greater seq follow; -1: only what comes from now
  std::string session_id;      ///< empty: every session

  static constexpr auto fields() {
    return field_list{field{"topics", &subscription::topics},
                      field{"after_seq", &subscription::after_seq},
                      field{"session_id", &subscription::session_id, presence::if_set}};
  }
};

/// Ends the subscription that answered with this id.
struct unsubscribe {
  std::int64_t id = 0;

  static constexpr auto fields() { return field_list{field{"id", &unsubscribe::id}}; }
};

/// The answer to a subscription: events with a seq up to this one come from the store first.
struct subscribed {
  std::int64_t id = 0;
  std::int64_t last_seq = 0;

  static constexpr auto fields() {
    return field_list{field{"id", &subscribed::id}, field{"last_seq", &subscribed::last_seq}};
  }
};

}  // namespace ratchet
