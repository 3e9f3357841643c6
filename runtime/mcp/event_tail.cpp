// SPDX-License-Identifier: MIT
#include "runtime/mcp/event_tail.hpp"

namespace ratchet::mcp {

namespace {

constexpr std::chrono::milliseconds look_interval{20};
constexpr std::size_t page = 500;

}  // namespace

event_tail::event_tail(event_loop& loop, std::function<std::shared_ptr<store_port>()> store)
    : loop_(loop), store_(std::move(store)) {}

std::shared_ptr<void> event_tail::follow(listener heard) {
  if (!timer_) {
    seen_ = 0;
    if (auto store = store_())
      if (auto last = store->last_seq()) seen_ = *last;
    timer_ = loop_.every(look_interval, [this] { look(); });
  }
  auto token = std::make_shared<listener>(std::move(heard));
  listeners_.push_back(token);
  return token;
}

void event_tail::look() {
  listeners_.remove_if([](const auto& weak) { return weak.expired(); });
  if (listeners_.empty()) {
    timer_.reset();  // nobody listens: the store is left alone
    return;
  }
  auto store = store_();
  if (!store) return;
  auto events = store->events_after(seen_, page);
  if (!events || events->empty()) return;
  seen_ = events->back().seq;
  for (const auto& weak : listeners_)
    if (auto heard = weak.lock()) (*heard)(*events);
}

}  // namespace ratchet::mcp
