// SPDX-License-Identifier: MIT
//
// What a candidate's tree has that its base has not, as bytes: the changed paths with modes and
// contents. Folders do not travel, the receiver makes them from its own and must get the same id.
//
//   "RCH1", varint size of the body, then the body as one zlib stream:
//     20 bytes  id of the base's tree
//     20 bytes  id that must come out: of a tree, or of the commit that follows
//     varint    size of that commit object, 0 when a tree is wanted; its bytes
//     varint    number of changed paths; of each:
//       varint  how many bytes of its path are those of the path before; varint size of the rest,
//               its bytes ('/' separated, no name that a work tree cannot hold)
//       varint  mode as in a tree object; 0: nothing is at the path any more
//       unless 0, a byte and
//         0     20 bytes, an id: that of the base at the same path with another mode, a
//               submodule's commit, or (mode 40000) the empty tree
//         1     varint size, the file's bytes (a link's target)
//         2     varint n, varint m, varint size, bytes: the first n bytes of the base's file at the
//               same path, these, and its last m bytes
//   A varint has seven bits a byte, the lowest first, and the high bit in all bytes but the last.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/git/git2.hpp"

namespace ratchet::git {

struct changed_path {
  enum class content { none, id, whole, spliced };

  std::string path;
  unsigned mode = 0;  ///< 0: removed
  content how = content::none;
  git_oid id{};                          ///< `id`
  std::string bytes;                     ///< `whole`, `spliced`
  std::uint64_t prefix = 0, suffix = 0;  ///< `spliced`
};

struct tree_change {
  git_oid base_tree{};
  git_oid wanted{};
  std::string commit;  ///< the commit object; empty: a tree is wanted
  std::vector<changed_path> paths;
};

struct change_limits {
  std::uint64_t bytes;  ///< of the body, and of the changed files together
  std::uint64_t paths;  ///< changed, and folders above them
};

/// Refuses (`repository_refused`) a body beyond the limits.
std::string encode_change(const tree_change& change, const change_limits& limits);
/// Refuses damaged bytes (`workspace_failed`) and what is beyond the limits (`repository_refused`)
/// before it has more than that in memory.
tree_change decode_change(std::string_view bytes, const change_limits& limits);

[[noreturn]] void refuse_large_change(const std::string& what, std::uint64_t limit);

}  // namespace ratchet::git
