// SPDX-License-Identifier: MIT
#include "actors/logic/plain_output.hpp"

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr char escape_character = '\x1b';

/// Past the control sequence that begins at `i`, which is its escape_character character.
std::size_t sequence_end(std::string_view text, std::size_t i) {
  if (++i == text.size()) return i;
  const char kind = text[i++];
  if (kind == '[') {  // CSI: parameters, then one character from '@' to '~'
    while (i < text.size() && (text[i] < '@' || text[i] > '~')) {
      if (text[i] == '\n' || text[i] == escape_character) return i;  // it was cut off
      ++i;
    }
    return i < text.size() ? i + 1 : i;
  }
  if (kind == ']' || kind == 'P' || kind == '_' || kind == '^' || kind == 'X') {
    // A string: until BEL or ESC backslash. An unended one takes no more than its line.
    for (; i < text.size() && text[i] != '\n'; ++i) {
      if (text[i] == '\a') return i + 1;
      if (text[i] == escape_character)
        return i + 1 < text.size() && text[i + 1] == '\\' ? i + 2 : i;
    }
    return i;
  }
  if (kind >= ' ' && kind <= '/') {  // such as a choice of character set
    while (i < text.size() && text[i] >= ' ' && text[i] <= '/') ++i;
    return i < text.size() && text[i] != '\n' ? i + 1 : i;
  }
  return kind == '\n' ? i - 1 : i;
}

void end_line(std::string& out, std::size_t line) {
  while (out.size() > line && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
}

}  // namespace

std::string plain_output(std::string_view bytes) {
  const std::string text = valid_utf8(bytes);
  std::string out;
  std::size_t line = 0;       // where the line begins in `out`
  bool written_over = false;  // '\r': what comes next replaces the line
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == escape_character) {
      i = sequence_end(text, i);
      continue;
    }
    ++i;
    if (c == '\n') {
      end_line(out, line);
      out += '\n';
      line = out.size();
      written_over = false;
    } else if (c == '\r') {
      written_over = true;
    } else if (c == '\b') {
      while (out.size() > line && (out.back() & 0xC0) == 0x80) out.pop_back();
      if (out.size() > line) out.pop_back();
    } else if (c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f')) {
      // U+0080 … U+009F steer some terminals too.
      if (c == '\xC2' && i < text.size() && static_cast<unsigned char>(text[i]) < 0xA0) {
        ++i;
        continue;
      }
      if (written_over) out.resize(line);
      written_over = false;
      out += c;
    }
  }
  end_line(out, line);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

std::string plain_tail(std::string_view bytes, std::size_t max_bytes) {
  std::string text = plain_output(bytes);
  if (text.size() <= max_bytes) return text;
  // From the break before the first line that is whole.
  const std::size_t from = text.size() - max_bytes;
  if (text[from - 1] == '\n') return text.substr(from);
  if (const std::size_t at = text.find('\n', from); at != std::string::npos)
    return text.substr(at + 1);
  return std::string(utf8_suffix(text, max_bytes));
}

}  // namespace ratchet
