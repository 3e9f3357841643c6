// SPDX-License-Identifier: MIT
#include "runtime/net/node_addresses.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "runtime/tls/private_file.hpp"

namespace ratchet::net {

namespace fs = std::filesystem;

namespace {

fs::path listen_record(const fs::path& state_dir) { return state_dir / "node" / "listen"; }

bool everywhere(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

std::optional<std::string> text_of(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (address->sa_family == AF_INET) {
    bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  } else {
    const auto& six = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&six)) return std::nullopt;  // another machine has other names for it
    bytes = &six;
  }
  if (!::inet_ntop(address->sa_family, bytes, text.data(), text.size())) return std::nullopt;
  return text.data();
}

/// The addresses of this machine's interfaces, those of version 4 first.
std::vector<std::string> own_addresses(bool six_too) {
  std::vector<std::string> found;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return found;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(all, &::freeifaddrs);
  for (const int family : {AF_INET, AF_INET6}) {
    if (family == AF_INET6 && !six_too) continue;
    for (const auto* i = all; i; i = i->ifa_next) {
      if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) || (i->ifa_flags & IFF_LOOPBACK) ||
          i->ifa_addr->sa_family != family)
        continue;
      if (auto text = text_of(i->ifa_addr)) found.push_back(*text);
    }
  }
  return found;
}

std::vector<std::string> reachable(const endpoint_name& listening) {
  if (!everywhere(listening.host)) return {listening.text()};
  std::vector<std::string> found;
  for (const auto& host : own_addresses(listening.host == "::"))
    found.push_back(endpoint_name{host, listening.port}.text());
  // On another machine it would be another machine.
  if (found.empty()) found.push_back(endpoint_name{"127.0.0.1", listening.port}.text());
  return found;
}

struct listen_addresses {
  std::vector<endpoint_name> reachable;
  std::optional<endpoint_name> here;  ///< from this machine
};

void add(std::vector<endpoint_name>& list, const json& text) {
  if (!text.is_string()) return;
  if (auto address = endpoint_name::parse(text.get<std::string>())) list.push_back(*address);
}

listen_addresses read_record(const fs::path& state_dir) {
  listen_addresses found;
  auto text = read_private_file(listen_record(state_dir), 1u << 16);
  const json j = text ? json::parse(*text, nullptr, false) : json();
  // A list alone is what a node of the first version has written.
  const json list = j.is_object() ? j.value("reachable", json()) : j;
  if (list.is_array())
    for (const auto& a : list) add(found.reachable, a);
  std::vector<endpoint_name> here;
  if (j.is_object()) add(here, j.value("here", json()));
  if (!here.empty()) found.here = here.front();
  return found;
}

}  // namespace

bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "::1" || host == "localhost";
}

expected<> record_addresses(const fs::path& state_dir, const endpoint_name& listening) {
  const auto file = listen_record(state_dir);
  std::error_code ignored;
  fs::remove(file, ignored);
  auto here = listening;
  if (everywhere(here.host)) here.host = here.host == "::" ? "::1" : "127.0.0.1";
  const json record{{"reachable", reachable(listening)}, {"here", here.text()}};
  auto made = create_private_file(file, record.dump() + "\n");
  if (!made) return made.error();
  return {};
}

std::vector<endpoint_name> recorded_addresses(const fs::path& state_dir) {
  auto found = read_record(state_dir).reachable;
  if (found.empty()) found.push_back(*endpoint_name::parse(usual_address));
  return found;
}

expected<invitation> own_invitation(const fs::path& state_dir) {
  if (std::error_code error; !fs::exists(listen_record(state_dir), error))
    return fail(errc::invalid_argument,
                "no node has run on the state directory " + state_dir.string() +
                    "; start `ratchet node`, or name another machine's with --join FILE");
  auto key = node_key::open(state_dir);
  if (!key) return key.error();
  const auto record = read_record(state_dir);
  invitation own{"owner", key->node_id(), {}, *key};
  if (record.here) own.addresses.push_back(*record.here);
  own.addresses.insert(own.addresses.end(), record.reachable.begin(), record.reachable.end());
  return own;
}

}  // namespace ratchet::net
