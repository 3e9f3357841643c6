// SPDX-License-Identifier: MIT
#include "runtime/edit/number_form.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "actors/logic/number_text.hpp"

namespace ratchet {

namespace {

bool real_suffix(std::string_view s) {
  if (!s.empty() && s.front() == '_') s.remove_prefix(1);
  return s == "f" || s == "F" || s == "f32" || s == "f64";
}

// From the right, so that 1'000'000 keeps its groups whatever its length.
std::string grouped(const std::string& digits, char separator, std::size_t group) {
  if (separator == 0 || group == 0 || digits.size() <= group) return digits;
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % group == 0) out += separator;
    out += digits[i];
  }
  return out;
}

std::string printed(const char* format, int precision, double value) {
  std::array<char, 400> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, precision, value);
  return buffer.data();
}

// Drops zeros at the end, but keeps `decimals` digits after the point.
void trim_zeros(std::string& text, int decimals) {
  auto point = text.find('.');
  if (point == std::string::npos) return;
  while (text.size() > point + 1 + static_cast<std::size_t>(decimals) && text.back() == '0')
    text.pop_back();
  if (text.back() == '.') text.pop_back();
}

std::string hexadecimal(const number_form& form, double value) {
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), form.upper ? "%llX" : "%llx",
                static_cast<unsigned long long>(std::fabs(value)));
  std::string digits = buffer.data();
  if (digits.size() < form.width) digits.insert(0, form.width - digits.size(), '0');
  return form.prefix + grouped(digits, form.separator, form.group);
}

std::string scientific(const number_form& form, double value, int significant) {
  std::string text = printed("%.*e", significant - 1, value);
  auto e = text.find('e');
  std::string mantissa = text.substr(0, e);
  int exponent = std::atoi(text.c_str() + e + 1);
  if (mantissa.find('.') == std::string::npos && form.decimals > 0) mantissa += '.';
  trim_zeros(mantissa, form.decimals);
  if (form.point && form.decimals == 0 && mantissa.find('.') == std::string::npos) mantissa += '.';
  std::string digits = std::to_string(std::abs(exponent));
  while (static_cast<int>(digits.size()) < form.exponent_width) digits.insert(0, 1, '0');
  mantissa += form.upper ? 'E' : 'e';
  if (exponent < 0)
    mantissa += '-';
  else if (form.exponent_sign == '+')
    mantissa += '+';
  return mantissa + digits;
}

std::string plain(const number_form& form, double value, int significant) {
  int magnitude = value == 0 ? 0 : static_cast<int>(std::floor(std::log10(value)));
  int decimals = std::clamp(significant - 1 - magnitude, form.decimals, 30);
  std::string text = printed("%.*f", decimals, value);
  trim_zeros(text, form.decimals);
  auto point = text.find('.');
  std::string whole = text.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : text.substr(point);
  if (fraction.empty() && form.point) fraction = ".";
  if (form.bare_point && whole == "0" && fraction.size() > 1) whole.clear();
  return grouped(whole, form.separator, form.group) + fraction;
}

}  // namespace

bool is_number_suffix(std::string_view letters) {
  static const std::array<std::string_view, 62> known{
      "f",   "F",  "u",  "U",   "l",   "L",   "ul",  "UL",  "uL",  "Ul",   "ull", "ULL", "lu",
      "LU",  "ll", "LL", "llu", "z",   "Z",   "uz",  "UZ",  "n",   "ms",   "s",   "us",  "ns",
      "min", "h",  "d",  "D",   "px",  "em",  "rem", "pt",  "vh",  "vw",   "deg", "k",   "K",
      "M",   "G",  "Ki", "Mi",  "Gi",  "kB",  "KB",  "MB",  "GB",  "KiB",  "MiB", "GiB", "f32",
      "f64", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "usize"};
  if (letters == "isize") return true;
  if (letters.size() > 1 && letters.front() == '_') letters.remove_prefix(1);
  return std::find(known.begin(), known.end(), letters) != known.end();
}

