// SPDX-License-Identifier: MIT
#include "actors/logic/delta_envelope.hpp"

#include "actors/logic/canonical_json.hpp"
#include "actors/logic/sha256.hpp"

namespace ratchet {

expected<std::string> signed_bytes_of(const json& envelope) {
  json unsigned_part = envelope;
  unsigned_part.erase("signature");
  auto bytes = canonical_json(unsigned_part);
  if (!bytes) return bytes;
  return std::string(delta_signing_context) + *bytes;
}

expected<std::string> delta_digest(const json& envelope) {
  json said = envelope;
  said.erase("signature");
  said.erase("sent_ms");
  auto bytes = canonical_json(said);
  if (!bytes) return bytes;
  return sha256_hex(*bytes);
}

expected<json> sealed_delta(json delta, const std::string& node_id, std::int64_t sequence,
                            std::int64_t sent_ms,
                            const std::function<std::string(std::string_view)>& sign) {
  delta["node_id"] = node_id;
  delta["sequence"] = sequence;
  delta["sent_ms"] = sent_ms;
  auto bytes = signed_bytes_of(delta);
  if (!bytes) return {boost::system::in_place_error, bytes.error()};
  delta["signature"] = sign(*bytes);
  return {boost::system::in_place_value, std::move(delta)};
}

}  // namespace ratchet
