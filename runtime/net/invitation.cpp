// SPDX-License-Identifier: MIT
#include "runtime/net/invitation.hpp"

#include "actors/logic/hex.hpp"
#include "runtime/tls/private_file.hpp"

namespace ratchet::net {

namespace {

constexpr std::size_t max_invitation_bytes = 16u << 10;

std::string text_at(const json& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : std::string();
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

expected<invitation> invitation::read(const std::filesystem::path& file) {
  auto text = read_private_file(file, max_invitation_bytes);
  if (!text) return text.error();
  auto refuse = [&](const std::string& why) {
    return fail(errc::invalid_argument, file.string() + " " + why +
                                            "; `ratchet node invite NAME` on the node's machine "
                                            "writes one");
  };
  const json j = json::parse(*text, nullptr, false);
  if (!j.is_object() || !j.contains("ratchet_invitation")) return refuse("is no invitation");
  if (j["ratchet_invitation"] != 1) return refuse("is an invitation of another version of Ratchet");
  auto key = node_key::from_seed_hex(text_at(j, "key"));
  if (!key || !is_node_id(text_at(j, "node"))) return refuse("is damaged");
  invitation i{text_at(j, "name"), text_at(j, "node"), {}, *key};
  const auto where = j.value("addresses", json::array());
  for (const auto& a : where) {
    auto address = endpoint_name::parse(a.is_string() ? a.get<std::string>() : "");
    if (!address) return refuse("is damaged: " + address.error().text);
    i.addresses.push_back(*address);
  }
  if (i.addresses.empty()) return refuse("names no address");
  return i;
}

}  // namespace ratchet::net
