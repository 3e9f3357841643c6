// SPDX-License-Identifier: MIT
//
// Ratchet as an agent host sees it: the step tools, sessions as resources, one prompt.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "runtime/embed/event_tail.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/embed/tool_host.hpp"
#include "runtime/mcp/service.hpp"
#include "runtime/os/event_loop.hpp"
#include "runtime/store/sqlite_store.hpp"

namespace ratchet::mcp {

/// How long a call blocks when it brings no wait_ms: below what hosts wait for a tool by default
/// (60 s and more).
inline constexpr std::int64_t default_wait_ms = 50'000;

class ratchet_service : public service {
 public:
  /// Starts nothing: store and runtime are opened by the first call that needs them, so that a
  /// host which only asks what there is gets its answer at once.
  static std::unique_ptr<ratchet_service> make(event_loop& loop, runtime_options options,
                                               std::string version);
  /// The tools of another host, opened by the first call. There is no store: sessions themselves
  /// are resources, their events, reports and charts are not.
  static std::unique_ptr<ratchet_service> make(event_loop& loop, open_tool_host open,
                                               std::string version);

  /// The store, opened when it is first asked for; nothing while it cannot be (the log says why).
  virtual std::shared_ptr<whole_store> store() = 0;
  /// What happens there, in whatever process.
  virtual event_tail& events() = 0;

  /// Calls `ended` once every step is over whose caller was told that it goes on.
  virtual void when_steps_ended(std::function<void()> ended) = 0;
};

}  // namespace ratchet::mcp
