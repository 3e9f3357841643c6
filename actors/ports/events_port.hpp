// SPDX-License-Identifier: MIT
//
// What happened, in the order of seq, as steps have written it (sessions_port).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/events.hpp"
#include "messages/failure.hpp"

namespace ratchet {

class events_port {
 public:
  virtual ~events_port() = default;

  virtual expected<std::vector<event>> events_after(std::int64_t seq, std::size_t limit) = 0;
  /// The same of one session alone.
  virtual expected<std::vector<event>> session_events(const std::string& session_id,
                                                      std::int64_t seq, std::size_t limit) = 0;
  /// The seq given last.
  virtual expected<std::int64_t> last_seq() = 0;
};

}  // namespace ratchet
