// SPDX-License-Identifier: MIT
//
// What a work tree or the run's eyes have besides a tree, as bytes. Each entry: 'f', 'x', 'l' or
// 'd' (file, executable, link, empty folder), 40 hexadecimal digits of the blob, the path, NUL. The
// last is "E" and NUL; without it the list is torn.
#pragma once

#include <string>
#include <vector>

#include "runtime/git/tree_listing.hpp"

namespace ratchet::git {

std::string encode_entries(const std::vector<kept_entry>& entries);
/// Refuses a torn or damaged list; `path` names it in the text.
std::vector<kept_entry> decode_entries(std::string_view bytes, const std::string& path);

}  // namespace ratchet::git
