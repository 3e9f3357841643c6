// SPDX-License-Identifier: MIT
//
// git's ignore rules and filters of a work tree.
#pragma once

#include <string>

#include "runtime/git/git2.hpp"

namespace ratchet::git {

/// As the attributes of the repository's work tree say; "" for none.
std::string filter_of(git_repository* repository, const std::string& path);

/// Asks git's ignore rules of the work tree; only once no ignore file is known to be planted:
/// what it reads, it reads as git does, through links too.
class ignore_rules {
 public:
  ignore_rules(const std::string& git_dir, const std::string& work) {
    check(git_repository_open_bare(out(repository_), git_dir.c_str()), "open " + git_dir);
    check(git_repository_set_workdir(repository_.get(), work.c_str(), 0), "look at " + work);
  }
  /// The filter (LFS and its like) that a file of this path would go through; "" for none.
  std::string filter_of(const std::string& path) const {
    return git::filter_of(repository_.get(), path);
  }
  bool ignores(const std::string& path) {
    int ignored = 0;
    check(git_ignore_path_is_ignored(&ignored, repository_.get(), path.c_str()),
          "look for ignore rules of " + path);
    return ignored != 0;
  }

 private:
  repository_ptr repository_;
};

}  // namespace ratchet::git
