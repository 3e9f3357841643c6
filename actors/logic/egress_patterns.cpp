// SPDX-License-Identifier: MIT
#include "actors/logic/egress_patterns.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ratchet {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string digits_of(std::string_view s) {
  std::string out;
  std::copy_if(s.begin(), s.end(), std::back_inserter(out), is_digit);
  return out;
}

bool always(std::string_view, std::string_view, std::string_view) { return true; }

/// A decimal fraction follows: the digits before were a number.
bool is_number_part(std::string_view after) {
  return after.size() > 1 && after[0] == '.' && is_digit(after[1]);
}

bool is_phone(std::string_view match, std::string_view, std::string_view after) {
  auto digits = digits_of(match).size();
  bool separated = match.find_first_of(" -()") != std::string_view::npos;
  if (is_number_part(after)) return false;
  return digits <= 15 && digits >= (separated ? 8 : 10);
}

bool is_local_phone(std::string_view, std::string_view, std::string_view after) {
  return !is_number_part(after);
}

bool is_social_security_number(std::string_view match, std::string_view, std::string_view) {
  return match.substr(0, 3) != "000" && match.substr(0, 3) != "666" && match[0] != '9' &&
         match.substr(4, 2) != "00" && match.substr(7) != "0000";
}

bool says_version(std::string_view before) {
  static const re2::RE2 word(R"((?i)(?:version|release|build|rev|ver\.?|[=<>~^!]=?)["':= ]*$)");
  auto near = before.substr(before.size() - std::min<std::size_t>(before.size(), 16));
  return re2::RE2::PartialMatch(re2::StringPiece(near.data(), near.size()), word);
}

bool is_public_address(std::string_view match, std::string_view before, std::string_view after) {
  std::array<int, 4> octets{};
  const char* at = match.data();
  for (std::size_t i = 0; i < 4; ++i) {
    auto [end, error] = std::from_chars(at, match.data() + match.size(), octets[i]);
    if (error != std::errc{} || octets[i] > 255) return false;
    if (*at == '0' && end != at + 1) return false;
    at = end + 1;
  }
  auto [a, b, c, d] = octets;
  if (std::all_of(octets.begin(), octets.end(), [](int o) { return o < 10; })) return false;
  if (a == 0 || a == 10 || a == 127 || a >= 224) return false;
  if ((a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168)) return false;
  if ((a == 169 && b == 254) || (a == 100 && b >= 64 && b < 128)) return false;
  return !says_version(before) && !is_number_part(after);
}

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int d = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) d = d > 4 ? 2 * d - 9 : 2 * d;
    sum += d;
  }
  return sum % 10 == 0;
}

bool is_card(std::string_view match, std::string_view, std::string_view after) {
  if (is_number_part(after)) return false;
  std::string n = digits_of(match);
  int two = std::stoi(n.substr(0, 2)), four = std::stoi(n.substr(0, 4));
  auto size = n.size();
  bool issued = (n[0] == '4' && (size == 13 || size == 16 || size == 19)) ||
                (two >= 51 && two <= 55 && size == 16) ||
                (four >= 2221 && four <= 2720 && size == 16) ||
                ((two == 34 || two == 37) && size == 15) ||
                ((two == 36 || two == 38 || (four >= 3000 && four <= 3059)) && size == 14) ||
                ((four == 6011 || two == 65 || two == 64 || two == 62 || two == 35) && size == 16);
  return issued && passes_luhn(n);
}

bool has_digit_and_letter(std::string_view s) {
  return std::any_of(s.begin(), s.end(), is_digit) &&
         std::any_of(s.begin(), s.end(), [](char c) { return std::isalpha(c) != 0; });
}

bool is_placeholder(std::string_view s) {
  return s[0] == '$' || s[0] == '<' || s[0] == '{' || s[0] == '%' ||
         s.find_first_not_of("*x.") == std::string_view::npos || s.rfind("[redacted:", 0) == 0;
}

bool is_token(std::string_view match, std::string_view, std::string_view) {
  return has_digit_and_letter(match) && !is_placeholder(match);
}

