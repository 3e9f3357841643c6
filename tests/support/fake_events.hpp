// SPDX-License-Identifier: MIT
//
// Events, in memory.
#pragma once

#include "actors/ports/events_port.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

class fake_events : public events_port, public fault_plan {
 public:
  std::vector<event> events;

  /// As another process would: an event that nobody here is told of. Returns its seq.
  std::int64_t add_event(const std::string& topic, const std::string& session_id = "") {
    return append({0, topic, session_id, "2026-01-01T00:00:00.000Z", json::object()}).seq;
  }
  /// Gives it its seq.
  event append(event e) {
    std::lock_guard lock(mutex_);
    e.seq = static_cast<std::int64_t>(events.size()) + 1;
    return events.emplace_back(std::move(e));
  }
  std::vector<std::string> topics() const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& e : events) out.push_back(e.topic);
    return out;
  }

  expected<std::vector<event>> events_after(std::int64_t seq, std::size_t limit) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("events_after", std::to_string(seq))) return *f;
    std::vector<event> out;
    for (const auto& e : events)
      if (e.seq > seq && out.size() < limit) out.push_back(e);
    return out;
  }
  expected<std::vector<event>> session_events(const std::string& session_id, std::int64_t seq,
                                              std::size_t limit) override {
    std::lock_guard lock(mutex_);
    if (auto f = called("session_events", session_id)) return *f;
    std::vector<event> out;
    for (const auto& e : events)
      if (e.seq > seq && e.session_id == session_id && out.size() < limit) out.push_back(e);
    return out;
  }
  expected<std::int64_t> last_seq() override {
    std::lock_guard lock(mutex_);
    if (auto f = called("last_seq")) return *f;
    return events.empty() ? 0 : events.back().seq;
  }

 private:
  mutable std::mutex mutex_;
};

}  // namespace ratchet::testing
