// SPDX-License-Identifier: MIT
//
// Reading what a session made, while it lives and after. Never throws, writes nothing, needs no
// lease; may be called from several threads at once.
#pragma once

#include <string>
#include <vector>

#include "messages/failure.hpp"
#include "messages/shown.hpp"

namespace ratchet {

class code_port {
 public:
  virtual ~code_port() = default;
  /// Of the session's own repository while it has one, else of the user's, where what was kept is.
  /// `workspace_failed` when the code is in neither (a candidate that was not kept, once the
  /// session has ended).
  virtual expected<code_read> read(const read_code& wanted) = 0;
  /// The paths of all regular files in `code`, sorted.
  virtual expected<std::vector<std::string>> files(const read_code& of) = 0;
};

}  // namespace ratchet
