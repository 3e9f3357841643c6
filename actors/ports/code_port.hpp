// SPDX-License-Identifier: MIT
//
// Reading what a session made, while it lives and after. Never throws, writes nothing, needs no
// lease; may be called from several threads at once.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "messages/failure.hpp"
#include "messages/shown.hpp"

namespace ratchet {

struct code_files {
  std::map<std::string, std::string> texts;  ///< path → bytes, valid UTF-8
  std::vector<std::string> left_out;         ///< binary, or there was no room for them
};

class code_port {
 public:
  virtual ~code_port() = default;
  /// Of the session's own repository while it has one, else of the user's, where what was kept is.
  /// `workspace_failed` when the code is in neither (a candidate that was not kept, once the
  /// session has ended).
  virtual expected<code_read> read(const read_code& wanted) = 0;
  /// The regular files of `of.code` whose path is `wanted`, as far as `most_bytes` go.
  virtual expected<code_files> files(const read_code& of,
                                     const std::function<bool(const std::string& path)>& wanted,
                                     std::size_t most_bytes) = 0;
};

}  // namespace ratchet
