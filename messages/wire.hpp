// SPDX-License-Identifier: MIT
//
// The wire form of a message: CBOR of its JSON. Included only where it is compiled.
#pragma once

#include "messages/type_ids.hpp"

namespace ratchet {

template <has_fields T>
std::string pack(const T& x) {
  std::string bytes;
  json::to_cbor(json(x), bytes);
  return bytes;
}

template <has_fields T>
bool unpack(const std::string& bytes, T& x) {
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
