// SPDX-License-Identifier: MIT
//
// libgit2's objects with an owner, and its return codes as refusals. libgit2 serves objects, trees,
// commits and references here; never its checkout, reset, stash or filters.
#pragma once

#include <git2.h>

#include <memory>
#include <string>
#include <string_view>

#include "runtime/git/refusal.hpp"

namespace ratchet::git {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};

using repository_ptr = std::unique_ptr<git_repository, freed_by<git_repository_free>>;
using odb_ptr = std::unique_ptr<git_odb, freed_by<git_odb_free>>;
using odb_object_ptr = std::unique_ptr<git_odb_object, freed_by<git_odb_object_free>>;
using object_ptr = std::unique_ptr<git_object, freed_by<git_object_free>>;
using commit_ptr = std::unique_ptr<git_commit, freed_by<git_commit_free>>;
using tree_ptr = std::unique_ptr<git_tree, freed_by<git_tree_free>>;
using tree_entry_ptr = std::unique_ptr<git_tree_entry, freed_by<git_tree_entry_free>>;
using blob_ptr = std::unique_ptr<git_blob, freed_by<git_blob_free>>;
using reference_ptr = std::unique_ptr<git_reference, freed_by<git_reference_free>>;
using signature_ptr = std::unique_ptr<git_signature, freed_by<git_signature_free>>;
using config_ptr = std::unique_ptr<git_config, freed_by<git_config_free>>;
using index_ptr = std::unique_ptr<git_index, freed_by<git_index_free>>;
using diff_ptr = std::unique_ptr<git_diff, freed_by<git_diff_free>>;
using conflicts_ptr =
    std::unique_ptr<git_index_conflict_iterator, freed_by<git_index_conflict_iterator_free>>;
using status_ptr = std::unique_ptr<git_status_list, freed_by<git_status_list_free>>;

/// Lets a C function fill an owner: `git_odb_read(out(object), …)`. The owner has it only when the
/// whole statement is done: do not use it in the same one.
template <class Owner>
class out {
 public:
  explicit out(Owner& owner) : owner_(owner) {}
  ~out() { owner_.reset(raw_); }
  out(const out&) = delete;
  out& operator=(const out&) = delete;
  operator typename Owner::pointer *() { return &raw_; }  // NOLINT: the point of the class

 private:
  Owner& owner_;
  typename Owner::pointer raw_ = nullptr;
};

/// Starts libgit2 once for the process and sets what all of Ratchet relies on: no check of who owns
/// a repository (Ratchet obeys nothing in it), a bounded object cache.
void start_libgit2();

/// libgit2's own words for the last error of this thread.
std::string last_error();

/// Refuses with "cannot WHAT: libgit2's words" when `rc` is negative.
void check(int rc, const std::string& what, errc code = errc::workspace_failed);

std::string hex(const git_oid& id);
/// Refuses what is not 40 hexadecimal digits; `what` names it in the text.
git_oid parse_id(std::string_view text, const std::string& what);

struct oid_hash {
  std::size_t operator()(const git_oid& id) const {
    std::size_t h;
    std::memcpy(&h, id.id, sizeof h);
    return h;
  }
};
struct oid_equal {
  bool operator()(const git_oid& a, const git_oid& b) const { return git_oid_equal(&a, &b) != 0; }
};

/// The tree of a commit or tree id.
tree_ptr tree_of(git_repository* repository, const git_oid& commit_or_tree);
/// The entry at `path`, or null when there is none.
tree_entry_ptr entry_at(const git_tree* tree, const std::string& path);

/// The id a direct reference points at; false when there is none or it cannot be read.
bool read_reference(git_repository* repository, const std::string& name, git_oid& id);

}  // namespace ratchet::git
