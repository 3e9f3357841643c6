// SPDX-License-Identifier: MIT
#include "actors/logic/event_cursor.hpp"

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

bool wants_every(const subscription& wanted) {
  const auto& topics = wanted.topics;
  return wanted.session_id.empty() &&
         (topics.empty() || std::find(topics.begin(), topics.end(), "*") != topics.end());
}

}  // namespace

event_cursor::event_cursor(subscription wanted, std::int64_t newest, std::size_t page)
    : wanted_(std::move(wanted)),
      wants_all_(wants_every(wanted_)),
      position_(wanted_.after_seq < 0 ? newest : wanted_.after_seq),
      page_(page) {}

bool event_cursor::filter(std::string_view topic, std::string_view session_id) const {
  if (!wanted_.session_id.empty() && wanted_.session_id != session_id) return false;
  const auto& topics = wanted_.topics;
  return topics.empty() || std::any_of(topics.begin(), topics.end(), [&](const auto& pattern) {
           return matches_topic(pattern, topic);
         });
}

}  // namespace ratchet
