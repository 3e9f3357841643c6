// SPDX-License-Identifier: MIT
//
// TLS 1.3 between keys that know each other: both sides show a certificate of their Ed25519 key,
// and each looks at the other's key alone, never at a name, a date or an authority. What is spoken
// inside is agreed on by ALPN. A connection is handed over when both sides have accepted the other.
//
// Refused before anything is parsed: too many connections or handshakes, see admission.hpp; where
// all handshakes that may be are at work, the oldest makes room. Refused
// in the handshake: any TLS but 1.3, no certificate, a key other than Ed25519, a key that the owner
// does not know, a protocol that is not served. There is no resumption, no early data.
//
// After the handshake the accepting side sends one byte, 0x06; so the connecting side knows that it
// was accepted, which TLS 1.3 alone does not say.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"
#include "runtime/tls/admission.hpp"
#include "runtime/tls/node_key.hpp"

namespace ratchet::net {

/// What may be spoken inside.
inline constexpr std::string_view cluster_protocol = "ratchet-cluster/1";  ///< CAF's, guarded
inline constexpr std::string_view peer_protocol = "ratchet-peer/1";        ///< framed JSON

using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// A connection whose other side has proved that it holds the key `peer`. Closes when destroyed, on
/// the loop's thread.
struct secure_connection {
  std::unique_ptr<tls_stream> stream;
  std::string peer;                         ///< node id
  std::string protocol;                     ///< one of the above
  std::string address;                      ///< of the other side, for people: "192.0.2.7:51000"
  std::shared_ptr<admission::place> place;  ///< counted by the listener while it lives
};

/// "HOST:PORT", "[::1]:7717".
struct endpoint_name {
  std::string host;
  std::uint16_t port = 0;

  /// `invalid_argument` when it is neither form or the port is out of range.
  static expected<endpoint_name> parse(std::string_view text);
  std::string text() const;
};

struct listener_options {
  endpoint_name at{"127.0.0.1", 0};  ///< port 0: any free one
  std::vector<std::string> protocols{std::string(cluster_protocol)};
  std::chrono::milliseconds handshake_deadline{10'000};
  admission_limits limits;
};

class tls_listener {
 public:
  /// Whether the holder of this key may speak this protocol. Runs on the loop's thread, in the
  /// middle of a handshake: it must not block for long, nor throw.
  /// `process` tells the processes apart that hold one key.
  using judge = std::function<bool(std::string_view protocol, const std::string& node_id,
                                   const std::string& process)>;
  using taker = std::function<void(secure_connection)>;

  /// Listens from now on; `take` gets each connection on the loop's thread. Fails with
  /// `invalid_argument` when the address is taken or not this machine's.
  static expected<std::unique_ptr<tls_listener>> open(boost::asio::io_context& loop,
                                                      const node_key& own,
                                                      const listener_options& options, judge may,
                                                      taker take);
  /// On the loop's thread, or when the loop has stopped: no connection is taken any more, those
  /// handed over live on.
  ~tls_listener();
  tls_listener(const tls_listener&) = delete;
  tls_listener& operator=(const tls_listener&) = delete;

  std::uint16_t port() const;
  /// Authenticated connections now.
  std::size_t connections() const;
  /// Those in their handshake now.
  std::size_t handshakes() const;

 private:
  class acceptor;
  explicit tls_listener(std::shared_ptr<acceptor> impl);
  std::shared_ptr<acceptor> impl_;
};

/// Connects, and calls `connected` once, on the loop's thread: with the connection, or with what
/// failed (`worker_lost`: nobody there, or with the detail "reached" one who closed; the detail is
/// also with `invalid_argument`: another key there, or ours is refused; `timed_out`: no answer
/// within the deadline).
void connect_tls(boost::asio::io_context& loop, const node_key& own, const endpoint_name& where,
                 const std::string& expected_peer, std::string_view protocol,
                 std::chrono::milliseconds deadline,
                 std::function<void(expected<secure_connection>)> connected);

}  // namespace ratchet::net
