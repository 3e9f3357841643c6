// SPDX-License-Identifier: MIT
#include "runtime/http/event_feed.hpp"

#include <algorithm>
#include <charconv>

#include "actors/logic/text.hpp"
#include "runtime/os/event_loop.hpp"
#include "runtime/tools/cloud_event.hpp"

namespace ratchet::http {

namespace {

constexpr std::chrono::seconds quiet_interval{15};
/// What a reader that is far behind gets at once.
constexpr std::size_t page = 100;
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
  event_cursor at;
};

event_feed::event_feed(event_loop& loop, event_tail& tail)
    : tail_(tail),
      following_(tail.follow([this](const auto& news) { take(news); })),
      keep_alive_(loop.every(quiet_interval, [this] {
        pump_all();  // one whose page could not be read
        for (const auto& to : std::vector(readers_.begin(), readers_.end()))
          if (to->answer->waiting_bytes() == 0) to->answer->write(": \n\n");
      })) {}

event_feed::~event_feed() = default;

void event_feed::handle(const request& r, const std::shared_ptr<reply>& answer) {
  constexpr const char* plain = "text/plain; charset=utf-8";
  if (r.method != "GET") return answer->send(405, plain, "GET only\n", {{"Allow", "GET"}});
  auto store = tail_.store();
  if (!store) return answer->send(503, plain, "the store cannot be opened; the log says why\n");
  subscription wanted{.topics = {}};
  std::string after = r.header("last-event-id");
  for (const auto& [name, value] : r.query) {
    if (name == "topic")
      wanted.topics.push_back(value);
    else if (name == "session")
      wanted.session_id = value;
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
    wanted.after_seq = *last;
  } else if (auto seq = sequence(after)) {
    wanted.after_seq = *seq;
  } else {
    return answer->send(400, plain,
                        "after (or Last-Event-ID) must be the seq of an event, 0 or more, not \"" +
                            valid_utf8(after) + "\"\n");
  }
  auto to = std::make_shared<reader>(reader{answer, event_cursor(wanted, 0, page)});
  readers_.push_back(to);
  std::weak_ptr<reader> weak = to;
  auto go_on = [this, weak] {
    if (auto reader = weak.lock()) pump(*reader);
  };
  answer->when_drained(go_on);
  answer->when_gone([this, weak] {
    readers_.remove_if([&](const auto& known) { return known == weak.lock(); });
  });
  answer->begin_stream();
  answer->write(": events follow\n\n");
}

void event_feed::take(const std::vector<event>& news) {
  for (const auto& e : news) {
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
  pump_all();
}

void event_feed::pump_all() {
  for (const auto& to : std::vector(readers_.begin(), readers_.end())) pump(*to);
}

void event_feed::pump(reader& to) {
  if (to.answer->waiting_bytes() > 0) return;  // it comes back when that is written
  std::string piece;
  while (piece.empty() && to.at.position() < tail_.head()) {
    const auto before = to.at.position();
    if (!ring_.empty() && ring_.front().seq <= before + 1)
      from_ring(to, piece);
    else
      from_store(to, piece);
    if (to.at.position() == before) return;  // the store could not be read: later
  }
  if (!piece.empty()) to.answer->write(piece);
}

void event_feed::from_ring(reader& to, std::string& piece) {
  auto it = std::upper_bound(ring_.begin(), ring_.end(), to.at.position(),
                             [](std::int64_t seq, const frame& f) { return seq < f.seq; });
  for (; it != ring_.end() && piece.size() < piece_bytes; ++it) {
    if (to.at.wants(it->topic, it->session_id)) piece += it->text;
    to.at.move_to(it->seq);
  }
  if (it == ring_.end()) to.at.move_to(tail_.head());
}

void event_feed::from_store(reader& to, std::string& piece) {
  auto store = tail_.store();
  if (!store) return;
  auto events = to.at.next(*store);
  if (!events) return;
  for (const auto& e : *events) piece += frame_text(e);
  if (to.at.at_end()) to.at.move_to(tail_.head());
}

}  // namespace ratchet::http
