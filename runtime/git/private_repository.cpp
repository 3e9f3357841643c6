// SPDX-License-Identifier: MIT
#include "runtime/git/private_repository.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "runtime/git/beneath.hpp"
#include "runtime/git/repository_checks.hpp"

namespace ratchet::git {

namespace fs = std::filesystem;

namespace {

// Flattened, because libgit2 takes relative alternates only in the first repository of a chain.
void collect_alternates(const fs::path& objects, std::set<fs::path>& seen, std::string& text,
                        int depth) {
  std::error_code error;
  fs::path real = fs::weakly_canonical(objects, error);
  if (error || depth > 5 || !seen.insert(real).second) return;
  text += real.string() + "\n";
  std::ifstream file(real / "info" / "alternates");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    fs::path next(line);
    collect_alternates(next.is_absolute() ? next : real / next, seen, text, depth + 1);
  }
}

descriptor make_folder(int dir, const char* name) {
  if (::mkdirat(dir, name, 0755) < 0) refuse_errno(std::string("make the folder git/") + name);
  descriptor folder = open_folder(dir, name);
  if (!folder) refuse_errno(std::string("open the folder git/") + name);
  return folder;
}

void put(int dir, const char* name, const std::string& text) {
  write_new(dir, name, text, 0644, std::string("git/") + name);
}

}  // namespace

std::string alternates_text(const std::string& common_dir) {
  std::string text;
  std::set<fs::path> seen;
  collect_alternates(fs::path(common_dir) / "objects", seen, text, 0);
  return text;
}

void make_bare_repository(int dir, const char* name, const std::string& branch) {
  descriptor git = make_folder(dir, name);
  put(git.get(), "HEAD", "ref: " + branch + "\n");
  put(git.get(), "config",
      "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tlogallrefupdates = false\n"
      "[gc]\n\tauto = 0\n");
  descriptor refs = make_folder(git.get(), "refs");
  make_folder(refs.get(), "heads");
  descriptor objects = make_folder(git.get(), "objects");
  make_folder(objects.get(), "pack");
  make_folder(objects.get(), "info");
}

void make_private_repository(int session_dir, const std::string& common_dir,
                             const std::string& branch, bool in_place) {
  make_bare_repository(session_dir, "git", branch);
  descriptor git = open_folder(session_dir, "git");
  // Laid over the user's config when we write to the user's repository.
  put(git.get(), "durable",
      std::string("[core]\n\tfsyncObjectFiles = true\n") +
          (in_place ? "" : "\tlogAllRefUpdates = false\n"));
  put(git.get(), "objects/info/alternates", alternates_text(common_dir));
}

private_repository open_private_repository(int session_dir, const std::string& session_path,
                                           const std::string& branch) {
  for (std::string lock : {"git/HEAD.lock", "git/packed-refs.lock", "git/config.lock"})
    ::unlinkat(session_dir, lock.c_str(), 0);
  ::unlinkat(session_dir, ("git/" + branch + ".lock").c_str(), 0);
  return join_private_repository(session_path);
}

private_repository join_private_repository(const std::string& session_path) {
  start_libgit2();
  private_repository opened;
  check(git_repository_open_bare(out(opened.repository), (session_path + "/git").c_str()),
        "open the session's private git directory " + session_path + "/git");
  opened.candidates = std::make_shared<candidate_log>(session_path + "/git/candidates");
  read_also(opened.repository.get(), opened.candidates);
  return opened;
}

repository_ptr open_durable(const std::string& repo_path, const std::string& session_path) {
  repository_ptr repository = open_user_repository(repo_path);
  config_ptr config;
  check(git_repository_config(out(config), repository.get()), "read the config of " + repo_path);
  check(git_config_add_file_ondisk(config.get(), (session_path + "/git/durable").c_str(),
                                   GIT_CONFIG_LEVEL_APP, repository.get(), 0),
        "set up synced writing to " + repo_path);
  return repository;
}

}  // namespace ratchet::git
