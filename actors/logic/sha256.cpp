// SPDX-License-Identifier: MIT
#include "actors/logic/sha256.hpp"

#include <sodium.h>

#include <array>

#include "actors/logic/hex.hpp"

namespace ratchet {

std::string sha256_hex(std::string_view bytes) {
  std::array<char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return to_hex({digest.data(), digest.size()});
}

}  // namespace ratchet
