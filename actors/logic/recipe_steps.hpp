// SPDX-License-Identifier: MIT
//
// A kept edit as steps that can be replayed on another copy of the files, and their replay.
//
// Steps, in order: {path, search, replace} replaces whole lines that occur exactly once at that
// moment; {path, content} writes the whole file; {path, content: null} deletes it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/json.hpp"

namespace ratchet {

/// `before` has the files as they were. Each search has as few lines around the change as make it
/// unique. Null when a file is not UTF-8 text: such an edit cannot be replayed.
json recipe_changes(const std::map<std::string, std::string>& before,
                    const std::vector<file_change>& changes);

/// What the steps make of `files`: only the files that change. Nothing when a path is neither among
/// them nor a new one that `may_be_made`, a search does not occur exactly once, a step is
/// malformed, or no byte would change.
std::optional<std::vector<file_change>> replay(
    const json& steps, const std::map<std::string, std::string>& files,
    const std::function<bool(const std::string& path)>& may_be_made = {});

}  // namespace ratchet
