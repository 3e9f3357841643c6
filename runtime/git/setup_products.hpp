// SPDX-License-Identifier: MIT
//
// `<session>/setup`: what setup_command left in the work tree, so that restore() can put it back.
// Each entry: 'f', 'x', 'l' or 'd' (file, executable, link, empty folder), 40 hexadecimal digits of
// the blob, the path, NUL. The last entry is "E" and NUL; without it the file is torn.
#pragma once

#include <string>
#include <vector>

#include "runtime/git/tree_listing.hpp"

namespace ratchet::git {

std::string encode_setup(const std::vector<kept_entry>& kept);
/// Refuses a torn or damaged list.
std::vector<kept_entry> decode_setup(const std::string& bytes);

}  // namespace ratchet::git
