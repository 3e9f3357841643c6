// SPDX-License-Identifier: MIT
#include "runtime/net/members.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "actors/logic/hex.hpp"
#include "actors/logic/text.hpp"
#include "runtime/store/state_directory.hpp"
#include "runtime/tls/node_key.hpp"
#include "runtime/tls/private_file.hpp"

namespace ratchet::net {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_member_bytes = 4096;

bool is_member_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

expected<> check_name(const std::string& name) {
  if (is_member_name(name)) return {};
  return fail(errc::invalid_argument, "\"" + one_line(name.substr(0, 100)) +
                                          "\" is no name for a member: use 1 to 64 of A-Z a-z 0-9 "
                                          "_ -, for instance the other machine's name");
}

bool read_member(const fs::path& file, member& found) {
  auto text = read_private_file(file, max_member_bytes);
  if (!text) {
    spdlog::warn("a member is left out: {}", text.error().text);
    return false;
  }
  json j = json::parse(*text, nullptr, false);
  if (!j.is_object() || j.value("ratchet_member", json()) != 1 || !j["node"].is_string() ||
      !is_node_id(j["node"].get_ref<const std::string&>())) {
    spdlog::warn("{} is no member's file of this version and is left out", file.string());
    return false;
  }
  found = {file.filename().string(), j["node"],
           j.contains("added") && j["added"].is_string() ? j["added"].get<std::string>()
                                                         : std::string()};
  return true;
}

}  // namespace

expected<member_list> member_list::open(const fs::path& state_dir) {
  auto directory = state_dir / "node" / "members";
  if (auto made = make_directory(directory); !made) return made.error();
  return member_list(std::move(directory));
}

expected<> member_list::add(const std::string& name, const std::string& node_id,
                            const std::string& time) const {
  if (auto ok = check_name(name); !ok) return ok;
  const json j = {{"ratchet_member", 1}, {"node", node_id}, {"added", time}};
  auto made = create_private_file(directory_ / name, j.dump() + "\n");
  if (!made) return made.error();
  if (*made) return {};
  return fail(errc::invalid_argument, "there is a member called " + name +
                                          " already; `ratchet node revoke " + name +
                                          "` ends its membership, or take another name");
}

expected<> member_list::revoke(const std::string& name, std::int64_t now_ms) const {
  if (auto ok = check_name(name); !ok) return ok;
  const auto file = directory_ / name;
  auto revoked = file;
  revoked += ".revoked-" + std::to_string(now_ms);
  if (std::rename(file.c_str(), revoked.c_str()) == 0) return {};
  if (errno != ENOENT)
    return fail(errc::store_failed, "cannot revoke " + name + " in " + directory_.string() + ": " +
                                        std::generic_category().message(errno));
  auto there = all();
  std::vector<std::string> names;
  if (there)
    for (const auto& m : *there) names.push_back(m.name);
  const auto nearest = nearest_word(name, names);
  return fail(errc::invalid_argument, "there is no member called " + name +
                                          (nearest.empty() ? "; `ratchet node members` lists them"
                                                           : "; did you mean " + nearest + "?"));
}

expected<std::vector<member>> member_list::all() const {
  std::vector<member> found;
  std::error_code error;
  for (fs::directory_iterator it(directory_, error), end; !error && it != end;
       it.increment(error)) {
    member m;
    if (is_member_name(it->path().filename().string()) && read_member(it->path(), m))
      found.push_back(std::move(m));
  }
  if (error)
    return fail(errc::store_failed,
                "cannot list the members in " + directory_.string() + ": " + error.message());
  std::sort(found.begin(), found.end(),
            [](const member& a, const member& b) { return a.name < b.name; });
  return found;
}

bool member_list::has(const std::string& node_id) const {
  auto there = all();
  if (!there) {
    spdlog::warn("nobody is let in: {}", there.error().text);
    return false;
  }
  return std::any_of(there->begin(), there->end(),
                     [&](const member& m) { return m.node_id == node_id; });
}

}  // namespace ratchet::net
