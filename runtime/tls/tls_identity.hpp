// SPDX-License-Identifier: MIT
//
// A node key as a TLS identity. The only file that speaks to OpenSSL's certificate functions.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/tls/node_key.hpp"

namespace ratchet::net {

/// A TLS 1.3 context that shows the key's certificate and accepts a peer's when `accept` says so.
class tls_identity {
 public:
  /// `process` tells the processes apart that hold one key: 16 hexadecimal digits, by its own word.
  using judge = std::function<bool(std::string_view protocol, const std::string& node_id,
                                   const std::string& process)>;

  /// The accepting side serves these protocols, the connecting side asks for them.
  static std::shared_ptr<tls_identity> serve(const node_key& own,
                                             std::vector<std::string> protocols, judge accept);
  static std::shared_ptr<tls_identity> ask(const node_key& own, std::string_view protocol,
                                           judge accept);

  boost::asio::ssl::context& context() { return context_; }

  /// Of a connection whose handshake is done; empty when there is none.
  static std::string peer_of(SSL* connection);
  static std::string protocol_of(SSL* connection);

 private:
  tls_identity(const node_key& own, std::vector<std::string> protocols, judge accept);

  boost::asio::ssl::context context_;
  std::string protocols_;  ///< in TLS's own form: a length byte before each
  judge accept_;
};

}  // namespace ratchet::net
