// SPDX-License-Identifier: MIT
//
// The objects of a session's candidates: `<session>/git/candidates`, one file that only grows. Most
// of them go with their session, so none is worth a file of its own: two new files an edit are most
// of what an edit costs, and twenty thousand after a night. What is kept is copied into the user's
// repository as loose objects; what is stored here is just what a loose object's file holds, after
// a header:
//
//   4 bytes "RCO1" | 4 type (git_object_t) | 8 size | 8 size of what follows | 20 id | 4 zero
//
// in the machine's byte order, as it leaves the machine never. A record that a killed process has
// half written is the last one, is not seen, and goes with the next write.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/git/tree_change.hpp"

namespace ratchet::git {

/// Not for several threads at once. Of several processes and handles each sees what the others have
/// written before it looks.
class candidate_log {
 public:
  /// `path` may be absent: empty, until something is written.
  explicit candidate_log(std::string path) : path_(std::move(path)) {}

  /// All in one piece, in the order given; those that are there already are not written again.
  /// Refuses (`workspace_failed`) when the file cannot be written, with nothing of it there.
  void write(const std::vector<new_object>& objects);

  struct header {
    git_object_t type;
    std::size_t size;
  };
  std::optional<header> find(const git_oid& id);
  /// The bytes of a loose object's file. Refuses when they cannot be read.
  std::optional<std::string> deflated(const git_oid& id);
  /// Refuses what is damaged.
  std::optional<std::string> read(const git_oid& id);

  std::vector<git_oid> ids();

 private:
  struct place {
    std::uint64_t at, stored, size;
    git_object_t type;
  };
  const place* look_up(const git_oid& id);
  /// Takes in what was appended since.
  void catch_up();
  bool whole(const new_object& object);

  std::string path_;
  std::unordered_map<git_oid, place, oid_hash, oid_equal> places_;
  std::uint64_t end_ = 0;  ///< of the last whole record
};

/// From here on `repository` finds what is in `log` as well.
void read_also(git_repository* repository, std::shared_ptr<candidate_log> log);

}  // namespace ratchet::git
