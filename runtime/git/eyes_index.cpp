// SPDX-License-Identifier: MIT
//
// A git index as bytes (version 2, or 3 where a path is marked): "DIRC", entries in the order of
// their paths, SHA-1 of all before it.
#include <openssl/evp.h>
#include <unistd.h>

#include <array>

#include "runtime/git/eyes.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_bytes.hpp"

namespace ratchet::git {

namespace {

constexpr std::int64_t ns_in_second = 1'000'000'000;
constexpr unsigned extended = 0x4000, skip_worktree = 0x4000, longest_length = 0xFFF;

class index_writer {
 public:
  index_writer(git_odb* odb, const std::set<std::string>& unwatched)
      : odb_(odb), unwatched_(unwatched) {}

  // A tree's order, a folder as if its name ended in '/', is the order of the paths below it.
  void folder(const git_oid& tree, const std::string& path, cached_folder* cache, int depth) {
    if (depth > max_tree_depth)
      refuse(errc::workspace_failed, "the folder " + path.substr(0, 200) +
                                         "… is nested too deeply to be checked out; flatten it");
    auto object = read_object(odb_, tree, GIT_OBJECT_TREE);
    for (const auto& entry : parse_tree(bytes_of(object), "the tree " + hex(tree))) {
      const std::string below = joined(path, entry.name);
      if (!entry.folder()) {
        file(entry, below, cache ? cache->find(entry.name) : nullptr);
        continue;
      }
      cached_folder* known = nullptr;
      if (cache)
        if (auto it = cache->folders.find(entry.name); it != cache->folders.end())
          known = it->second.get();
      folder(entry.oid(), below, known, depth + 1);
    }
  }

  std::string finish() {
    std::string bytes = "DIRC";
    put(bytes, any_marked_ ? 3 : 2);
    put(bytes, count_);
    bytes += entries_;
    std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
    if (EVP_Digest(bytes.data(), bytes.size(), sum.data(), nullptr, EVP_sha1(), nullptr) != 1)
      refuse(errc::workspace_failed, "cannot hash an index: no SHA-1 here");
    return bytes.append(reinterpret_cast<const char*>(sum.data()), id_bytes);
  }

 private:
  static void put(std::string& bytes, std::uint64_t number, int size = 4) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
      bytes += static_cast<char>(number >> shift & 0xFF);
  }

  static unsigned mode_of(const tree_entry& entry) {
    const unsigned kind = entry.mode & mode_kind;
    if (kind != 0100000) return kind;  // a link or a submodule
    return (entry.mode & 0100) ? 0100755 : 0100644;
  }

  void file(const tree_entry& entry, const std::string& path, const cached_file* known) {
    const git_oid id = entry.oid();
    file_stamp s;
    const bool same = known && git_oid_equal(&known->id, &id);
    if (same) s = known->stamp;
    const std::size_t begin = entries_.size();
    for (auto time : {s.ctime_ns, s.mtime_ns}) {
      put(entries_, static_cast<std::uint64_t>(time / ns_in_second));
      put(entries_, static_cast<std::uint64_t>(time % ns_in_second));
    }
    put(entries_, s.device);
    put(entries_, s.inode);
    put(entries_, mode_of(entry));
    put(entries_, same ? ::geteuid() : 0);
    put(entries_, same ? ::getegid() : 0);
    put(entries_, static_cast<std::uint64_t>(s.size));
    entries_ += entry.id;
    const bool marked = unwatched_.count(path) != 0;
    put(entries_, std::min<std::size_t>(path.size(), longest_length) | (marked ? extended : 0), 2);
    if (marked) put(entries_, skip_worktree, 2);
    any_marked_ = any_marked_ || marked;
    entries_ += path;
    const std::size_t size = entries_.size() - begin;
    entries_.append(8 - size % 8, '\0');
    ++count_;
  }

  git_odb* odb_;
  const std::set<std::string>& unwatched_;
  std::string entries_;
  std::uint64_t count_ = 0;
  bool any_marked_ = false;
};

}  // namespace

std::string index_of_tree(git_odb* odb, const git_oid& tree, cached_folder& cache,
                          const std::set<std::string>& unwatched) {
  index_writer index(odb, unwatched);
  index.folder(tree, "", &cache, 0);
  return index.finish();
}

}  // namespace ratchet::git