bool is_password(std::string_view match, std::string_view, std::string_view) {
  return !is_placeholder(match);
}

std::vector<egress_pattern> compile() {
  struct row {
    const char* kind;
    const char* expression;
    egress_pattern::check accept = always;
  };
  static constexpr row rows[] = {
      {"private_key", R"((?s)(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----.*?)"
                      R"((?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\z)))"},
      {"jwt", R"(\b(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*))"},
      {"url_credentials", R"(\b[A-Za-z][A-Za-z0-9+.-]*://([^\s/:@"']*:[^\s/@"']+)@)", is_password},
      {"aws_key", R"(\b((?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[A-Z0-9]{16})\b)"},
      {"anthropic_key", R"(\b(sk-ant-[\w-]{20,}))"},
      {"openai_key", R"(\b(sk-(?:proj-|svcacct-|admin-)[\w-]{20,}))"},
      {"openai_key", R"(\b(sk-[A-Za-z0-9]{20,}))", is_token},
      {"github_token", R"(\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}))"},
      {"gitlab_token", R"(\b(glpat-[\w-]{20,}))"},
      {"slack_token", R"(\b(xox[abeoprs]-[A-Za-z0-9-]{10,}))"},
      {"slack_webhook", R"((hooks\.slack\.com/services/[\w/]{20,}))"},
      {"google_key", R"(\b(AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}))"},
      {"stripe_key", R"(\b((?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{24,}))"},
      {"service_token", R"(\b(hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}|)"
                        R"(SG\.[\w-]{16,}\.[\w-]{16,}))"},
      {"bearer_token", R"((?i)\b(?:bearer|basic)\s+([\w.~+/=-]{16,}))", is_token},
      {"password",
       R"((?i)(?:\b|_)(?:password|passwd|passphrase|pwd)["']?\s*(?:=|:)\s*["']?([^\s"',;]{6,}))",
       is_password},
      {"credential",
       R"((?i)(?:\b|_)(?:secret|token|api[_-]?key|access[_-]?key|secret[_-]?key|auth[_-]?key|)"
       R"(private[_-]?key|client[_-]?secret)["']?\s*(?:=|:)\s*["']?([^\s"',;]{16,}))",
       is_token},
      {"email", R"(\b([A-Za-z0-9][\w.%+-]*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b)"},
      {"home_path", R"(((?:/home/|/Users/|\b[A-Za-z]:\\+Users\\+)[^\s/\\:"'<>|]+))"},
      {"card", R"((?:^|[^\w.])((?:\d[ -]?){12,18}\d)(?:$|[^\w]))", is_card},
      {"social_security_number", R"((?:^|[^\w.-])(\d{3}-\d{2}-\d{4})(?:$|[^\w-]))",
       is_social_security_number},
      {"phone", R"((?:^|[^\w+])(\+[1-9]\d{0,2}(?:[ -]?\(?\d{1,6}\)?){1,6})(?:$|[^\w]))", is_phone},
      {"phone", R"((?:^|[^\w.-])(\(?[2-9]\d{2}\)?[ -]\d{3}-\d{4})(?:$|[^\w-]))", is_local_phone},
      {"ip_address", R"((?:^|[^\w.@-])(\d{1,3}(?:\.\d{1,3}){3})(?:$|[^\w]))", is_public_address},
  };
  re2::RE2::Options bytes;
  bytes.set_encoding(re2::RE2::Options::EncodingLatin1);
  bytes.set_log_errors(false);
  std::vector<egress_pattern> out;
  for (const auto& r : rows)
    out.push_back({r.kind, std::make_unique<re2::RE2>(r.expression, bytes), r.accept});
  return out;
}

}  // namespace

const std::vector<egress_pattern>& egress_patterns() {
  static const auto table = compile();
  return table;
}

bool names_a_secret(std::string_view key) {
  static const re2::RE2 secret(
      R"((?i)(?:.*[_.-])?(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|)"
      R"(secret[_-]?key|private[_-]?key|credentials?))");
  return re2::RE2::FullMatch(re2::StringPiece(key.data(), key.size()), secret);
}

}  // namespace ratchet
