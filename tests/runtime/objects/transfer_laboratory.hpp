// SPDX-License-Identifier: MIT
//
// A node with one session and a worker with an object cache, and trees of any content made with
// libgit2 alone, so that what travels is compared with what another program wrote.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "runtime/git/git2.hpp"
#include "runtime/git/workspaces.hpp"
#include "runtime/objects/object_cache.hpp"
#include "runtime/objects/object_source.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace ratchet::test {

/// One entry of a tree that a test makes; a folder's name must not also be a file's.
struct planted {
  unsigned mode = 0100644;  ///< 040000: an empty folder, which git itself never writes
  std::string bytes;        ///< of a submodule: ignored
};
using planted_files = std::map<std::string, planted>;

/// Writes it as a tree; returns its id.
git_oid plant(git_repository* repository, const planted_files& files);
/// What is in a tree, read with libgit2.
planted_files harvest(git_repository* repository, const std::string& tree);
inline bool operator==(const planted& a, const planted& b) {
  return a.mode == b.mode && a.bytes == b.bytes;
}

/// Trees of a few dozen entries with every mode, odd names and deep folders, and changes of them.
class random_trees {
 public:
  explicit random_trees(unsigned seed) : random_(seed) {}

  planted_files tree() {
    planted_files files;
    int count = below(30);
    for (int i = 0; i < count; ++i) put(files, path(), entry());
    return files;
  }
  /// At least one step, of which some may undo others.
  planted_files changed(planted_files files) {
    for (int steps = 1 + below(8); steps > 0; --steps) {
      auto at = files.begin();
      if (!files.empty()) std::advance(at, below(static_cast<int>(files.size())));
      switch (files.empty() ? 0 : below(8)) {
        case 0:
        case 1:
          put(files, path(), entry());
          break;
        case 2:
          files.erase(at);
          break;
        case 3:
          at->second = entry();  // other mode and kind, too
          break;
        case 4:
          if (at->second.mode == 0100644 || at->second.mode == 0100755) at->second.mode ^= 0111;
          break;
        case 5: {  // one byte in the middle, or more, or less
          auto& bytes = at->second.bytes;
          if (at->second.mode == 0160000 || at->second.mode == 040000) break;
          if (!bytes.empty())
            bytes[static_cast<std::size_t>(below(static_cast<int>(bytes.size())))] ^= 1;
          if (below(2)) bytes += text();
          if (below(3) == 0) bytes.erase(0, bytes.size() / 2);
          break;
        }
        case 6:  // a file becomes a folder
          put(files, at->first + "/" + name(), entry());
          break;
        case 7: {  // a folder becomes a file
          auto slash = at->first.find('/');
          if (slash != std::string::npos) put(files, at->first.substr(0, slash), entry());
          break;
        }
      }
    }
    for (auto& [path, file] : files) file = possible(file);
    return files;
  }

 private:
  /// What a file system can hold: of a link, 1 to 200 bytes without NUL.
  static planted possible(planted file) {
    if (file.mode != 0120000) return file;
    std::erase(file.bytes, '\0');
    file.bytes = "t" + file.bytes.substr(0, 199);
    return file;
  }
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  std::string name() {
    static const std::vector<std::string> names{"a",
                                                "a.txt",
                                                "a-b",
                                                "a0",
                                                "b",
                                                "B",
                                                "\xc3\xa4\xc3\xb6",
                                                "not utf-8 \xff\xfe",
                                                "new\nline",
                                                " ",
                                                "\"q\"",
                                                "-x",
                                                "\xe2\x80\x8b",
                                                "gitmodules",
                                                ".gitattributes",
                                                "long" + std::string(200, 'n')};
    return names[static_cast<std::size_t>(below(static_cast<int>(names.size())))];
  }
  std::string path() {
    std::string made = name();
    for (int depth = below(4); depth > 0; --depth) made += "/" + name();
    return made;
  }
  std::string text() {
    std::string bytes(static_cast<std::size_t>(below(3) ? below(60) : below(20'000)), '\0');
    for (auto& c : bytes) c = static_cast<char>(below(below(2) ? 4 : 256));
    return bytes;
  }
  planted entry() {
    static constexpr unsigned modes[] = {0100644, 0100644, 0100644, 0100755,
                                         0120000, 0160000, 040000};
    unsigned mode = modes[below(7)];
    bool has_bytes = mode != 0160000 && mode != 040000;
    return possible({mode, has_bytes ? text() : ""});
  }
  /// In the way of nothing: what is at a folder of the path, or below it, goes.
  static void put(planted_files& files, const std::string& path, const planted& file) {
    std::erase_if(files, [&](const auto& f) {
      return f.first.starts_with(path + "/") || path.starts_with(f.first + "/");
    });
    files[path] = file;
  }

  std::mt19937 random_;
};

/// From RATCHET_TRANSFER_SEED, else any; printed.
unsigned transfer_seed();

class transfer_laboratory {
 public:
  explicit transfer_laboratory(const object_cache_limits& limits = {},
                               const transfer_limits& sender = {});
  /// The worker's process ends and starts anew.
  void restart_worker(const object_cache_limits& limits = {});

  std::string base_pack(const std::string& id);
  /// Sends it in pieces of `step` bytes.
  expected<std::string> take_base(const std::string& key, const std::string& id,
                                  std::string_view pack, std::size_t step = 1000);
  /// Base by pack; must succeed.
  void send_base(const std::string& key, const std::string& id);
  /// What is not whole and not removed yet.
  std::size_t leftovers() const;
  git::repository_ptr cached(const std::string& key) const;

  temp_repository repo;
  std::shared_ptr<workspace_port> node;
  workspace_info base;  ///< of session "s" on the node
  std::shared_ptr<object_source_port> source;
  git::repository_ptr objects;  ///< the private repository of session "s"
  std::filesystem::path worker_state;
  std::shared_ptr<object_cache_port> cache;
  std::shared_ptr<workspace_port> worker;
};

}  // namespace ratchet::test
