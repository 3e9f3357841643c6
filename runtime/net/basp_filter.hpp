// SPDX-License-Identifier: MIT
//
// What stands between a network and CAF 0.17.6: its wire protocol (BASP, version 3), read message
// by message, of which only what CAF survives is passed on. Plain code: no CAF, no I/O.
//
// A message is a header of 32 bytes, numbers in network order, and `payload length` more bytes:
//   0 operation · 1 padding, zero · 3 flags · 4 payload length · 8 operation data
//   16 source actor · 24 destination actor
// Refused: an operation, flag, version or field that the protocol does not have; a message without
// the payload it needs (CAF reads through a null pointer) or with more than `max_payload` (CAF
// allocates what the header says); in each direction, anything before the one handshake that
// belongs there, and a second handshake (but CAF's client may repeat its own once). After a refusal
// nothing more passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "messages/failure.hpp"

namespace ratchet::net {

inline constexpr std::size_t default_max_payload = 16u << 20;

class basp_filter {
 public:
  /// Whose bytes these are.
  enum class sender { server, client };

  explicit basp_filter(sender who, std::size_t max_payload = default_max_payload)
      : who_(who), max_payload_(max_payload) {}

  /// How many of these bytes may be passed on now. The rest, the begin of a header or of a
  /// handshake (never more than `max_held`), must be given again in front of what comes next.
  /// `invalid_argument` with the reason when the stream must end.
  expected<std::size_t> passable(std::string_view bytes);

  static constexpr std::size_t header_size = 32;
  static constexpr std::size_t max_handshake = 4096;  ///< bytes of payload
  static constexpr std::size_t max_held = header_size + max_handshake;

  bool greeted() const { return greeted_; }
  /// How many messages have begun to pass.
  std::uint64_t messages() const { return messages_; }
  /// The handshake's payload, once it has passed: a client's is its CAF node id.
  const std::string& handshake() const { return handshake_; }

 private:
  expected<> check(std::string_view header);
  expected<> refuse(const std::string& why);

  sender who_;
  std::size_t max_payload_;
  std::size_t payload_left_ = 0;  ///< of the message whose header has passed
  std::uint64_t messages_ = 0;
  bool greeted_ = false;
  bool repeated_ = false;
  std::string handshake_;
  std::string refused_;
};

}  // namespace ratchet::net
