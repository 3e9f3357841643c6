// SPDX-License-Identifier: MIT
#include "runtime/embed/event_tail.hpp"

#include "runtime/os/event_loop.hpp"

namespace ratchet {

namespace {

/// Then others on the loop have their turn.
constexpr int pages_a_look = 4;

}  // namespace

std::shared_ptr<void> event_listeners::add(heard_events heard) {
  auto token = std::make_shared<heard_events>(std::move(heard));
  all_.push_back(token);
  return token;
}

void event_listeners::tell(const std::vector<event>& events) {
  const auto now = all_;
  for (const auto& weak : now)
    if (auto heard = weak.lock()) (*heard)(events);
}

bool event_listeners::gone() {
  std::erase_if(all_, [](const auto& weak) { return weak.expired(); });
  return all_.empty();
}

event_tail::event_tail(event_loop& loop, std::function<std::shared_ptr<events_port>()> store)
    : loop_(loop), store_(std::move(store)) {}

std::shared_ptr<void> event_tail::follow(heard_events heard) {
  if (!timer_) {
    begin();
    timer_ = loop_.every(look_interval, [this] { look(); });
  }
  return listeners_.add(std::move(heard));
}

void event_tail::begin() {
  cursor_.reset();
  auto store = store_();
  if (!store) return;
  if (auto last = store->last_seq()) cursor_.emplace(subscription{.after_seq = *last});
}

void event_tail::look() {
  if (listeners_.gone()) return timer_.reset();  // the store is left alone
  if (!cursor_) return begin();
  auto store = store_();
  if (!store) return;
  for (int i = 0; i < pages_a_look; ++i) {
    auto events = cursor_->next(*store);
    if (!events || events->empty()) return;
    listeners_.tell(*events);
    if (cursor_->at_end()) return;
  }
}

}  // namespace ratchet
