// SPDX-License-Identifier: MIT
//
// Frames over one authenticated connection, each read and written within a time limit. All on the
// loop's thread; a link closes when it fails, and tells whoever waits.
#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "messages/failure.hpp"
#include "runtime/tls/pinned_tls.hpp"

namespace ratchet::federation {

class peer_link : public std::enable_shared_from_this<peer_link> {
 public:
  using milliseconds = std::chrono::milliseconds;

  explicit peer_link(net::secure_connection connection);

  /// Node id of the other side: proved.
  const std::string& peer() const { return connection_.peer; }
  const std::string& address() const { return connection_.address; }

  /// The next frame's text. Its length must come within `patience`, and is looked at before a byte
  /// is kept; the rest has `body_patience`, and memory grows with what has come. One at a time.
  /// Fails with `timed_out`, `worker_lost` (the other side has gone), or `invalid_argument`: an
  /// announced length out of range.
  void read(milliseconds patience, std::function<void(expected<std::string>)> got);
  /// One at a time; may run while one reads.
  void write(const json& message, milliseconds patience, std::function<void(expected<>)> done);
  void close();

  static constexpr milliseconds body_patience{30'000};

 private:
  void read_body(std::function<void(expected<std::string>)> got);
  using clock = boost::asio::steady_timer peer_link::*;
  void watch(clock which, milliseconds patience);
  void unwatch(clock which);
  failure lost(const boost::system::error_code& why) const;

  net::secure_connection connection_;
  boost::asio::steady_timer reading_;
  boost::asio::steady_timer writing_;
  std::array<unsigned char, 4> header_{};
  std::size_t missing_ = 0;  ///< bytes of the body
  std::string body_;
  std::string frame_;
  bool timed_out_ = false;
};

}  // namespace ratchet::federation
