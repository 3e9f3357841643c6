// SPDX-License-Identifier: MIT
//
// Making a work tree ready ahead of the next candidate. A restore looks at every file, which takes
// 90 ms in a tree of 50,000; done after a run, when nobody waits, it leaves only what differs to be
// written when the next candidate comes.
#pragma once

#include <string>

#include "actors/ports/workspace_port.hpp"
#include "messages/failure.hpp"

namespace ratchet {

class settling_port {
 public:
  virtual ~settling_port() = default;
  /// restore(), after which the next restore() of this work tree (whatever the tree) writes only
  /// what differs between both trees. It does not look at the rest again: the caller vouches that
  /// nothing runs in the work tree in between, as the run before was ended and proved empty. Every
  /// later restore() looks at everything, and so does the next one after any other change through
  /// workspace_port, in place, or in another process.
  virtual expected<> settle(const work_tree_id& id, const std::string& tree) = 0;
};

}  // namespace ratchet
