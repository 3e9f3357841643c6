// SPDX-License-Identifier: MIT
//
// Paths by pattern, as .gitignore's readers expect: "*" and "?" stay within a name, "**" goes
// through folders, or through none, a folder stands for all below it, and "!" in front takes away
// what an earlier pattern gave. Matching takes time linear in the path (RE2).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// Whether it is more than the path of one file.
bool is_glob(std::string_view pattern);

class path_globs {
 public:
  /// Patterns that cannot be read match nothing; glob_fault() says why.
  explicit path_globs(const std::vector<std::string>& patterns);
  ~path_globs();
  path_globs(path_globs&&) noexcept;
  path_globs& operator=(path_globs&&) noexcept;

  bool match(std::string_view path) const;

 private:
  struct rule;
  std::vector<rule> rules_;
};

/// What is wrong with a pattern, as the end of a sentence; empty: nothing.
std::string glob_fault(std::string_view pattern);

}  // namespace ratchet
