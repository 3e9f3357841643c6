// SPDX-License-Identifier: MIT
//
// Relative paths as sessions name them: '/' separated, no link and no ".." to leave by.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ratchet::git {

/// Not empty, no '/' or NUL, not ".", ".." or any spelling of ".git".
bool possible_name(std::string_view name);

/// Why `path` cannot name a file below the repository's root ("" when it can), as the end of a
/// sentence: "leaves the repository".
std::string path_fault(std::string_view path);

/// {"a/b", "c"} of "a/b/c"; {"", "a"} of "a".
std::pair<std::string, std::string> split_path(std::string_view path);

inline std::string joined(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

/// `path` is `root` or lies inside it.
bool is_within(std::string_view path, std::string_view root);
bool is_within_any(std::string_view path, const std::vector<std::string>& roots);

}  // namespace ratchet::git
