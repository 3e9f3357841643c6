// SPDX-License-Identifier: MIT
#include "runtime/http/event_feed.hpp"

#include <algorithm>
#include <charconv>

#include "actors/logic/text.hpp"
#include "runtime/tools/cloud_event.hpp"

namespace ratchet::http {

namespace {

constexpr std::chrono::milliseconds look_interval{10};
constexpr int looks_between_keep_alives = 1500;  // 15 s
constexpr std::size_t page = 2000;
constexpr std::size_t piece_bytes = 128 << 10;

std::string frame_text(const event& e) {
  return "id: " + std::to_string(e.seq) + "\nevent: " + e.topic +
         "\ndata: " + to_text(cloud_event(e)) + "\n\n";
}

/// Nothing when the text is no whole number >= 0.
std::optional<std::int64_t> sequence(const std::string& text) {
  std::int64_t value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

}  // namespace

struct event_feed::reader {
  std::shared_ptr<reply> answer;
  std::int64_t position = 0;
  std::vector<std::string> topics;
  std::string session_id;
  int quiet_looks = 0;

  bool wants(const std::string& topic, const std::string& session) const {
    if (!session_id.empty() && session != session_id) return false;
    return topics.empty() || std::any_of(topics.begin(), topics.end(), [&](const auto& pattern) {
             return matches_topic(pattern, topic);
           });
  }
};

event_feed::event_feed(event_loop& loop, std::function<std::shared_ptr<store_port>()> store)
    : loop_(loop), store_(std::move(store)) {
  timer_ = loop_.every(look_interval, [this] { look(); });
}

event_feed::~event_feed() = default;

void event_feed::handle(const request& r, const std::shared_ptr<reply>& answer) {
  constexpr const char* plain = "text/plain; charset=utf-8";
  if (r.method != "GET") return answer->send(405, plain, "GET only\n", {{"Allow", "GET"}});
  auto store = store_();
  if (!store) return answer->send(503, plain, "the store cannot be opened; the log says why\n");
  auto to = std::make_shared<reader>();
  to->answer = answer;
  std::string after = r.header("last-event-id");
  for (const auto& [name, value] : r.query) {
    if (name == "topic")
      to->topics.push_back(value);
    else if (name == "session")
      to->session_id = value;
    else if (name == "after" && after.empty())
      after = value;
    else if (name != "after")
      return answer->send(400, plain,
                          "there is no parameter \"" + valid_utf8(name) +
                              "\"; there are after, topic and session\n");
  }
  if (after.empty()) {
    auto last = store->last_seq();
    if (!last) return answer->send(503, plain, last.error().text + "\n");
    to->position = *last;
  } else if (auto seq = sequence(after)) {
    to->position = *seq;
  } else {
    return answer->send(400, plain,
                        "after (or Last-Event-ID) must be the seq of an event, 0 or more, not \"" +
                            valid_utf8(after) + "\"\n");
  }
  readers_.push_back(to);
  std::weak_ptr<reader> weak = to;
  auto go_on = [this, weak] {
    if (auto reader = weak.lock()) pump(reader);
  };
  answer->when_drained(go_on);
  answer->when_gone([this, weak] {
    readers_.remove_if([&](const auto& known) { return known == weak.lock(); });
  });
  answer->begin_stream();
  answer->write(": events follow\n\n");
}

void event_feed::look() {
  if (auto store = store_()) {
    if (head_ < 0) {
      auto last = store->last_seq();
      if (last) head_ = *last;
    } else if (auto events = store->events_after(head_, page); events && !events->empty()) {
      for (const auto& e : *events) {
        head_ = e.seq;
        ++counts_[e.topic];
        if (readers_.empty()) continue;
        ring_.push_back({e.seq, e.topic, e.session_id, frame_text(e)});
        ring_size_ += ring_.back().text.size();
      }
      if (readers_.empty()) {  // without a gap or not at all
        ring_.clear();
        ring_size_ = 0;
      }
      for (; ring_size_ > ring_bytes; ring_.pop_front()) ring_size_ -= ring_.front().text.size();
    }
  }
  for (const auto& to : std::vector(readers_.begin(), readers_.end())) pump(to);
}

void event_feed::pump(const std::shared_ptr<reader>& to) {
  if (to->answer->waiting_bytes() > 0) return;  // it comes back when that is written
  if (to->position >= head_) {
    if (++to->quiet_looks < looks_between_keep_alives) return;
    to->quiet_looks = 0;
    return to->answer->write(": \n\n");
  }
  to->quiet_looks = 0;
  std::string piece;
  while (piece.empty() && to->position < head_) {
    const auto before = to->position;
    if (!ring_.empty() && ring_.front().seq <= to->position + 1)
      from_ring(*to, piece);
    else
      from_store(*to, piece);
    if (to->position == before) return;  // the store could not be read: later
  }
  to->answer->write(piece);
}

void event_feed::from_ring(reader& to, std::string& piece) {
  auto it = std::upper_bound(ring_.begin(), ring_.end(), to.position,
                             [](std::int64_t seq, const frame& f) { return seq < f.seq; });
  for (; it != ring_.end() && piece.size() < piece_bytes; ++it) {
    if (to.wants(it->topic, it->session_id)) piece += it->text;
    to.position = it->seq;
  }
  if (it == ring_.end()) to.position = head_;
}

void event_feed::from_store(reader& to, std::string& piece) {
  auto store = store_();
  if (!store) return;
  auto events = store->events_after(to.position, page);
  if (!events) return;
  for (const auto& e : *events) {
    if (e.seq > head_) break;  // the ring will have it
    if (to.wants(e.topic, e.session_id)) piece += frame_text(e);
    to.position = e.seq;
    if (piece.size() >= piece_bytes) return;
  }
  if (events->size() < page) to.position = std::max(to.position, head_);
}

}  // namespace ratchet::http
