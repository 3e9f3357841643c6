// SPDX-License-Identifier: MIT
//
// Inside of read_file_metric: the steps of a pointer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// One step of a JSON pointer: a key or index; or, where `member` is set, the element of a list
/// whose member of that name is `text`.
struct pointer_step {
  std::string text;
  std::string member;
};

/// The steps of an RFC 6901 pointer with [member=text] steps; nothing when it is none. What stands
/// in brackets may hold '/', and ends with the last ']' before the next '/' or the end.
std::optional<std::vector<pointer_step>> pointer_steps(std::string_view pointer);

}  // namespace ratchet
