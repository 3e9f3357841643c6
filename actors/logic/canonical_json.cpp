// SPDX-License-Identifier: MIT
#include "actors/logic/canonical_json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

failure no_form(const std::string& what) {
  return fail(errc::invalid_argument, "the document has no canonical form: " + what);
}

/// Reads the character that starts at `at` of valid UTF-8 and moves on to the next.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  char32_t c = lead & (0x3f >> more);
  for (int i = 0; i < more && at < text.size(); ++i)
    c = c << 6 | (static_cast<unsigned char>(text[at++]) & 0x3f);
  return c;
}

/// A number that orders characters as their first UTF-16 unit does, surrogate pairs among
/// themselves by character. Equal only for equal characters.
char32_t utf16_rank(char32_t c) {
  if (c >= 0x10000) return 0xd800'0000 + (c - 0x10000);
  return c << 16;
}

void put_string(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          constexpr std::string_view digits = "0123456789abcdef";
          out += "\\u00";
          out += digits[static_cast<unsigned char>(c) >> 4];
          out += digits[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

bool is_utf8(const std::string& text) {
  // NUL is a character of JSON text, though valid_utf8() replaces it elsewhere.
  if (text.find('\0') == std::string::npos) return valid_utf8(text) == text;
  std::string without = text;
  std::replace(without.begin(), without.end(), '\0', ' ');
  return valid_utf8(without) == without;
}

expected<> put(std::string& out, const json& value);

expected<> put_object(std::string& out, const json& object) {
  std::vector<std::pair<std::string_view, const json*>> members;
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (!is_utf8(it.key())) return no_form("a key is not UTF-8");
    members.emplace_back(it.key(), &it.value());
  }
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ',';
    put_string(out, members[i].first);
    out += ':';
    if (auto ok = put(out, *members[i].second); !ok) return ok;
  }
  out += '}';
  return {};
}

expected<> put_array(std::string& out, const json& array) {
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ',';
    if (auto ok = put(out, array[i]); !ok) return ok;
  }
  out += ']';
  return {};
}

expected<> put(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      out += "null";
      return {};
    case json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return {};
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      if (!std::isfinite(value.get<double>())) return no_form("a number is not finite");
      out += ecmascript_number(value.get<double>());
      return {};
    case json::value_t::string:
      if (!is_utf8(value.get_ref<const std::string&>())) return no_form("a text is not UTF-8");
      put_string(out, value.get_ref<const std::string&>());
      return {};
    case json::value_t::array:
      return put_array(out, value);
    case json::value_t::object:
      return put_object(out, value);
    default:
      return no_form("it holds a value that is none of JSON's");
  }
}

}  // namespace

bool utf16_less(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const auto x = utf16_rank(next_character(a, i)), y = utf16_rank(next_character(b, j));
    if (x != y) return x < y;
  }
  return i == a.size() && j < b.size();
}

std::string ecmascript_number(double value) {
  if (value == 0) return "0";  // also -0
  if (value < 0) return "-" + ecmascript_number(-value);
  // "d.ddde±xx": the shortest digits that read back, and their exponent.
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  std::string_view written(text, static_cast<std::size_t>(end.ptr - text));
  const auto mark = written.find('e');
  std::string digits(1, written[0]);
  if (mark > 2) digits += written.substr(2, mark - 2);
  int exponent = 0;
  auto tail = written.substr(mark + 1);
  if (tail.front() == '+') tail.remove_prefix(1);
  std::from_chars(tail.data(), tail.data() + tail.size(), exponent);

  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  auto n = [](int x) { return static_cast<std::size_t>(x); };
  if (count <= point && point <= 21) return digits + std::string(n(point - count), '0');
  if (0 < point && point <= 21) return digits.substr(0, n(point)) + "." + digits.substr(n(point));
  if (-6 < point && point <= 0) return "0." + std::string(n(-point), '0') + digits;
  std::string out = digits.substr(0, 1);
  if (count > 1) out += "." + digits.substr(1);
  return out + "e" + (exponent < 0 ? "-" : "+") + std::to_string(std::abs(exponent));
}

expected<std::string> canonical_json(const json& value) {
  std::string out;
  if (auto ok = put(out, value); !ok) return ok.error();
  return out;
}

}  // namespace ratchet
