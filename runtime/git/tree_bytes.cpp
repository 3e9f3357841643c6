// SPDX-License-Identifier: MIT
#include "runtime/git/tree_bytes.hpp"

#include <algorithm>
#include <cstdio>

namespace ratchet::git {

namespace {

[[noreturn]] void refuse_damaged(const std::string& what) {
  refuse(errc::workspace_failed, what + " is damaged; fetch the repository again (git fsck)");
}

const char* type_name(git_object_t type) { return git_object_type2string(type); }

}  // namespace

git_oid tree_entry::oid() const {
  git_oid id_out;
  std::memcpy(id_out.id, id.data(), id_bytes);
  return id_out;
}

bool tree_entry::empty_folder() const {
  static const git_oid empty = [] {
    git_oid hashed;
    check(git_odb_hash(&hashed, "", 0, GIT_OBJECT_TREE), "hash an empty folder");
    return hashed;
  }();
  return folder() && std::memcmp(id.data(), empty.id, id_bytes) == 0;
}

std::vector<tree_entry> parse_tree(std::string_view bytes, const std::string& what) {
  std::vector<tree_entry> entries;
  entries.reserve(bytes.size() / 40);
  while (!bytes.empty()) {
    tree_entry entry;
    std::size_t at = 0;
    for (; at < bytes.size() && at < 7 && bytes[at] >= '0' && bytes[at] <= '7'; ++at)
      entry.mode = entry.mode * 8 + static_cast<unsigned>(bytes[at] - '0');
    if (at == 0 || at >= bytes.size() || bytes[at] != ' ') refuse_damaged(what);
    std::size_t end = bytes.find('\0', at + 1);
    if (end == bytes.npos || end == at + 1 || bytes.size() - end - 1 < id_bytes)
      refuse_damaged(what);
    entry.name = bytes.substr(at + 1, end - at - 1);
    entry.id = bytes.substr(end + 1, id_bytes);
    entry.whole = bytes.substr(0, end + 1 + id_bytes);
    bytes.remove_prefix(entry.whole.size());
    entries.push_back(entry);
  }
  return entries;
}

int compare_entries(const tree_entry& a, const tree_entry& b) {
  std::size_t common = std::min(a.name.size(), b.name.size());
  if (int order = std::memcmp(a.name.data(), b.name.data(), common)) return order;
  auto next = [&](const tree_entry& e) -> int {
    if (e.name.size() > common) return static_cast<unsigned char>(e.name[common]);
    return e.folder() ? '/' : 0;
  };
  return next(a) - next(b);
}

std::string encode_entry(unsigned mode, std::string_view name, const git_oid& id) {
  char octal[16];
  std::snprintf(octal, sizeof octal, "%o ", mode);
  std::string bytes(octal);
  bytes.append(name);
  bytes += '\0';
  bytes.append(reinterpret_cast<const char*>(id.id), id_bytes);
  return bytes;
}

odb_object_ptr read_object(git_odb* odb, const git_oid& id, git_object_t type) {
  odb_object_ptr object;
  int rc = git_odb_read(out(object), odb, &id);
  if (rc == GIT_ENOTFOUND)
    refuse(errc::workspace_failed,
           "the object " + hex(id) +
               " is not there; send the base again, or fetch all objects of the "
               "repository (git fetch --refetch --no-filter)",
           json{{"missing", hex(id)}});
  check(rc, "read the object " + hex(id));
  if (git_odb_object_type(object.get()) != type)
    refuse(errc::workspace_failed, "the object " + hex(id) + " is a " +
                                       type_name(git_odb_object_type(object.get())) + ", not a " +
                                       type_name(type));
  return object;
}

std::string_view bytes_of(const odb_object_ptr& object) {
  return {static_cast<const char*>(git_odb_object_data(object.get())),
          git_odb_object_size(object.get())};
}

git_oid tree_named_by(std::string_view commit, const std::string& what) {
  git_oid id;
  if (commit.substr(0, 5) != "tree " || commit.size() < 46 || commit[45] != '\n' ||
      git_oid_fromstrn(&id, commit.data() + 5, GIT_OID_HEXSZ) < 0)
    refuse_damaged(what);
  return id;
}

tree_or_commit resolve(git_odb* odb, const git_oid& id) {
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_odb_read_header(&size, &type, odb, &id) == 0 && type == GIT_OBJECT_COMMIT) {
    auto commit = read_object(odb, id, GIT_OBJECT_COMMIT);
    return {tree_named_by(bytes_of(commit), "the commit " + hex(id)), true};
  }
  read_object(odb, id, GIT_OBJECT_TREE);
  return {id, false};
}

}  // namespace ratchet::git
