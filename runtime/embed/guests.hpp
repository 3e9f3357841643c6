// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include "messages/caf_port.hpp"

namespace ratchet {

/// Actors that serve a caller: a call until it is answered, a subscription until its token is gone.
/// They end by themselves, and the runtime after them.
class guests {
 public:
  template <class Handle>
  void add(const Handle& guest) {
    std::lock_guard lock(mutex_);
    std::erase_if(all_, [](const caf::actor_addr& one) {
      return !caf::actor_cast<caf::strong_actor_ptr>(one);
    });
    all_.push_back(caf::actor_cast<caf::actor_addr>(guest));
  }
  std::vector<caf::actor> present() const {
    std::lock_guard lock(mutex_);
    std::vector<caf::actor> all;
    for (const auto& one : all_)
      if (auto guest = caf::actor_cast<caf::actor>(one)) all.push_back(std::move(guest));
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<caf::actor_addr> all_;
};

}  // namespace ratchet
