// SPDX-License-Identifier: MIT
//
// Where candidates stand: work trees, their edits and products, commits and branches. None throws;
// each says in its failure what happened, to what and what to do next. All may be called from
// several threads at once; calls that name the same work tree must not overlap (the session actor
// serialises its steps).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/failure.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// Names one of a session's work trees. A session's id alone names its own.
struct work_tree_id {
  std::string session;
  int lane = 0;  ///< 0: the session's own; 1 … 9999: extra ones, which go with the session

  work_tree_id() = default;
  work_tree_id(std::string of, int number = 0) : session(std::move(of)), lane(number) {}
  work_tree_id(const char* of) : session(of) {}
  bool operator==(const work_tree_id&) const = default;
  auto operator<=>(const work_tree_id&) const = default;
};

struct workspace_info {
  std::string directory;    ///< absolute; where the command runs
  std::string base_commit;  ///< hexadecimal
  std::string base_tree;
  std::string branch;  ///< where kept commits are published; in place: the checked-out branch
  std::vector<std::string> uncommitted;  ///< user's uncommitted paths that were left out, ≤ 100
  /// What a build or run will miss here that is there in the user's tree (empty submodules, files
  /// behind filters, ignored files, variables), each a sentence with its remedy; ≤ 20.
  std::vector<std::string> missing;
  /// Ignored or untracked things of the user's tree that are not here ("data.csv", ".venv/"): most
  /// are never missed, so they are told only once the baseline fails; ≤ 20.
  std::vector<std::string> absent;
  /// Absolute; the run's own view of git, which the command is to read and not to write.
  std::vector<std::string> private_paths;
  /// The files that target_files gives, where it has more than names of files.
  std::vector<std::string> targets;
};

struct applied_edit {
  std::string tree;
  std::vector<std::string> files_changed;  ///< sorted
  std::string diff;                        ///< unified, against the parent commit
};

/// What is known of builds in one work tree, whichever process made them.
struct build_state {
  bool set_up = false;        ///< keep_setup() was called there
  bool has_products = false;  ///< restore() gives back products of setup_command or of a build
  bool kept_once = false;     ///< keep_products() was called; without products there are none
  bool current = false;       ///< the last keep_products() was of `code`
  bool stands = false;        ///< the work tree's own files were last made equal to `code`
};

/// Work trees and their private git directories, one per session, under the state directory.
///
/// Where a session measures candidates side by side it has more work trees, a lane each: `create`
/// cuts one from the session's base, and
/// everything but publish() works there as in the session's own, on the same objects. They go with
/// the session. Calls that name different lanes may overlap.
class workspace_port {
 public:
  virtual ~workspace_port() = default;

