// SPDX-License-Identifier: MIT
#include "runtime/net/members.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <system_error>

#include "actors/logic/hex.hpp"
#include "actors/logic/text.hpp"
#include "runtime/os/wall_clock.hpp"
#include "runtime/store/state_directory.hpp"
#include "runtime/tls/node_key.hpp"
#include "runtime/tls/private_file.hpp"

namespace ratchet::net {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_member_bytes = 4096;
/// A change of a folder so soon after it was read need not show in its time of change.
constexpr std::int64_t unsure_ms = 2'000;

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
  // A limit that cannot be read is no reason to let somebody in for ever.
  auto number = [&](const char* key) {
    auto it = j.find(key);
    if (it == j.end()) return std::int64_t{0};
    return it->is_number_integer() && *it > 0 ? it->get<std::int64_t>() : std::int64_t{1};
  };
  found.expires_ms = number("expires");
  found.uses = static_cast<int>(std::min<std::int64_t>(number("uses"), 1'000'000'000));
  return true;
}

fs::path used_file(const fs::path& directory, const std::string& name) {
  return directory / (name + ".used");
}

std::vector<std::string> users_in(const fs::path& file) {
  std::vector<std::string> found;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) found.push_back(line);
  return found;
}

}  // namespace

struct member_list::seen {
  std::mutex mutex;
  struct timespec changed {};
  std::int64_t read_ms = 0;
  std::map<std::string, member> by_node_id;
};

member_list::member_list(fs::path directory)
    : directory_(std::move(directory)), seen_(std::make_shared<seen>()) {}

expected<member_list> member_list::open(const fs::path& state_dir) {
  auto directory = state_dir / "node" / "members";
  if (auto made = make_directory(directory); !made) return made.error();
  return member_list(std::move(directory));
}

expected<> member_list::add(const member& m) const {
  if (auto ok = check_name(m.name); !ok) return ok;
  json j = {{"ratchet_member", 1}, {"node", m.node_id}, {"added", m.added}};
  if (m.expires_ms > 0) j["expires"] = m.expires_ms;
  if (m.uses > 0) j["uses"] = m.uses;
  std::error_code ignored;
  if (!fs::exists(directory_ / m.name, ignored)) fs::remove(used_file(directory_, m.name), ignored);
  auto made = create_private_file(directory_ / m.name, j.dump() + "\n");
  if (!made) return made.error();
  if (*made) return {};
  return fail(errc::invalid_argument, "there is a member called " + m.name +
                                          " already; `ratchet node invite --again " + m.name +
                                          "` takes its place, or take another name");
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
  for (auto& m : found)
    if (m.uses > 0) m.used = static_cast<int>(users_in(used_file(directory_, m.name)).size());
  if (error)
    return fail(errc::store_failed,
                "cannot list the members in " + directory_.string() + ": " + error.message());
  std::sort(found.begin(), found.end(),
            [](const member& a, const member& b) { return a.name < b.name; });
  return found;
}

std::optional<member> member_list::find(const std::string& node_id, std::int64_t now_ms) const {
  std::lock_guard lock(seen_->mutex);
  struct stat folder {};
  const bool there = ::stat(directory_.c_str(), &folder) == 0;
  const auto& changed = folder.st_mtim;
  const std::int64_t changed_ms = changed.tv_sec * 1000 + changed.tv_nsec / 1'000'000;
  const bool same = there && changed.tv_sec == seen_->changed.tv_sec &&
                    changed.tv_nsec == seen_->changed.tv_nsec &&
                    seen_->read_ms - changed_ms > unsure_ms;
  if (!same) {
    seen_->read_ms = wall_clock_ms();
    auto all_now = all();
    if (!all_now) {
      spdlog::warn("nobody is let in: {}", all_now.error().text);
      return std::nullopt;
    }
    seen_->by_node_id.clear();
    for (auto& m : *all_now) seen_->by_node_id[m.node_id] = m;
    seen_->changed = changed;
  }
  auto it = seen_->by_node_id.find(node_id);
  if (it == seen_->by_node_id.end()) return std::nullopt;
  if (it->second.expires_ms > 0 && now_ms >= it->second.expires_ms) return std::nullopt;
  return it->second;
}

expected<bool> member_list::use(const member& m, const std::string& by) const {
  if (m.uses == 0) return true;
  const auto file = used_file(directory_, m.name);
  const auto users = users_in(file);
  if (std::find(users.begin(), users.end(), by) != users.end()) return true;
  if (static_cast<int>(users.size()) >= m.uses) return false;
  std::ofstream lines(file, std::ios::app);
  lines << by << "\n";
  lines.flush();
  if (!lines)
    return fail(errc::store_failed,
                "cannot count in " + file.string() + " who uses the invitation");
  return true;
}

}  // namespace ratchet::net
