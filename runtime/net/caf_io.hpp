// SPDX-License-Identifier: MIT
//
// CAF's networking (libcaf_io), loaded by the first process that speaks to another machine. Finding
// and binding it takes 2 ms of the 10 that a short call takes, and most processes speak to nobody.
// What is used of it lies in a file of its own beside the program, ratchet-caf-io.so, because C++
// cannot be taken from a library by name.
#pragma once

#include <caf/fwd.hpp>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "messages/failure.hpp"

namespace ratchet::net {

/// What the other side of a connection has published; else why that is not known, in `error`.
using published_found =
    std::function<void(const caf::strong_actor_ptr&, const std::set<std::string>& interface,
                       const std::string& error)>;

struct caf_io {
  /// The system that is made from this will have a middleman.
  void (*add_middleman)(caf::actor_system_config&);
  /// Returns when CAF has handled all that reached it before, or after 1 s.
  void (*settle)(caf::actor_system&);
  /// From now on each descriptor whose number is read from `hand_over` (a socket that CAF closes)
  /// is a connection to `whom`; until `unpublish`.
  void (*publish)(caf::actor_system&, int hand_over, std::uint16_t number,
                  caf::strong_actor_ptr whom, std::set<std::string> interface);
  void (*unpublish)(caf::actor_system&, std::uint16_t number);
  /// CAF speaks, as the side that connects, through `connection`, which it closes.
  void (*ask)(caf::actor_system&, int connection, published_found);
};

/// The one name in ratchet-caf-io.so.
constexpr const char* caf_io_symbol = "ratchet_caf_io";

/// Loaded once for the process and never unloaded. `process_failed` when the file, or libcaf_io, is
/// not there.
expected<const caf_io*> loaded_caf_io();

}  // namespace ratchet::net
