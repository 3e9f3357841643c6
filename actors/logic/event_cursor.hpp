// SPDX-License-Identifier: MIT
//
// Where a reader of events stands: which of them it wants, and the seq up to which it has read.
// Hub, tail, feed and command line all read with one; it is what makes "no gap and no repetition"
// theirs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "messages/events.hpp"
#include "messages/failure.hpp"

namespace ratchet {

class event_cursor {
 public:
  /// Begins after `wanted.after_seq`, at `newest` when that is negative. No topics are all topics.
  /// At most `page` events are read from the store at once.
  explicit event_cursor(subscription wanted = {}, std::int64_t newest = 0, std::size_t page = 500);

  std::int64_t position() const { return position_; }
  /// Everything up to `seq` is behind it. Never goes back.
  void move_to(std::int64_t seq) { position_ = std::max(position_, seq); }

  bool wants(std::string_view topic, std::string_view session_id) const {
    return wants_all_ || filter(topic, session_id);
  }
  /// It has not been read and is wanted.
  bool awaits(const event& e) const { return e.seq > position_ && wants(e.topic, e.session_id); }

  /// The wanted events of the next page of `store` (an events_port, or what reads like one), at
  /// most `limit`. They, and those between them that are not wanted, are then read; after a failure
  /// nothing is.
  template <class Store>
  expected<std::vector<event>> next(Store& store, std::size_t limit = SIZE_MAX) {
    limit = std::min(limit, page_);
    auto events = store.events_after(position_, limit);
    if (!events) return events;
    at_end_ = events->size() < limit;
    if (!events->empty()) move_to(events->back().seq);
    if (!wants_all_)
      std::erase_if(*events, [&](const event& e) { return !filter(e.topic, e.session_id); });
    return events;
  }
  /// The page read last was the last that there was.
  bool at_end() const { return at_end_; }

 private:
  bool filter(std::string_view topic, std::string_view session_id) const;

  subscription wanted_;
  bool wants_all_;
  std::int64_t position_;
  std::size_t page_;
  bool at_end_ = false;
};

}  // namespace ratchet
