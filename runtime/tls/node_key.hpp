// SPDX-License-Identifier: MIT
//
// Who a node is: an Ed25519 key. The public half, in hexadecimal, is the node's id; the private one
// signs learning deltas and is the node's identity in TLS.
//
// <state>/node/key, mode 0600:  ratchet-key/1 <64 hex digits: the seed of RFC 8032>\n
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "messages/failure.hpp"

namespace ratchet::net {

class node_key {
 public:
  /// The key of a state directory; made at the first use, once, whoever comes at the same time.
  /// `store_failed` when it cannot be read or written, is open to others, or is no key.
  static expected<node_key> open(const std::filesystem::path& state_dir);
  static node_key generate();
  /// From what seed_hex() said. `invalid_argument` when it is not 64 hexadecimal digits.
  static expected<node_key> from_seed_hex(std::string_view seed);

  node_key(const node_key&) = default;
  node_key& operator=(const node_key&) = default;
  /// Wipes the secret.
  ~node_key();

  /// 64 lower-case hexadecimal digits.
  const std::string& node_id() const { return id_; }
  /// 64 raw bytes.
  std::string sign(std::string_view message) const;
  /// The secret, 32 raw bytes: for TLS.
  std::string_view seed() const;
  /// The secret, 64 hexadecimal digits: for invitations.
  std::string seed_hex() const;

 private:
  explicit node_key(const unsigned char* seed);
  std::array<unsigned char, 64> secret_{};  ///< libsodium's form: seed, then public key
  std::string id_;
};

/// Whether the holder of this id's key has signed the message. False for anything malformed.
bool signed_by(std::string_view node_id, std::string_view message, std::string_view signature);

}  // namespace ratchet::net
