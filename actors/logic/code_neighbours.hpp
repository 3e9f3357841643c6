// SPDX-License-Identifier: MIT
//
// Which other files of a repository a source file speaks of: #include "…", import and require of
// C, C++, Python, JavaScript, TypeScript and Rust. By their form only; what is not in the
// repository is of no interest.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace ratchet {

class code_neighbours {
 public:
  /// Takes in what this file speaks of.
  void read(const std::string& path, std::string_view text);
  /// Whether it may be one of the files that were spoken of.
  bool match(const std::string& path) const;
  bool empty() const { return exact_.empty() && ends_.empty(); }

 private:
  void add(const std::string& folder, const std::string& name);

  std::set<std::string> exact_;  ///< relative to the repository
  std::set<std::string> ends_;   ///< with a slash in front: in whichever include path
};

}  // namespace ratchet
