// SPDX-License-Identifier: MIT
//
// The files of a tree that edits may change.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/logic/target_set.hpp"
#include "messages/failure.hpp"
#include "runtime/git/git2.hpp"

namespace ratchet::git {

/// What the targets of one session may be at most; each edit reads them all.
inline constexpr std::size_t most_target_files = 2'000;
inline constexpr std::uint64_t most_target_bytes = 32ull << 20;

/// What edits may change. Of the files that `targets` gives, not those at or below a protected
/// path, nor those that a git filter rewrites.
struct edit_bounds {
  target_set targets;
  std::vector<std::string> protected_paths;
  std::vector<std::string> filtered;  ///< files of the base

  bool allow(std::string_view path) const;
};

struct found_targets {
  std::vector<std::string> files;  ///< those that are only named first, in the order given; by path
  std::vector<std::string> others;  ///< given, but no regular files: "src/a (symbolic link)"
};

/// Where folders or patterns are given, walks the folders that may hold targets.
found_targets targets_in(const git_tree* tree, const edit_bounds& bounds);

/// The files that `target_files` gives in HEAD of a user's repository.
expected<std::vector<std::string>> targets_in_head(const std::string& repository,
                                                   const std::vector<std::string>& target_files);

}  // namespace ratchet::git
