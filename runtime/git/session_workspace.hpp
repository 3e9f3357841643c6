// SPDX-License-Identifier: MIT
//
// One session's workspace, open in this process. Owns descriptors and libgit2 handles, no lock: the
// caller holds the session's lease. Methods throw `refusal`; what they promise is written at
// workspace_port. Not for several threads at once (`in_use` serialises them).
//
//   <state>/sessions/<id>/workspace.json   written last when made, see workspace_record.hpp
//                         making.json      the same, from before anything is made until all is gone
//                         git/             private bare repository, see private_repository.hpp
//                         work/            the work tree (workspace "worktree"); its .git is a file
//                                          that names eyes/
//                         eyes.list, eyes/, eyes.seen   what git says in a run (eyes.hpp)
//                         checked_out      what was taken of the user's tree besides HEAD
//                                          (setup_products.hpp)
//                         kept_for         the tree that the products in setup are of, when a
//                                          build left them
//                         preserved        what was in the user's tree before (in place)
//                         setup            what setup_command and builds left, with the times of
//                                          all files (setup_products.hpp)
//                         stat_cache       see stat_cache.hpp
//                         dates            the times that edited files were given (file_dates.hpp)
//                         built            how the files looked that a build left: a tree's id
//                                          and a stat cache
//                         work.new, discarded   only while a tree is rebuilt
//                         overlay-<n>/upper, work   what one run wrote (run_overlay.hpp)
//                         lanes/<n>/       an extra work tree (lanes.hpp) with work/, eyes/ and
//                                          files like these of its own, and the session's git/
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/ports/workspace_port.hpp"
#include "runtime/git/beneath.hpp"
#include "runtime/git/candidate_log.hpp"
#include "runtime/git/candidate_tree.hpp"
#include "runtime/git/eyes.hpp"
#include "runtime/git/file_dates.hpp"
#include "runtime/git/lanes.hpp"
#include "runtime/git/publication.hpp"
#include "runtime/git/repository_checks.hpp"
#include "runtime/git/run_overlay.hpp"
#include "runtime/git/setup_products.hpp"
#include "runtime/git/spare_trees.hpp"
#include "runtime/git/target_files.hpp"
#include "runtime/git/tree_knowledge.hpp"
#include "runtime/git/tree_sync.hpp"
#include "runtime/git/user_tree.hpp"
#include "runtime/git/workspace_record.hpp"

namespace ratchet::git {

class session_workspace {
 public:
  /// Makes a workspace in `<sessions>/<id>`, starting over what was half made there. Leaves nothing
  /// behind when it refuses.
  static std::unique_ptr<session_workspace> create(const std::string& sessions,
                                                   const std::string& id,
                                                   const session_settings& settings);
  /// The same from a base that was checked already.
  static std::unique_ptr<session_workspace> create(const std::string& sessions,
                                                   const std::string& id,
                                                   const checked_repository& checked,
                                                   workspace_kind kind, user_tree_notes notes);
  /// Cuts an extra work tree from the session's base, starting over what was there. Leaves nothing
  /// of it behind when it refuses. `unknown_session` when the session has no whole workspace.
  static std::unique_ptr<session_workspace> create_extra(const std::string& sessions,
                                                         const work_tree_id& id);
  /// `unknown_session` when there is no whole workspace.
  static std::unique_ptr<session_workspace> open(const std::string& sessions,
                                                 const work_tree_id& id);
  /// Absent is success, also of the user's repository. Cut off at any moment, or refused, it
  /// leaves what `unfinished` names and another call removes.
  static void remove(const std::string& sessions, const std::string& id);
  /// Its work tree, at the base and without products, is for another session of the repository,
  /// where it can be had in good order. To be removed after that, whatever came of it.
  void hand_on();
  /// The numbers of a session's extra work trees.
  static std::vector<int> lanes_of(const std::string& sessions, const std::string& session);
  /// Absent is success.
  static void remove_extra(const std::string& sessions, const work_tree_id& id);
  /// The folders that hold no whole workspace but are ours: with making.json, or with no more than
  /// a lock and temporary files. Takes no lock, so that some may be at work.
  static std::vector<std::string> unfinished(const std::string& sessions);
  ~session_workspace();

  workspace_info info();
  std::map<std::string, std::string> targets();
  bool targets_are(const std::string& tree);
  applied_edit apply(const std::string& parent, const std::vector<file_change>& changes);
  applied_edit draft(const std::string& parent, const std::vector<file_change>& changes);
  applied_edit rebase(const std::string& tree, const std::string& parent, const std::string& onto,
                      bool wins);
  applied_edit adopt(const std::string& parent);
  std::optional<std::string> read_file(const std::string& path, std::size_t max_bytes);
  void remove_untracked(const std::string& path);
  void keep_setup();
  void begin_build();
  bool mark_built();
  bool run_built();
  void make_all_new();
  build_state build_state_of(const std::string& code);
  void keep_products();
  void tidy(const std::string& tree);
  std::string tree_with(const std::string& parent, const std::vector<file_change>& changes);
  void restore(const std::string& tree);
  /// settling_port has the promise.
  void settle(const std::string& tree);
  std::string begin_run();
  void end_run(bool overlaid);
  void restore_protected();
  std::vector<std::string> changed_protected();
  std::string commit(const std::string& tree, const std::string& parent, const std::string& message,
                     std::int64_t time_ms);
  void publish(const std::string& commit, const std::string& parent);

