// SPDX-License-Identifier: MIT
//
// Who may join a node: one file a member under <state>/node/members, named as the member is:
//   {"ratchet_member": 1, "node": <64 hex digits>, "added": <RFC 3339>}
// Revoking renames it to NAME.revoked-<milliseconds since 1970>, so that what a node once trusted
// stays on record. The files are read each time: what another process changes holds at once.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "messages/failure.hpp"

namespace ratchet::net {

struct member {
  std::string name;
  std::string node_id;  ///< of the member's own key
  std::string added;
};

class member_list {
 public:
  static expected<member_list> open(const std::filesystem::path& state_dir);

  /// `invalid_argument` when the name is taken, or not 1 to 64 of A-Z a-z 0-9 _ -.
  expected<> add(const std::string& name, const std::string& node_id,
                 const std::string& time) const;
  /// `invalid_argument` when there is no such member, naming the closest.
  expected<> revoke(const std::string& name, std::int64_t now_ms) const;
  /// By name. A file that is no member's is left out.
  expected<std::vector<member>> all() const;
  /// False also when the list cannot be read.
  bool has(const std::string& node_id) const;

 private:
  explicit member_list(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path directory_;
};

}  // namespace ratchet::net
