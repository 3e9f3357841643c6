// SPDX-License-Identifier: MIT
//
// A git index as bytes (version 2, or 3 where a path is marked): "DIRC", entries in the order of
// their paths, SHA-1 of all before it.
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>

#include "runtime/git/eyes.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_bytes.hpp"
#include "runtime/git/tree_change.hpp"

namespace ratchet::git {

namespace {

constexpr std::int64_t ns_in_second = 1'000'000'000;
constexpr unsigned extended = 0x4000, skip_worktree = 0x4000, longest_length = 0xFFF;
constexpr std::size_t index_header_bytes = 12, index_flags_bytes = 2;

void put_number(std::string& bytes, std::uint64_t number, int size = 4) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
    bytes += static_cast<char>(number >> shift & 0xFF);
}

unsigned index_mode(const tree_entry& entry) {
  const unsigned kind = entry.mode & mode_kind;
  if (kind != 0100000) return kind;  // a link or a submodule
  return (entry.mode & 0100) ? 0100755 : 0100644;
}

/// An entry up to its flags: `index_stat_bytes` of them. Without times where the work tree does not
/// hold this content.
std::string index_stat(const tree_entry& entry, const cached_file* known) {
  const git_oid id = entry.oid();
  const bool same = known && git_oid_equal(&known->id, &id);
  const file_stamp s = same ? known->stamp : file_stamp();
  std::string bytes;
  for (auto time : {s.ctime_ns, s.mtime_ns}) {
    put_number(bytes, static_cast<std::uint64_t>(time / ns_in_second));
    put_number(bytes, static_cast<std::uint64_t>(time % ns_in_second));
  }
  put_number(bytes, s.device);
  put_number(bytes, s.inode);
  put_number(bytes, index_mode(entry));
  put_number(bytes, same ? ::geteuid() : 0);
  put_number(bytes, same ? ::getegid() : 0);
  put_number(bytes, static_cast<std::uint64_t>(s.size));
  return bytes.append(entry.id);
}

git_oid sha1_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  if (EVP_Digest(bytes.data(), bytes.size(), sum.data(), nullptr, EVP_sha1(), nullptr) != 1)
    refuse(errc::workspace_failed, "cannot hash an index: no SHA-1 here");
  git_oid id;
  std::memcpy(id.id, sum.data(), id_bytes);
  return id;
}

std::string_view raw_id(const git_oid& id) {
  return {reinterpret_cast<const char*>(id.id), id_bytes};
}

/// The entries of an index, one after the other.
class index_reader {
 public:
  explicit index_reader(std::string_view bytes)
      : bytes_(bytes.substr(0, bytes.size() - std::min(bytes.size(), id_bytes))) {}

  /// False at the end, and at what is no entry.
  bool next() {
    at_ += size_;
    if (at_ + index_stat_bytes + index_flags_bytes > bytes_.size()) return false;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes_[at_ + i]); };
    const unsigned flags = byte(index_stat_bytes) << 8 | byte(index_stat_bytes + 1);
    const std::size_t before =
        index_stat_bytes + index_flags_bytes + ((flags & extended) ? index_flags_bytes : 0);
    const std::size_t end = bytes_.find('\0', at_ + before);
    if (end == bytes_.npos) return false;
    path_ = bytes_.substr(at_ + before, end - at_ - before);
    size_ = (before + path_.size() + 8) / 8 * 8;
    return true;
  }
  std::size_t at() const { return at_; }
  std::string_view path() const { return path_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = index_header_bytes, size_ = 0;
  std::string_view path_;
};

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
    put_number(bytes, any_marked_ ? 3 : 2);
    put_number(bytes, count_);
    bytes += entries_;
    return bytes.append(raw_id(sha1_of(bytes)));
  }

 private:
  void file(const tree_entry& entry, const std::string& path, const cached_file* known) {
    const std::size_t begin = entries_.size();
    entries_ += index_stat(entry, known);
    const bool marked = unwatched_.count(path) != 0;
    put_number(entries_,
               std::min<std::size_t>(path.size(), longest_length) | (marked ? extended : 0), 2);
    if (marked) put_number(entries_, skip_worktree, 2);
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

std::optional<git_oid> index_sum(std::string_view bytes) {
  if (bytes.size() < index_header_bytes + id_bytes) return std::nullopt;
  const git_oid sum = sha1_of(bytes.substr(0, bytes.size() - id_bytes));
  return bytes.ends_with(raw_id(sum)) ? std::optional(sum) : std::nullopt;
}

std::optional<std::vector<std::size_t>> move_index(std::string& bytes, git_odb* odb,
                                                   const git_oid& before, const git_oid& after,
                                                   cached_folder& cache) {
  std::map<std::string, std::string> news;  // in the order of the index
  bool content_alone = true;
  walk_difference(odb, before, after,
                  [&](const std::string& path, const tree_entry* was, const tree_entry* now) {
                    content_alone = content_alone && was && now && !now->folder();
                    if (content_alone) news[path] = index_stat(*now, cache.find_file_beneath(path));
                    return false;
                  });
  if (!content_alone) return std::nullopt;
  std::vector<std::size_t> changed;
  auto next = news.begin();
  for (index_reader entries(bytes); next != news.end() && entries.next();) {
    if (entries.path() != next->first) continue;
    bytes.replace(entries.at(), index_stat_bytes, next->second);
    changed.push_back(entries.at());
    ++next;
  }
  if (next != news.end()) return std::nullopt;
  const std::size_t end = bytes.size() - id_bytes;
  bytes.replace(end, id_bytes, raw_id(sha1_of(std::string_view(bytes).substr(0, end))));
  return changed;
}

}  // namespace ratchet::git
