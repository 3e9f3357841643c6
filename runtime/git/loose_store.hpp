// SPDX-License-Identifier: MIT
//
// Objects written one by one into a repository's folder, by libgit2's own loose backend but without
// what git_odb_write() does before: looking for the object in every pack and alternate, and listing
// these anew, 16 system calls for a candidate's blob or tree that is nearly always new.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/git/tree_change.hpp"

namespace ratchet::git {

class loose_store {
 public:
  /// `objects`: the folder objects/ of a repository.
  explicit loose_store(const std::string& objects);
  /// In the order given, so that whoever finds the last finds what it names.
  void write(const std::vector<new_object>& objects);

 private:
  struct free_backend {
    void operator()(git_odb_backend* backend) const;
  };
  std::string objects_;
  std::unique_ptr<git_odb_backend, free_backend> backend_;
};

}  // namespace ratchet::git
