// SPDX-License-Identifier: MIT
//
// Who may join a node: one file a member under <state>/node/members, named as the member is:
//   {"ratchet_member": 1, "node": <64 hex digits>, "added": <RFC 3339>,
//    "expires": <milliseconds since 1970>, "uses": <how many may use it>}    (the last two: if set)
// Revoking renames it to NAME.revoked-<milliseconds since 1970>, so that what a node once trusted
// stays on record. NAME.used has a line for each process that has joined, where `uses` limits them.
// The files are read when the folder has changed: what another process changes holds at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/failure.hpp"

namespace ratchet::net {

struct member {
  std::string name;
  std::string node_id;  ///< of the member's own key
  std::string added;
  std::int64_t expires_ms = 0;  ///< since 1970; 0: never
  int uses = 0;                 ///< processes that may join with it; 0: any number
  int used = 0;                 ///< those that have, where they are counted
};

class member_list {
 public:
  static expected<member_list> open(const std::filesystem::path& state_dir);

  /// `m.used` is of no matter. `invalid_argument` when the name is taken, or not 1 to 64 of A-Z a-z
  /// 0-9 _ -.
  expected<> add(const member& m) const;
  /// `invalid_argument` when there is no such member, naming the closest.
  expected<> revoke(const std::string& name, std::int64_t now_ms) const;
  /// By name. A file that is no member's is left out.
  expected<std::vector<member>> all() const;
  /// Who has that key and is a member at `now_ms`; nobody also when the list cannot be read. Safe
  /// from any thread, and cheap: the files are read only when the folder has changed.
  std::optional<member> find(const std::string& node_id, std::int64_t now_ms) const;
  /// Counts the process `by` (a word without spaces) among those that use the membership, once.
  /// False when there are as many already as may be.
  expected<bool> use(const member& m, const std::string& by) const;

 private:
  struct seen;
  explicit member_list(std::filesystem::path directory);
  std::filesystem::path directory_;
  std::shared_ptr<seen> seen_;  ///< what find() has read
};

}  // namespace ratchet::net
