// SPDX-License-Identifier: MIT
//
// The wire form of a message: CBOR of its JSON. Included only where it is compiled.
#pragma once

#include <limits>

#include "messages/type_ids.hpp"

namespace ratchet {

template <has_fields T>
std::string pack(const T& x) {
  std::string bytes;
  json::to_cbor(json(x), bytes);
  return bytes;
}

/// What a worker says is short, and read no further than that: a few megabytes of it, parsed, could
/// be hundreds. (actors/logic/told_result.hpp cuts what has passed to what the fields promise.)
template <class T>
inline constexpr std::size_t most_bytes_of = std::numeric_limits<std::size_t>::max();
inline constexpr std::size_t most_bytes_of_a_worker = 256 << 10;
template <>
inline constexpr std::size_t most_bytes_of<run_result> = most_bytes_of_a_worker;
template <>
inline constexpr std::size_t most_bytes_of<comparison> = most_bytes_of_a_worker;
template <>
inline constexpr std::size_t most_bytes_of<join_runner> = most_bytes_of_a_worker;
template <>
inline constexpr std::size_t most_bytes_of<worker_heartbeat> = most_bytes_of_a_worker;

template <has_fields T>
bool unpack(const std::string& bytes, T& x) {
  if (bytes.size() > most_bytes_of<T>) return false;
  json j = json::from_cbor(bytes, true, false);
  if (j.is_discarded()) return false;
  try {
    from_json(j, x);
  } catch (const std::exception&) {
    return false;  // another version's idea of this message, or no message at all
  }
  return true;
}

}  // namespace ratchet

// At global scope.
#define RATCHET_WIRE(type)                                                          \
  template std::string ratchet::pack<ratchet::type>(const ratchet::type&);          \
  template bool ratchet::unpack<ratchet::type>(const std::string&, ratchet::type&); \
  RATCHET_CAF_TEMPLATES(, type)
