// SPDX-License-Identifier: MIT
#include "runtime/mcp/host_events.hpp"

#include <spdlog/spdlog.h>

#include <future>

namespace ratchet::mcp {

host_events::host_events(event_loop& loop) : loop_(loop) {}

std::shared_ptr<void> host_events::follow(tool_host& host, heard_events heard) {
  auto token = listeners_->add(std::move(heard));
  if (following_) return token;
  auto begun = std::make_shared<std::promise<expected<>>>();
  following_ = host.follow(
      [&loop = loop_, weak = std::weak_ptr(listeners_)](const event& e) {
        loop.post([weak, e] {
          if (auto all = weak.lock(); all && !all->gone()) all->tell({e});
        });
      },
      [begun](const expected<>& how) { begun->set_value(how); });
  // Awaited: whoever was told that he will hear of changes must not miss the next one.
  if (auto how = begun->get_future().get(); !how) {
    spdlog::error("changes of sessions cannot be followed: {}", how.error().text);
    following_.reset();
    return nullptr;
  }
  return token;
}

}  // namespace ratchet::mcp
