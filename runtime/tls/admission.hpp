// SPDX-License-Identifier: MIT
//
// How many strangers a listener lets in: counted before a byte of theirs is read.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace ratchet::net {

struct admission_limits {
  std::size_t connections = 512;  ///< authenticated ones, at once
  std::size_t connections_per_address = 128;
  std::size_t handshakes = 64;  ///< not yet authenticated, at once
  std::size_t handshakes_per_address = 16;
  double handshakes_per_second = 20;  ///< of one address, once its burst is used up
  double burst = 100;                 ///< handshakes of one address that may come at once
};

/// Safe from any thread.
class admission : public std::enable_shared_from_this<admission> {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A connection's place; given back when it is destroyed.
  class place {
   public:
    ~place();
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    /// The peer has proved who it is. False: there are connections enough, let go of it.
    bool establish();

   private:
    friend class admission;
    place(std::shared_ptr<admission> all, std::string address);
    std::shared_ptr<admission> all_;
    std::string address_;
    bool established_ = false;
  };

  static std::shared_ptr<admission> make(const admission_limits& limits);

  /// A place for a connection from this address that begins its handshake; nothing when a limit is
  /// reached.
  std::unique_ptr<place> admit(const std::string& address, time_point now);

  /// Whether all handshakes that may be are at work.
  bool full() const;
  std::size_t handshakes() const;
  std::size_t connections() const;

 private:
  struct address_count {
    std::size_t handshakes = 0;
    std::size_t connections = 0;
    double tokens = 0;
    time_point filled;
  };

  explicit admission(const admission_limits& limits) : limits_(limits) {}
  double tokens_at(const address_count& count, time_point now) const;
  void forget_idle(time_point now);

  const admission_limits limits_;
  mutable std::mutex mutex_;
  std::size_t handshakes_ = 0;
  std::size_t connections_ = 0;
  time_point swept_;
  std::map<std::string, address_count> addresses_;  ///< at most `max_addresses`, and those at work
};

}  // namespace ratchet::net
