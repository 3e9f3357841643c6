// SPDX-License-Identifier: MIT
//
// From what an author wrote to the bytes of the files; the reading and matching itself is
// actors/logic/edit_format.hpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/failure.hpp"

namespace ratchet {

/// How an answer in prose carries its edit. `detect` looks for blocks, then a patch, then a diff,
/// then one fenced text, which must clearly be the whole file; with `whole` it is taken for that
/// unless it says that lines are left out. A patch is read where a diff is.
enum class answer_format { detect, blocks, diff, whole };

/// What its model thought before is not looked at. `edit_refused` when nothing is found, does not
/// apply, or changes no byte.
expected<std::vector<file_change>> edit_in_answer(
    const std::string& answer, answer_format format,
    const std::map<std::string, std::string>& contents, const std::vector<std::string>& targets);

}  // namespace ratchet
