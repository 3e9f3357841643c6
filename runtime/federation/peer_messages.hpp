// SPDX-License-Identifier: MIT
//
// What two owners' nodes say to each other: protocol "ratchet-peer/1", inside an authenticated
// connection (runtime/tls). Each message is a frame: its length as 4 bytes, most significant first,
// 1 to 1,048,576; then so many bytes of JSON, one object with a "type".
//
//   caller                                   listener
//   hello {protocol: 1}                  →
//                                        ←   hello {protocol: 1}
//   delta {delta: envelope}              →                         any number of times
//                                        ←   ack {sequence, accepted, repeated?, reason?, text?}
//   peers {peers: [{node_id, address}]}  →                         once, where it exchanges peers
//                                        ←   peers {peers: […]}
//
// The envelope is that of actors/logic/delta_envelope.hpp, the reasons those of
// actors/logic/delta_checks.hpp, and "store": it could not be written there. A listener that is
// told anything else says ack {sequence: 0, accepted: false, reason, text} and closes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/ports/federation_port.hpp"
#include "messages/failure.hpp"

namespace ratchet::federation {

inline constexpr std::size_t max_frame_bytes = 1 << 20;
inline constexpr int protocol_version = 1;
inline constexpr std::size_t max_introductions = 64;

/// The whole frame. Fails where the message is larger than a frame may be.
expected<std::string> frame_of(const json& message);
/// The length that a frame's first 4 bytes announce.
std::uint32_t announced_length(const unsigned char* four_bytes);

/// A frame's text, measured before it is parsed.
std::variant<json, delta_refusal> read_message(std::string_view text);
/// The message's "type", or "".
std::string type_of(const json& message);

json hello();
bool is_hello(const json& message);

json ack_of(std::int64_t sequence, bool repeated);
json ack_of(const delta_refusal& why);
/// What a listener has answered: nothing of it is trusted to be short or printable.
struct acknowledgement {
  std::int64_t sequence = 0;
  bool accepted = false;
  std::string reason;  ///< a plain name, or "unknown"
  std::string text;    ///< one line
};
expected<acknowledgement> read_ack(const json& message);

json introductions(const std::vector<peer_record>& peers, const std::string& told_to);
/// Those that are well-formed, but `own_id`; at most max_introductions.
std::vector<peer_introduction> read_introductions(const json& message, const std::string& own_id);

}  // namespace ratchet::federation
