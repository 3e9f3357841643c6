// SPDX-License-Identifier: MIT
//
// GET /v1/events: what happens on the state directory, in whatever process, as server-sent events.
//
//   id: 4711                         the event's seq
//   event: autoresearch.promoted     its topic
//   data: {…}                        the same CloudEvents envelope as everywhere
//
// Query: after=SEQ (0: everything, default: from now on), topic=PATTERN (again and again; `*`
// matches anything), session=ID. A Last-Event-ID header goes before `after`, so that a client which
// connects again goes on without a gap or a repetition.
//
// Memory is bounded: new events are made into text once and kept for all readers in a ring; a
// reader that is further behind reads from the store, and none has more than one piece in flight.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/embed/event_tail.hpp"
#include "runtime/http/server.hpp"

namespace ratchet::http {

class event_feed {
 public:
  static constexpr std::size_t ring_bytes = 8 << 20;

  event_feed(event_loop& loop, event_tail& tail);
  ~event_feed();

  void handle(const request& r, const std::shared_ptr<reply>& answer);

  std::size_t readers() const { return readers_.size(); }
  /// By topic, since this server began.
  const std::map<std::string, std::int64_t>& counts() const { return counts_; }

 private:
  struct frame {
    std::int64_t seq;
    std::string topic;
    std::string session_id;
    std::string text;
  };
  struct reader;

  void take(const std::vector<event>& news);
  void pump_all();
  void pump(reader& to);
  void from_ring(reader& to, std::string& piece);
  void from_store(reader& to, std::string& piece);

  event_tail& tail_;
  std::shared_ptr<void> following_;
  std::shared_ptr<void> keep_alive_;
  std::deque<frame> ring_;  ///< the newest, in order, without a gap up to the tail's head
  std::size_t ring_size_ = 0;
  std::list<std::shared_ptr<reader>> readers_;
  std::map<std::string, std::int64_t> counts_;
};

}  // namespace ratchet::http
