// SPDX-License-Identifier: MIT
//
// `<session>/setup`, the snapshot: what setup_command and builds left in the work tree, so that
// restore() can put it back, and the times of the tracked files as they stood beside it.
//
// Each entry ends with NUL. The first is "2". Of a product: 'f', 'x', 'l' or 'd' (file, executable,
// link, empty folder), in capitals when it is setup's version of a tracked file; three octal digits
// of mode; 16 hexadecimal digits of the mtime in ns; 40 of the blob; the path. Of a tracked file:
// 't', mtime, blob, path. The last is "E"; without it the file is torn.
//
// Before "2" products had neither mode nor time (letter, blob, path) and "E" was all besides. Their
// times are taken to be long ago, so that a build makes them again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/git/file_dates.hpp"
#include "runtime/git/tree_listing.hpp"

namespace ratchet::git {

struct snapshot_record {
  std::vector<kept_entry> products;
  snapshot_dates tracked;
};

std::string encode_setup(const snapshot_record& snapshot);
/// Refuses a torn or damaged list.
snapshot_record decode_setup(const std::string& bytes);

/// Products by path, of which each has one; a folder before what it holds.
class product_list {
 public:
  explicit product_list(const std::vector<kept_entry>& products);
  void put(kept_entry product) { by_path_[product.path] = std::move(product); }
  void drop(const std::string& path) { by_path_.erase(path); }
  const kept_entry* find(const std::string& path) const {
    auto it = by_path_.find(path);
    return it == by_path_.end() ? nullptr : &it->second;
  }
  std::vector<kept_entry> take();

 private:
  std::map<std::string, kept_entry> by_path_;
};

/// The time of the latest file among them.
std::optional<std::int64_t> latest_of(const std::vector<kept_entry>& products);

}  // namespace ratchet::git