  /// A work tree of so many files is worth an overlay.
  void overlay_from(std::size_t files) { overlay_from_ = files; }

  /// Still the workspace that is in the session's folder now (another process may have removed it).
  bool current() const;

  std::mutex in_use;

 private:
  struct found_workspace {
    descriptor folder;
    workspace_record record;
    struct stat status;
  };
  static found_workspace read_workspace(const std::string& sessions, const work_tree_id& id);
  session_workspace(const std::string& sessions, const work_tree_id& id, descriptor folder,
                    workspace_record record);
  void open_private();
  /// Once it is known what the work tree has besides its tree.
  void make_reader();
  /// Before there is a work tree.
  void prepare_eyes(const checked_repository& checked, const std::vector<std::string>& taken);
  void take(const std::string& root, const std::vector<std::string>& paths);
  void open_eyes();
  /// The run's view of git is as it should be after a run, and at the best commit.
  void look_after_eyes();
  /// From here on it is whole.
  void finish_making();
  git_repository* user();
  std::string work_path() const;
  /// Invalid when the work tree itself is missing or something else is in its place.
  descriptor open_work();
  descriptor work_or_refuse();
  sync_options options(bool repair) const;
  /// The tree of a commit or tree id given as text.
  git_oid tree_id(const std::string& id, const std::string& what);
  void restore_tree(const git_oid& tree);
  /// From what the work tree holds, where that may be trusted; false when all must be looked at.
  bool write_difference(const git_oid& tree);
  /// Something is about to write in the work tree, or may have.
  void forget_content();
  /// Looks through the overlay, if there is one.
  std::optional<std::string> read_in_work(const std::string& path, std::size_t max_bytes);
  std::vector<difference> protected_differences(const std::string& path);
  void rebuild(const git_oid& tree);
  candidate plan(const git_oid& parent, const std::vector<file_change>& changes);
  /// Files that an edit makes where a folder or pattern gives them.
  void check_new_files(const candidate& planned);
  /// Nothing when there is no such file.
  std::optional<std::string> target_bytes(int work, const std::string& target);
  /// The targets of the tree that the work tree was last made equal to.
  const std::vector<std::string>& target_names();
  void write_changes(const git_oid& parent_tree, const candidate& planned);
  std::vector<file_change> adopted_changes(int root, const git_oid& parent_tree);
  void save_stat_cache();
  /// Without products, or a build, it can wait for the end of this process.
  void save_dates(bool at_once = false);
  /// A tracked file holds other bytes than the cache says that the tree has.
  bool other_content(int root, const std::string& path);
  /// Gives files that a sync put right their times; may wait for up to a second.
  void date_files(int root, tree_sync& sync);
  /// The same for an edit that is about to be put in place.
  std::vector<std::int64_t> choose_dates(const std::vector<undated_file>& files);
  void look_for_user_products();
  /// Of a difference that is to be a product: its blob is stored. Nothing for what can be none.
  std::optional<kept_entry> stored_product(int root, const difference& d);
  /// `kept_`, and the times of the tracked files of `tree` as they are now, are the snapshot.
  void record_snapshot(const git_oid& tree);
  void take_snapshot(snapshot_record snapshot);
  void make_new(int folder, const git_oid* tree, const std::string& path);
  /// Whether compiled sources differ from those that the snapshot was taken of.
  bool sources_moved();
  void collect_dates(const git_oid* tree, const std::string& path, cached_folder& cache,
                     snapshot_dates& into);
  cached_file* cached_at(const std::string& path);
  void forget_built();
  /// What mark_built() noted, if it was of this tree.
  std::unique_ptr<cached_folder> built_from(const git_oid& tree);
  void make_worktree();
  /// One that another session of the repository has left.
  bool take_spare();
  spare_trees spares() const;
  void make_in_place();
  publication publication_to_user();

  std::string sessions_;
  std::string path_;
  std::string session_path_;  ///< where git/ is; the same as `path_` but for an extra work tree
  bool extra_;
  descriptor folder_;
  workspace_record record_;
  edit_bounds bounds_;
  std::optional<std::pair<git_oid, std::vector<std::string>>> target_names_;  ///< of a tree
  struct stat record_status_ {};
  repository_ptr private_;
  std::shared_ptr<candidate_log> candidates_;  ///< of `private_`
  repository_ptr user_;
  std::unique_ptr<tree_reader> reader_;
  std::unique_ptr<cached_folder> cache_;
  preserved_paths preserved_;
  std::vector<kept_entry> kept_;
  file_dates dates_;
  struct stat setup_status_ {};      ///< of the snapshot that `kept_` is from
  std::optional<git_oid> kept_for_;  ///< the tree that keep_products() was called for last
  std::vector<kept_entry> checked_out_;
  std::unique_ptr<run_eyes> eyes_;   ///< null in place, and in workspaces of older versions
  std::set<std::string> unwatched_;  ///< of the index in `eyes_`
  std::vector<std::string> missing_, absent_;  ///< as in workspace_info; known when it is made
  bool cache_unsaved_ = false;
  bool eyes_seen_ = false;  ///< by the restore just now, nothing having been announced since
  tree_knowledge known_;
  tree_knowledge::state before_run_;
  std::size_t files_seen_ = 0;  ///< when all was looked at last
  std::size_t overlay_from_ = 0;
  run_overlay overlay_;
};

}  // namespace ratchet::git
