// SPDX-License-Identifier: MIT
#include "runtime/http/guard.hpp"

#include <algorithm>

namespace ratchet::http {

namespace {

/// "localhost" of "localhost:8080", "[::1]" of "[::1]:8080".
std::string name_in(const std::string& authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool known_name(const std::string& authority, const server_options& options) {
  const auto name = lower(name_in(authority));
  if (name == "localhost" || name == "127.0.0.1" || name == "[::1]") return true;
  return std::any_of(options.host_names.begin(), options.host_names.end(),
                     [&](const std::string& known) { return lower(known) == name; });
}

bool known_origin(const std::string& origin, const server_options& options) {
  const auto scheme_end = origin.find("://");
  if (scheme_end == std::string::npos) return false;  // "null" too: a sandboxed page
  return known_name(origin.substr(scheme_end + 3), options);
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return text;
}

bool equal_secrets(const std::string& a, const std::string& b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference =
        static_cast<unsigned char>(difference | (a[i] ^ (b.empty() ? '\1' : b[i % b.size()])));
  return difference == 0;
}

std::optional<refused_request> refusal(const request& r, const server_options& options,
                                       std::uint16_t port) {
  if (!known_name(r.header("host"), options))
    return refused_request{403,
                           "the Host header must name this server: localhost:" +
                               std::to_string(port) + " or 127.0.0.1:" + std::to_string(port),
                           {}};
  const auto origin = r.header("origin");
  if (!origin.empty() && !known_origin(origin, options))
    return refused_request{403, "web pages of other origins may not use this server", {}};
  if (!options.token.empty()) {
    const std::string scheme = "Bearer ";
    const auto given = r.header("authorization");
    if (!given.starts_with(scheme) || !equal_secrets(given.substr(scheme.size()), options.token))
      return refused_request{401,
                             "send the server's token: Authorization: Bearer TOKEN",
                             {{"WWW-Authenticate", "Bearer"}}};
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> read_query(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> all;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    auto end = std::min(text.find('&', begin), text.size());
    const auto item = text.substr(begin, end - begin);
    const auto equals = item.find('=');
    if (!item.empty())
      all.emplace_back(decoded(item.substr(0, equals)),
                       equals == std::string::npos ? "" : decoded(item.substr(equals + 1)));
    begin = end + 1;
  }
  return all;
}

}  // namespace ratchet::http
