// SPDX-License-Identifier: MIT
//
// A network between two programs on this machine that can be as bad as a real one: latency, lost
// packets (which TCP shows as a pause of a retransmission), a partition in which nothing passes and
// nothing is closed, and connections that are reset. On loopback, in a thread of its own.
#pragma once

#include <cstdint>
#include <memory>

namespace ratchet::e2e {

class bad_link {
 public:
  /// Takes connections on a free loopback port and passes them on to `port`.
  explicit bad_link(std::uint16_t port);
  ~bad_link();
  bad_link(const bad_link&) = delete;
  bad_link& operator=(const bad_link&) = delete;

  std::uint16_t port() const;
  /// From now on each direction takes so long, and so many of a hundred segments arrive only with
  /// a retransmission. Seeded: the same each time.
  void set(int delay_ms, int loss_percent);
  /// A partition: nothing passes, new connections are taken and hear nothing. Healed, what waited
  /// goes on.
  void freeze(bool frozen);
  /// Resets every connection.
  void cut();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace ratchet::e2e
