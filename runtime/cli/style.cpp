// SPDX-License-Identifier: MIT
#include "runtime/cli/style.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "actors/logic/text.hpp"

namespace ratchet::cli {

namespace {

struct range {
  char32_t first, last;
};

// Enough of Unicode's East Asian Width and combining marks for hypotheses and file names.
constexpr std::array wide{range{0x1100, 0x115F},   range{0x2E80, 0xA4CF},   range{0xAC00, 0xD7A3},
                          range{0xF900, 0xFAFF},   range{0xFE30, 0xFE6F},   range{0xFF00, 0xFF60},
                          range{0xFFE0, 0xFFE6},   range{0x1F300, 0x1F64F}, range{0x1F680, 0x1F6FF},
                          range{0x1F900, 0x1F9FF}, range{0x20000, 0x3FFFD}};
constexpr std::array no_width{range{0x0300, 0x036F}, range{0x200B, 0x200F}, range{0x202A, 0x202E},
                              range{0x2060, 0x2064}, range{0x20D0, 0x20FF}, range{0xFE00, 0xFE0F},
                              range{0xFEFF, 0xFEFF}};

template <class Ranges>
bool within(const Ranges& ranges, char32_t c) {
  for (const auto& r : ranges)
    if (c >= r.first && c <= r.last) return true;
  return false;
}

int width_of(char32_t c) { return within(no_width, c) ? 0 : within(wide, c) ? 2 : 1; }

// One thing on the screen: a character or a whole escape sequence.
struct piece {
  std::string_view bytes;
  int width;
  bool escape;
};

piece next_piece(std::string_view text) {
  if (text[0] == '\x1b') {
    std::size_t end = 1;
    if (text.size() > 1 && text[1] == '[') {
      end = 2;
      while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
      if (end < text.size()) ++end;
    }
    return {text.substr(0, end), 0, true};
  }
  auto first = static_cast<unsigned char>(text[0]);
  std::size_t n = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
  n = std::min(n, text.size());
  char32_t c = n == 1 ? first : first & (0xFF >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return {text.substr(0, n), width_of(c), false};
}

const char* code_of(paint p) {
  switch (p) {
    case paint::plain:
      return "";
    case paint::bold:
      return "\x1b[1m";
    case paint::dim:
      return "\x1b[2m";
    case paint::red:
      return "\x1b[31m";
    case paint::green:
      return "\x1b[32m";
    case paint::yellow:
      return "\x1b[33m";
    case paint::cyan:
      return "\x1b[36m";
  }
  return "";
}

std::string printed(const char* format, auto... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

}  // namespace

std::string painted(const text_style& style, paint p, std::string_view text) {
  if (!style.colour || p == paint::plain || text.empty()) return std::string(text);
  return code_of(p) + std::string(text) + "\x1b[0m";
}

int display_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    piece p = next_piece(text);
    width += p.width;
    text.remove_prefix(p.bytes.size());
  }
  return width;
}

std::string clipped(std::string_view text, int width, const text_style& style) {
  if (display_width(text) <= width) return std::string(text);
  const std::string_view mark = style.unicode ? "…" : "~";
  std::string out;
  int room = width - 1;  // of the mark
  bool escaped = false;
  while (!text.empty()) {
    piece p = next_piece(text);
    if (p.width > room) break;
    room -= p.width;
    escaped |= p.escape;
    out += p.bytes;
    text.remove_prefix(p.bytes.size());
  }
  if (width > 0) out += mark;
  if (escaped) out += "\x1b[0m";
  return out;
}

std::string padded(std::string_view text, int width, const text_style& style) {
  std::string out = clipped(text, width, style);
  out.append(static_cast<std::size_t>(std::max(0, width - display_width(out))), ' ');
  return out;
}

std::string cell(std::string_view text, int width, const text_style& style) {
  return padded(text, width - 1, style) + ' ';
}

std::string number_text(std::optional<double> value) {
  return value ? printed("%.6g", *value) : "–";
}

std::string percent_text(double percent) {
  return std::abs(percent) < 1000 ? printed("%+.3g %%", percent) : printed("%+.0f %%", percent);
}

std::string change_text(std::optional<double> from, std::optional<double> to) {
  if (!from || !to || *from == 0) return "";
  double percent = (*to - *from) / std::abs(*from) * 100;
  return std::isfinite(percent) ? percent_text(percent) : "";
}

std::string duration_text(double seconds) {
  if (!(seconds > 0)) return "0 s";
  if (seconds < 0.0005) return "<1 ms";
  if (seconds < 0.9995) return printed("%.0f ms", seconds * 1000);
  if (seconds < 59.95) return printed("%.1f s", seconds);
  auto s = static_cast<long long>(std::llround(std::min(seconds, 1e12)));
  if (s < 3600) return printed("%lld:%02lld", s / 60, s % 60);
  if (s < 86'400) return printed("%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  return printed("%lld d %02lld:%02lld:%02lld", s / 86'400, s / 3600 % 24, s / 60 % 60, s % 60);
}

std::string harmless(std::string_view text, bool keep_lines) {
  std::string out;
  for (char c : valid_utf8(text)) {
    auto byte = static_cast<unsigned char>(c);
    bool control = byte < 0x20 || byte == 0x7F;
    if (!control || c == '\t' || (keep_lines && c == '\n'))
      out += c == '\t' ? ' ' : c;
    else
      out += c == '\n' ? ' ' : '?';
  }
  // C1 controls (U+0080 … U+009F) steer some terminals too.
  for (std::size_t at = 0; (at = out.find('\xC2', at)) != std::string::npos; ++at)
    if (at + 1 < out.size() && static_cast<unsigned char>(out[at + 1]) < 0xA0)
      out.replace(at, 2, "?");
  return out;
}

}  // namespace ratchet::cli
