// SPDX-License-Identifier: MIT
#include "runtime/process/output_excerpt.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// A character has at most four bytes, so that this many hold all the characters wanted.
constexpr std::size_t window = 4 * output_excerpt::characters;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

void output_excerpt::add(std::string_view bytes) {
  total_ += static_cast<long long>(bytes.size());
  if (head_.size() < window) head_ += bytes.substr(0, window - head_.size());
  if (bytes.size() >= window) {
    tail_.assign(bytes.substr(bytes.size() - window));
    return;
  }
  // Trimmed only when twice the window is full: each byte is moved at most once.
  tail_ += bytes;
  if (tail_.size() > 2 * window) tail_.erase(0, tail_.size() - window);
}

std::string output_excerpt::head() const {
  std::string text = valid_utf8(head_);
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!is_continuation(text[i]) && count++ == characters) {
      text.resize(i);
      break;
    }
  return text;
}

std::string output_excerpt::tail() const {
  std::string_view bytes = tail_;
  if (bytes.size() > window) bytes.remove_prefix(bytes.size() - window);
  if (total_ > static_cast<long long>(bytes.size())) {
    std::size_t cut = 0;
    while (cut < 3 && cut < bytes.size() && is_continuation(bytes[cut])) ++cut;
    bytes.remove_prefix(cut);
  }
  std::string text = valid_utf8(bytes);
  std::size_t count = 0;
  for (std::size_t i = text.size(); i > 0; --i)
    if (!is_continuation(text[i - 1]) && ++count == characters) {
      text.erase(0, i - 1);
      break;
    }
  return text;
}

}  // namespace ratchet
