// SPDX-License-Identifier: MIT
#include "actors/logic/terminal_text.hpp"

#include <algorithm>
#include <cstring>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr char escape_byte = '\x1b';
constexpr std::size_t longest_sequence = 4096;

bool breaks_line(char c) { return c == '\n' || c == '\r'; }

}  // namespace

void terminal_filter::step(char c) {
  if (breaks_line(c) || ++length_ > longest_sequence) {
    state_ = state::ground;
    out_ += c;
    return;
  }
  auto byte = static_cast<unsigned char>(c);
  switch (state_) {
    case state::ground:
      break;
    case state::escape:
      if (c == '[')
        state_ = state::control;
      else if (c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_')
        state_ = state::string;
      else if (byte >= 0x20 && byte <= 0x2F)
        state_ = state::charset;  // "(B": one more byte
      else
        state_ = c == escape_byte ? state::escape : state::ground;
      break;
    case state::control:
      if (byte >= 0x40 && byte <= 0x7E)
        state_ = state::ground;
      else if (c == escape_byte)
        state_ = state::escape;
      else if (byte < 0x20 || byte > 0x7E) {  // no control sequence after all
        state_ = state::ground;
        out_ += c;
      }
      break;
    case state::string:
      if (c == '\a')
        state_ = state::ground;
      else if (c == escape_byte)
        state_ = state::string_escape;
      break;
    case state::string_escape:  // "\x1b\\" ends the string; anything else does too
      state_ = c == '\\' ? state::ground : state::escape;
      if (state_ == state::escape) step(c);
      break;
    case state::charset:
      if (byte < 0x20 || byte > 0x2F) state_ = state::ground;
      break;
  }
}

std::string_view terminal_filter::plain(std::string_view chunk) {
  const void* first = state_ == state::ground && !chunk.empty()
                          ? std::memchr(chunk.data(), escape_byte, chunk.size())
                          : nullptr;
  if (state_ == state::ground && !first) return chunk;
  out_.clear();
  while (!chunk.empty()) {
    if (state_ == state::ground) {
      std::size_t n = std::min(chunk.find(escape_byte), chunk.size());
      out_ += chunk.substr(0, n);
      chunk.remove_prefix(n);
      if (chunk.empty()) break;
      out_ += instead_;
      state_ = state::escape;
      length_ = 0;
    } else {
      step(chunk[0]);
    }
    chunk.remove_prefix(1);
  }
  return out_;
}

std::string visible_text(std::string_view text) {
  terminal_filter filter("");
  std::string plain(filter.plain(text)), out;
  for (std::string_view line : lines_of(plain)) {
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (auto carriage = line.rfind('\r'); carriage != std::string_view::npos)
      line.remove_prefix(carriage + 1);
    for (char c : line)
      if (c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F)) out += c;
    out += '\n';
  }
  return valid_utf8(out);
}

}  // namespace ratchet