  /// Checks that the repository can be worked on and that the targets are tracked regular files
  /// inside it (`repository_refused` or `invalid_argument`, naming the field). Touches nothing.
  virtual expected<> inspect(const session_settings& settings) = 0;
  /// Cuts a work tree from HEAD. On failure nothing is left behind.
  virtual expected<workspace_info> create(const work_tree_id& id,
                                          const session_settings& settings) = 0;
  virtual expected<workspace_info> info(const work_tree_id& id) = 0;
  /// The bytes of every target in the work tree as it is now: of the files that target_files names,
  /// and of those of the code that its folders and patterns give.
  virtual expected<std::map<std::string, std::string>> targets(const work_tree_id& id) = 0;
  /// Whether the targets in the work tree hold what `tree` (a tree or commit id) says, no file more
  /// and none less; modes aside.
  virtual expected<bool> targets_are(const work_tree_id& id, const std::string& tree) = 0;
  /// Applies all changes or none, and records the resulting tree. Refuses (`edit_refused`) paths
  /// outside the targets, protected ones, ones that leave the work tree or pass through a symlink,
  /// new files that are ignored or already there untracked, and an edit that changes no byte.
  virtual expected<applied_edit> apply(const work_tree_id& id, const std::string& parent,
                                       const std::vector<file_change>& changes) = 0;
  /// The same, but nothing on disk changes except the object database: the tree is there to be
  /// restored in any of the session's work trees.
  virtual expected<applied_edit> draft(const work_tree_id& id, const std::string& parent,
                                       const std::vector<file_change>& changes) = 0;
  /// What `tree` changes of `parent`, merged with what `onto` (a commit) changes of it: likewise in
  /// the object database alone. Where both change the same lines those of `tree` count if it
  /// `wins`; else that is refused (`edit_refused`), naming the file, and so is what `onto` has all
  /// of already.
  virtual expected<applied_edit> rebase(const work_tree_id& id, const std::string& tree,
                                        const std::string& parent, const std::string& onto,
                                        bool wins) = 0;
  /// Takes over what a program changed in the work tree itself, by the same rules; on failure the
  /// work tree is as the parent's tree again.
  virtual expected<applied_edit> adopt(const work_tree_id& id, const std::string& parent) = 0;
  /// A command is about to write in the work tree: restore() will look at every file again. Where
  /// looking takes long, returns the folder for an overlay (process_request::overlay); else empty.
  virtual expected<std::string> begin_run(const work_tree_id& id) = 0;
  /// After begin_run(). With `overlaid` the work tree was not written to, and need not be looked at
  /// for a while; read_file() and changed_protected() see it as the command left it, through the
  /// overlay, until the next change by this port.
  virtual expected<> end_run(const work_tree_id& id, bool overlaid) = 0;
  /// The bytes of a file that a run left in the work tree; nothing when there is none, or when it
  /// is no regular file. Never follows a link. More than `max_bytes` is a failure.
  virtual expected<std::optional<std::string>> read_file(const work_tree_id& id,
                                                         const std::string& path,
                                                         std::size_t max_bytes) = 0;
  /// Removes a regular file that the code in the work tree does not have: what an earlier run left
  /// there. Absent, or the code's own, is fine.
  virtual expected<> remove_untracked(const work_tree_id& id, const std::string& path) = 0;
  /// What is in the work tree now, setup_command's doing, belongs to the session from here on:
  /// restore() puts it back instead of removing it, with the times that all files have now.
  virtual expected<> keep_setup(const work_tree_id& id) = 0;
  /// A build is about to write in the work tree itself, so that what it makes lasts for the runs
  /// after it. (Instead of begin_run(); nothing is to be called at its end but, when it went well,
  /// mark_built().)
  virtual expected<> begin_build(const work_tree_id& id) = 0;
  /// build_command has ended well: what it left are products of the code in the work tree, and what
  /// later commands leave there are not. Costs a look at the products, none is read. False when
  /// compiled sources differ from those that the snapshot's products are of, and yet the build has
  /// left every product as it was.
  virtual expected<bool> mark_built(const work_tree_id& id) = 0;
  /// After a run that is the only one to build: false when compiled sources differ from those that
  /// the snapshot's products are of, and yet the run has left every product as it was. Looks only.
  virtual expected<bool> run_built(const work_tree_id& id) = 0;
  /// All of the code's own files get a time later than every product, until the next tidy(): for a
  /// build that does not know that a file matters (make without header dependencies).
  virtual expected<> make_all_new(const work_tree_id& id) = 0;
  /// What is known of builds in the work tree; `code` is a commit or tree id, or empty where that
  /// does not matter.
  virtual expected<build_state> build_state_of(const work_tree_id& id, const std::string& code) = 0;
  /// The code in the work tree is the best so far: its products, with the times of all files, are
  /// the snapshot that restore() gives back from here on. Products are what mark_built() saw, as
  /// long as it still is as then; without it, and of what changed later, what compilers and build
  /// tools made (objects, archives, programs, dependency files, and in folders that were built in
  /// all that was there by the end of the build). What else runs left is removed. Without new
  /// products it costs a look at all files, and the restore() after it none. In place: nothing.
  virtual expected<> keep_products(const work_tree_id& id) = 0;
  /// Between two runs of the same `tree`: its own files are put back, content, mode and time, where
  /// a run changed them; products, and whatever else is there, stay as they are.
  virtual expected<> tidy(const work_tree_id& id, const std::string& tree) = 0;
  /// The id of the tree that `changes` would give; nothing is stored.
  virtual expected<std::string> tree_with(const work_tree_id& id, const std::string& parent,
                                          const std::vector<file_change>& changes) = 0;
  /// Makes the work tree exactly `tree` (a tree or commit id): content, modes, links; anything else
  /// is removed but shared paths and the products of the snapshot. Verified; rebuilt from nothing
  /// where verification fails. Times are such that build tools make again what `tree` changes, and
  /// where they are seen to build in the tree only that (runtime/git/file_dates.hpp); a file that
  /// is changed within a second of the latest product costs a wait for the next second.
  virtual expected<> restore(const work_tree_id& id, const std::string& tree) = 0;
  /// Puts the protected files back as the base commit has them.
  virtual expected<> restore_protected(const work_tree_id& id) = 0;
  /// The protected files that differ from the base commit now; empty is well.
  virtual expected<std::vector<std::string>> changed_protected(const work_tree_id& id) = 0;
  /// Writes the commit object only; the same arguments give the same id.
  virtual expected<std::string> commit(const work_tree_id& id, const std::string& tree,
                                       const std::string& parent, const std::string& message,
                                       std::int64_t time_ms) = 0;
  /// Moves the session's branch from `parent` to `commit`, in the private and then the user's
  /// repository, both compare-and-swap. Already there is success.
  virtual expected<> publish(const std::string& session_id, const std::string& commit,
                             const std::string& parent) = 0;
  /// Removes work tree, private git directory and the references that guard it; the published
  /// branch stays. Absent is success, also of the user's repository. What fails or is cut off is
  /// `unfinished` from then on.
  virtual expected<> remove(const work_tree_id& id) = 0;
  /// The sessions whose folder holds no whole workspace: one being made, one being removed, or what
  /// a killed process left of either. Looks only, at the cost of a stat a session.
  virtual expected<std::vector<std::string>> unfinished() = 0;
};

}  // namespace ratchet
