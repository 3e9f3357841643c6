// SPDX-License-Identifier: MIT
#include "actors/logic/hex.hpp"

#include <sodium.h>

#include <algorithm>

namespace ratchet {

std::string to_hex(std::string_view bytes) {
  std::string hex(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
  hex.pop_back();
  return hex;
}

std::optional<std::string> from_hex(std::string_view digits) {
  std::string bytes(digits.size() / 2, '\0');
  std::size_t length = 0;
  const bool whole = digits.size() % 2 == 0 &&
                     sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                    digits.data(), digits.size(), nullptr, &length, nullptr) == 0 &&
                     length == bytes.size();
  return whole ? std::optional(std::move(bytes)) : std::nullopt;
}

bool is_lower_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string random_hex(std::size_t digits) {
  std::string bytes(digits / 2, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return to_hex(bytes);
}

}  // namespace ratchet
