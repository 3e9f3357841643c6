// SPDX-License-Identifier: MIT
//
// What Ratchet adds to an iteration (edit, run, decide) beyond the child process, against a floor
// measured in the same run: posix_spawn + wait of the same command, one SQLite commit synced to the
// disk, one libgit2 commit. Prints medians in milliseconds and ratios as JSON.
//
//   iteration_bench [iterations 60] [files 0] [sandbox none]
//       files: how many more the repository holds; in sandbox auto the runs in a repository of many
//       see it through an overlay
#include <fcntl.h>
#include <git2.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/bench/laboratory.hpp"

extern char** environ;

namespace {

using ratchet::json;
using namespace ratchet::bench;

double spawn_and_wait(const std::string& file) {
  auto begin = clock_type::now();
  const char* argv[] = {"/bin/cat", file.c_str(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  if (posix_spawn(&pid, argv[0], &actions, nullptr, const_cast<char**>(argv), environ) != 0)
    give_up("posix_spawn");
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  waitpid(pid, &status, 0);
  return ms_since(begin);
}

class sqlite_floor {
 public:
  explicit sqlite_floor(const fs::path& file) {
    if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) give_up("sqlite3_open");
    sqlite3_exec(db_, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(x TEXT)",
                 nullptr, nullptr, nullptr);
  }
  ~sqlite_floor() { sqlite3_close(db_); }
  double commit() {
    auto begin = clock_type::now();
    std::string row = "INSERT INTO t VALUES('" + std::string(2000, 'x') + "')";
    if (sqlite3_exec(db_, row.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) give_up("sqlite");
    return ms_since(begin);
  }

 private:
  sqlite3* db_ = nullptr;
};

/// A blob, a tree and a commit, synced as the runtime's are, on a branch.
double commit_with_libgit2(const fs::path& repository, int n) {
  auto begin = clock_type::now();
  git_repository* repo = nullptr;
  if (git_repository_open(&repo, repository.c_str()) != 0) give_up("git_repository_open");
  git_oid blob, tree_id, commit_id;
  std::string text = "floor " + std::to_string(n) + "\n";
  git_blob_create_from_buffer(&blob, repo, text.data(), text.size());
  git_treebuilder* builder = nullptr;
  git_treebuilder_new(&builder, repo, nullptr);
  git_treebuilder_insert(nullptr, builder, "score.txt", &blob, GIT_FILEMODE_BLOB);
  git_treebuilder_write(&tree_id, builder);
  git_treebuilder_free(builder);
  git_tree* tree = nullptr;
  git_tree_lookup(&tree, repo, &tree_id);
  git_signature* who = nullptr;
  git_signature_now(&who, "b", "b@localhost");
  git_reference* head = nullptr;
  git_commit* parent = nullptr;
  if (git_reference_lookup(&head, repo, "refs/heads/floor") == 0)
    git_commit_lookup(&parent, repo, git_reference_target(head));
  const git_commit* parents[] = {parent};
  if (git_commit_create(&commit_id, repo, "refs/heads/floor", who, who, nullptr, "floor", tree,
                        parent ? 1 : 0, parents) != 0)
    give_up("git_commit_create");
  git_reference_free(head);
  git_commit_free(parent);
  git_signature_free(who);
  git_tree_free(tree);
  git_repository_free(repo);
  return ms_since(begin);
}

}  // namespace

int main(int argc, char** argv) {
  int iterations = argc > 1 ? std::atoi(argv[1]) : 60;
  int files = argc > 2 ? std::atoi(argv[2]) : 0;
  std::string sandbox = argc > 3 ? argv[3] : "none";
  char scratch[] = "/tmp/ratchet-bench-XXXXXX";
  fs::path base = mkdtemp(scratch);
  auto repo = make_repository(base / "repo", files);
  auto floor_repo = make_repository(base / "floor", 0);
  auto opened = ratchet::runtime::open({.state_dir = base / "state"});
  if (!opened) give_up(opened.error().text);
  auto& lab = **opened;
  git_libgit2_init();
  // As durable as a kept commit is. (libgit2's global switch would sync the runtime's scratch,
  // too.)
  shell("git -C '" + floor_repo.string() + "' config core.fsyncObjectFiles true");
  auto settings = score_session(repo);
  settings["sandbox"] = sandbox;
  auto session = call(lab, "autoresearch_setup", settings);
  std::string id = session["session_id"];
  sqlite_floor sqlite(base / "floor.db");
  iteration_times kept, reverted;
  std::vector<double> child, floor, sql, git;
  for (int i = 1; i <= iterations; ++i) {
    double spawned = spawn_and_wait((floor_repo / "score.txt").string());
    double wrote = sqlite.commit();
    double made = commit_with_libgit2(floor_repo, i);
    child.push_back(spawned);
    sql.push_back(wrote);
    git.push_back(made);
    floor.push_back(spawned + wrote + made);
    one_iteration(lab, id, i, "kept", kept);
    one_iteration(lab, id, -i, "reverted", reverted);
  }
  auto report = [&](const char* name, const iteration_times& t) {
    json line{{"iteration", name},
              {"median_ms", median(t.total)},
              {"beyond_child_ms", median(t.total) - median(child)},
              {"edit_ms", median(t.edit)},
              {"run_ms", median(t.run)},
              {"decide_ms", median(t.decide)},
              {"floor_ms", median(floor)},
              {"ratio_to_floor", median(t.total) / median(floor)}};
    std::printf("%s\n", line.dump().c_str());
  };
  std::printf("%s\n", json{{"files", files},
                           {"sandbox", sandbox},
                           {"iterations", iterations},
                           {"child_ms", median(child)},
                           {"sqlite_commit_ms", median(sql)},
                           {"git_commit_ms", median(git)}}
                          .dump()
                          .c_str());
  report("kept", kept);
  report("reverted", reverted);
  fs::remove_all(base);
}
