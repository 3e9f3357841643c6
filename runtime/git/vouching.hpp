// SPDX-License-Identifier: MIT
//
// A large work tree is looked at by several threads before it is synced: nearly all the time goes
// into asking the kernel how each file looks, and that needs no git. What is vouched for here, the
// sync (tree_sync.hpp) need not look at again.
#pragma once

#include "runtime/git/stat_cache.hpp"

namespace ratchet::git {

/// Marks each folder below `root` as vouched or not: its names are those of the cache, every file
/// still looks so (`cached_file::vouches_for`), its own mode is 0755, and the same holds for all
/// below it. Does nothing for a cache too small for threads to pay. Returns the number of files in
/// the cache.
std::size_t vouch_for_folders(int root, cached_folder& cache);

}  // namespace ratchet::git
