// SPDX-License-Identifier: MIT
//
// A thread of the host's inside an actor system. CAF notes in the thread's own storage which system
// it spoke with last, and the end of that system waits for every thread with such a note: for ever,
// where the thread is one of a pool. So the note is taken back before the thread goes.
#pragma once

#include <caf/logger.hpp>

namespace ratchet {

class visit {
 public:
  visit() : before_(caf::logger::current_logger()) {}
  ~visit() {
    // A thread of another system loses its way to that system's log by this, and nothing else.
    if (caf::logger::current_logger() != before_) caf::logger::set_current_actor_system(nullptr);
  }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

 private:
  const caf::logger* before_;
};

}  // namespace ratchet