std::optional<number_form> parse_number(std::string_view text) {
  number_form form;
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  std::string digits;
  std::size_t i = 0, since_separator = 0;
  auto take = [&](auto accepts) {
    while (i < rest.size()) {
      if (accepts(rest[i])) {
        digits += rest[i++];
        ++since_separator;
      } else if ((rest[i] == '_' || rest[i] == '\'') && i > 0 && i + 1 < rest.size() &&
                 accepts(rest[i - 1]) && accepts(rest[i + 1])) {
        form.separator = rest[i++];
        since_separator = 0;
      } else {
        break;
      }
    }
    if (form.separator != 0) form.group = since_separator;
  };
  if (rest.size() > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X')) {
    form.hex = true;
    form.prefix = rest.substr(0, 2);
    i = 2;
    take([](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
    form.suffix = rest.substr(i);
    if (digits.empty() || digits.size() > 13 || negative) return std::nullopt;
    for (char c : form.suffix)
      if (std::string_view("uUlLzZ").find(c) == std::string_view::npos) return std::nullopt;
    form.width = digits.size();
    form.upper =
        std::any_of(digits.begin(), digits.end(), [](char c) { return c >= 'A' && c <= 'F'; });
    form.value = static_cast<double>(std::strtoull(digits.c_str(), nullptr, 16));
    return form;
  }
  take(is_digit);
  std::size_t whole = digits.size();
  if (whole > 1 && digits[0] == '0') return std::nullopt;
  form.bare_point = whole == 0;
  if (i < rest.size() && rest[i] == '.') {
    form.point = form.real = true;
    digits += rest[i++];
    while (i < rest.size() && is_digit(rest[i])) digits += rest[i++], ++form.decimals;
  }
  if (whole == 0 && form.decimals == 0) return std::nullopt;
  std::string mantissa = digits;
  std::size_t e = i + 1;
  if (i < rest.size() && (rest[i] == 'e' || rest[i] == 'E') && e < rest.size()) {
    bool sign = rest[e] == '+' || rest[e] == '-';
    if (e + sign < rest.size() && is_digit(rest[e + sign])) {
      form.exponent = form.real = true;
      form.upper = rest[i] == 'E';
      form.exponent_sign = sign ? rest[e] : '\0';
      digits += rest.substr(i, 1 + sign);
      i = e + sign;
      std::size_t start = i;
      while (i < rest.size() && is_digit(rest[i])) digits += rest[i++];
      form.exponent_width = rest[start] == '0' ? static_cast<int>(i - start) : 1;
    }
  }
  form.suffix = rest.substr(i);
  if (!form.suffix.empty() && !is_number_suffix(form.suffix)) return std::nullopt;
  form.real = form.real || real_suffix(form.suffix);
  form.value = std::strtod(digits.c_str(), nullptr);
  if (!std::isfinite(form.value) || (!form.real && form.value > 9e15)) return std::nullopt;
  if (negative) form.value = -form.value;
  std::erase(mantissa, '.');
  auto first = mantissa.find_first_not_of('0');
  form.significant = first == std::string::npos
                         ? 1
                         : static_cast<int>(std::min<std::size_t>(mantissa.size() - first, 15));
  return form;
}

std::string format_number(const number_form& form, double value, int significant) {
  double size = std::fabs(value);
  std::string sign = value < 0 ? "-" : "";
  if (form.hex) return hexadecimal(form, value) + form.suffix;
  if (!form.real && value == std::floor(value))
    return sign + grouped(printed("%.*f", 0, size), form.separator, form.group) + form.suffix;
  significant = std::clamp(std::max(significant, form.significant), 1, 15);
  bool tiny = size != 0 && size < 1e-7, huge = size >= 1e15;
  std::string text = form.exponent || tiny || huge ? scientific(form, size, significant)
                                                   : plain(form, size, significant);
  return sign + text + form.suffix;
}

}  // namespace ratchet
