// SPDX-License-Identifier: MIT
//
// A session on a project that is really built: its program prints its own constants, and each
// compilation is counted.
#pragma once

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace ratchet::test {

/// Two sources with a constant each, and a program that prints "score: 100 p + q".
std::map<std::string, std::string> two_constants();
std::string constant(const std::string& name, int value);

std::int64_t mtime_ns(const std::filesystem::path& file);
std::int64_t second_of(std::int64_t ns);
void set_mtime_ns(const std::filesystem::path& file, std::int64_t ns);
bool installed(const std::string& program);

class build_laboratory {
 public:
  build_laboratory(const std::map<std::string, std::string>& files,
                   std::vector<std::string> targets,
                   workspace_kind kind = workspace_kind::worktree);

  /// As setup_command: in the work tree, then kept.
  void set_up(const std::string& command);
  /// In the work tree, between begin_run and end_run; "score: N" gives N, anything else -1.
  int run(const std::string& command);
  /// The same as build_command.
  void build(const std::string& command);
  /// Of a tree that is p and q in two_constants().
  std::string tree(int p, int q);
  void restore(const std::string& tree) { must(port->restore(id, tree)); }
  /// What the session does at a keep.
  void keep(const std::string& tree);
  /// As another process that finds what this one left, which was killed.
  void reopen();
  /// Compilations since the last call.
  int compiled();
  std::int64_t time_of(const std::string& path) const { return mtime_ns(work / path); }

  temp_folder folder;
  std::filesystem::path root, outside;
  session_settings settings;
  work_tree_id id{"s"};
  std::shared_ptr<workspace_port> port;
  workspace_info info;
  std::filesystem::path work;
  std::string cc;  ///< the compiler that counts

 private:
  std::vector<std::shared_ptr<workspace_port>> killed_;
  std::string head_;
  std::size_t seen_ = 0;
};

}  // namespace ratchet::test
