// SPDX-License-Identifier: MIT
//
// A learning delta on its way to a peer: the delta's own keys (learning_delta.hpp) and
//
//   "node_id":   64 hexadecimal digits, the sender's Ed25519 public key
//   "sequence":  1, 2, 3 …: each delta of a node has a greater one than those before
//   "sent_ms":   when this copy was signed, milliseconds since 1970 UTC
//   "signature": 128 hexadecimal digits
//
// Signed are the bytes "ratchet-delta-1\n" and then the canonical form (RFC 8785) of the envelope
// without its signature. A delta that waits for its peer is signed anew for each attempt, so that
// `sent_ms` is always fresh; what it says and its sequence stay.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "messages/failure.hpp"

namespace ratchet {

inline constexpr std::string_view delta_signing_context = "ratchet-delta-1\n";

/// What the signature vouches for. Fails where the envelope has no canonical form.
expected<std::string> signed_bytes_of(const json& envelope);

/// Names what is said and with which sequence, whenever it is sent: SHA-256, hexadecimal.
expected<std::string> delta_digest(const json& envelope);

/// The envelope around `delta`; `sign` answers a signature in hexadecimal.
expected<json> sealed_delta(json delta, const std::string& node_id, std::int64_t sequence,
                            std::int64_t sent_ms,
                            const std::function<std::string(std::string_view)>& sign);

}  // namespace ratchet
