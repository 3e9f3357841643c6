// SPDX-License-Identifier: MIT
//
// Which files edits may change, as `target_files` says it: names of files, folders ("src" or
// "src/"), patterns ("src/**/*.cpp") and what they do not mean ("!src/gen/**"); see path_globs.hpp.
// A file need not be there: where a folder or pattern gives it, an edit may make it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "actors/logic/path_globs.hpp"

namespace ratchet {

class target_set {
 public:
  explicit target_set(std::vector<std::string> given = {});

  /// Files that tell git how to read others (.gitignore, .gitattributes, .gitmodules) only by name.
  bool contains(std::string_view path) const;
  /// Given by its own name, not by a folder or pattern.
  bool names(std::string_view path) const;
  /// The place in `given` of the first that gives it; the number of all when none does.
  std::size_t place(std::string_view path) const;
  /// Whether a file below this folder (no '/' at its end; "" is the root) could be one of them.
  bool may_hold(std::string_view folder) const;
  const std::vector<std::string>& given() const { return given_; }
  /// All are names of files, as far as can be said without looking.
  bool only_names() const;

 private:
  std::vector<std::string> given_;
  std::vector<path_globs> each_;
  path_globs all_;
};

/// The names that an edit may use as they are: the files that there are, and those that are named
/// but not there.
std::vector<std::string> target_names(const std::vector<std::string>& given,
                                      const std::map<std::string, std::string>& files);

}  // namespace ratchet
