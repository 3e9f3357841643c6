// SPDX-License-Identifier: MIT
#include "runtime/net/invitation.hpp"

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>

#include "actors/logic/hex.hpp"
#include "actors/logic/text.hpp"
#include "runtime/tls/private_file.hpp"

namespace ratchet::net {

namespace {

constexpr std::size_t max_invitation_bytes = 16u << 10;
constexpr std::string_view environment_prefix = "env:";

std::string text_at(const json& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// What can be read once only, by where it was.
std::string taken_once(const std::string& where) {
  static std::mutex mutex;
  static std::map<std::string, std::string> taken;
  std::lock_guard lock(mutex);
  if (auto it = taken.find(where); it != taken.end()) return it->second;
  auto& text = taken[where];
  if (where == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    const auto name = where.substr(environment_prefix.size());
    if (const char* value = std::getenv(name.c_str())) text = value;
    ::unsetenv(name.c_str());
  }
  return text;
}

expected<std::string> text_from(const std::string& where) {
  if (where != "-" && !where.starts_with(environment_prefix))
    return read_mounted_secret(where, max_invitation_bytes);
  auto text = taken_once(where);
  if (text.empty())
    return fail(
        errc::invalid_argument,
        "there is no invitation in " +
            (where == "-" ? std::string("standard input")
                          : "the environment variable " + where.substr(environment_prefix.size())) +
            "; it takes the text of the file that `ratchet node invite NAME` writes");
  return text;
}

}  // namespace

std::string invitation::text() const {
  json where = json::array();
  for (const auto& a : addresses) where.push_back(a.text());
  const json j = {{"ratchet_invitation", 1},
                  {"name", name},
                  {"node", node},
                  {"addresses", std::move(where)},
                  {"key", key.seed_hex()}};
  return j.dump(2) + "\n";
}

expected<invitation> invitation::read(const std::string& where) {
  auto text = text_from(where);
  if (!text) return text.error();
  const std::string what = where == "-" ? "what is in standard input" : one_line(where, 200);
  auto refuse = [&](const std::string& why) {
    return fail(errc::invalid_argument, what + " " + why +
                                            "; `ratchet node invite NAME` on the node's machine "
                                            "writes one");
  };
  const json j = json::parse(*text, nullptr, false);
  if (!j.is_object() || !j.contains("ratchet_invitation")) return refuse("is no invitation");
  if (j["ratchet_invitation"] != 1) return refuse("is an invitation of another version of Ratchet");
  auto key = node_key::from_seed_hex(text_at(j, "key"));
  if (!key || !is_node_id(text_at(j, "node"))) return refuse("is damaged");
  invitation i{text_at(j, "name"), text_at(j, "node"), {}, *key};
  const auto addresses = j.value("addresses", json::array());
  for (const auto& a : addresses) {
    auto address = endpoint_name::parse(a.is_string() ? a.get<std::string>() : "");
    if (!address) return refuse("is damaged: " + address.error().text);
    i.addresses.push_back(*address);
  }
  if (i.addresses.empty()) return refuse("names no address");
  return i;
}

}  // namespace ratchet::net
