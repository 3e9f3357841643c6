// SPDX-License-Identifier: MIT
#include "actors/logic/plain_output.hpp"

#include <utility>

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

/// A screen of lines that only ever grows, with a cursor in its last line.
class written_lines {
 public:
  /// A byte of a character; all but the first of it continue it.
  void put(char c) {
    const bool plain = at_ < out_.size() && ((out_[at_] | c) & 0x80) == 0;
    if (plain) {  // in place: all else moves the rest of the line
      out_[at_++] = c;
      return;
    }
    const bool continues = (c & 0xC0) == 0x80;
    if (!continues) erase_character();
    out_.insert(at_++, 1, c);
  }
  void next_line() {
    end_line();
    out_ += '\n';
    line_ = at_ = out_.size();
  }
  void to_line_begin() { at_ = line_; }
  void back() {
    while (at_ > line_ && (out_[at_ - 1] & 0xC0) == 0x80) --at_;
    if (at_ > line_) --at_;
  }
  /// What a control sequence does that programs write lines over with: "CSI K", "CSI 2 K", "CSI G".
  void obey(std::string_view sequence) {
    if (sequence == "\x1b[K" || sequence == "\x1b[0K") out_.resize(at_);
    if (sequence == "\x1b[2K") out_.resize(at_ = line_);
    if (sequence == "\x1b[G" || sequence == "\x1b[1G") to_line_begin();
  }
  std::string text() && {
    end_line();
    while (!out_.empty() && out_.back() == '\n') out_.pop_back();
    return std::move(out_);
  }

 private:
  void erase_character() {
    if (at_ == out_.size()) return;
    std::size_t end = at_ + 1;
    while (end < out_.size() && (out_[end] & 0xC0) == 0x80) ++end;
    out_.erase(at_, end - at_);
  }
  void end_line() {
    while (out_.size() > line_ && (out_.back() == ' ' || out_.back() == '\t')) out_.pop_back();
  }

  std::string out_;
  std::size_t line_ = 0, at_ = 0;  ///< where the last line begins, and the cursor
};

}  // namespace

std::string plain_output(std::string_view bytes) {
  const std::string text = valid_utf8(bytes);
  written_lines lines;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == escape_character) {
      const std::size_t end = sequence_end(text, i);
      lines.obey(std::string_view(text).substr(i, end - i));
      i = end;
      continue;
    }
    ++i;
    if (c == '\n') {
      lines.next_line();
    } else if (c == '\r') {
      lines.to_line_begin();
    } else if (c == '\b') {
      lines.back();
    } else if (c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f')) {
      // U+0080 … U+009F steer some terminals too.
      if (c == '\xC2' && i < text.size() && static_cast<unsigned char>(text[i]) < 0xA0)
        ++i;
      else
        lines.put(c);
    }
  }
  return std::move(lines).text();
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
