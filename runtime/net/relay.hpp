// SPDX-License-Identifier: MIT
//
// One connection of CAF's through TLS: bytes go from the peer to CAF's socket pair and back, each
// direction through its basp_filter, one read at a time, so that a slow receiver slows its sender
// and costs two buffers of 64 KiB.
//
// It ends, and says why: when either side closes, at the first byte that a filter refuses, when the
// peer says nothing for `silence` (CAF's heartbeats come more often) or takes nothing for `stall`.
// A node is patient with nobody who asks without reading: while the peer takes nothing, a relay
// with `mutual_pace` reads nothing of it either. Nor does it read more messages of anybody than
// anybody needs: they would wait in actors' mailboxes, where nothing bounds them.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/net/basp_filter.hpp"
#include "runtime/os/file_descriptor.hpp"
#include "runtime/tls/pinned_tls.hpp"

namespace ratchet::net {

struct relay_limits {
  std::size_t max_payload = default_max_payload;  ///< of one message, from this side
  std::size_t max_inbound = default_max_payload;  ///< and from the peer
  double messages_per_second = 2'000;  ///< of a member at a node, once its burst is used up
  double message_burst = 5'000;
  std::chrono::milliseconds silence{30'000};
  std::chrono::milliseconds stall{30'000};
};

class relay : public std::enable_shared_from_this<relay> {
 public:
  struct hooks {
    /// The peer's handshake is there and waits: `proceed` (on the loop's thread) lets it through.
    /// Empty: it is let through at once.
    std::function<void(const std::string& handshake, std::function<void()> proceed)> greeted;
    /// Called once, when CAF has let go of its end too.
    std::function<void(const std::string& why)> ended;
  };

  /// `peer_is`: which side of CAF's protocol the peer plays. All on the loop's thread.
  static std::shared_ptr<relay> start(secure_connection peer, file_descriptor caf,
                                      basp_filter::sender peer_is, const relay_limits& limits,
                                      hooks told);
  /// Cuts it; `ended` follows.
  void end(const std::string& why);

  const std::string& peer() const { return peer_.peer; }
  const std::string& address() const { return peer_.address; }

 private:
  using clock = std::chrono::steady_clock;
  struct direction {
    direction(basp_filter::sender who, std::size_t max_payload)
        : filter(who, max_payload), buffer(buffer_size) {}
    basp_filter filter;
    std::vector<char> buffer;
    std::size_t filled = 0;   ///< bytes in the buffer
    std::size_t passing = 0;  ///< of them, from the front, those being written
    clock::time_point since;  ///< when the read or write at work began
    bool reading = false;
    bool writing = false;
  };
  static constexpr std::size_t buffer_size = 64u << 10;
  static_assert(buffer_size > 4 * basp_filter::max_held);

  relay(secure_connection peer, file_descriptor caf, basp_filter::sender peer_is,
        const relay_limits& limits, hooks told);
  template <class From, class To>
  void read(direction& d, From& from, To& to);
  template <class From, class To>
  void pass_on(direction& d, From& from, To& to);
  template <class From, class To>
  void write(direction& d, From& from, To& to);
  bool must_wait_for_outbound(const direction& d) const;
  /// How long what has come must keep the peer for; zero: it may go on.
  std::chrono::nanoseconds over_pace();
  void watch();
  void drain();
  void finish();

  secure_connection peer_;
  boost::asio::local::stream_protocol::socket caf_;
  direction inbound_, outbound_;
  const relay_limits limits_;
  const bool mutual_pace_;
  hooks told_;
  boost::asio::steady_timer watch_, pace_;
  double credit_ = 0;  ///< messages that may come at once
  clock::time_point credited_ = clock::now();
  std::uint64_t counted_ = 0;
  bool greeting_ = false;
  bool inbound_waits_ = false;
  bool ended_ = false;
  std::string why_;
};

}  // namespace ratchet::net
