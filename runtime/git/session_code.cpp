// SPDX-License-Identifier: MIT
#include "runtime/git/session_code.hpp"

#include "actors/logic/text.hpp"
#include "runtime/git/candidate_tree.hpp"
#include "runtime/git/lanes.hpp"
#include "runtime/git/private_repository.hpp"
#include "runtime/git/target_files.hpp"

namespace ratchet {

namespace {

namespace fs = std::filesystem;

/// A repository with all that its handle reads.
using opened = git::private_repository;

opened open_code(const fs::path& sessions, const read_code& wanted) {
  git::check_work_tree_id(wanted.session_id);
  const auto own = sessions / wanted.session_id;
  if (fs::exists(own / "workspace.json")) return git::join_private_repository(own.string());
  git::start_libgit2();
  opened users;
  git::check(git_repository_open(git::out(users.repository), wanted.repo_path.c_str()),
             "open " + wanted.repo_path + ", where the kept code of an ended session is");
  return users;
}

void check_there(git_repository* repository, const git_oid& code) {
  git::odb_ptr odb;
  git::check(git_repository_odb(git::out(odb), repository), "open the objects of the session");
  if (git_odb_exists(odb.get(), &code) == 0)
    git::refuse(errc::workspace_failed,
                "the code " + git::hex(code).substr(0, 12) +
                    " is stored no more: of a session that has ended only what was kept is; the "
                    "diff of every iteration is (what: \"diff\")");
}

code_read file_of(git_repository* repository, const git_oid& code, const std::string& path) {
  code_read read;
  git::tree_ptr tree = git::tree_of(repository, code);
  git::tree_entry_ptr entry = git::entry_at(tree.get(), path);
  read.file = path;
  read.there = entry && git_tree_entry_type(entry.get()) == GIT_OBJECT_BLOB;
  if (!read.there) return read;
  git::blob_ptr blob;
  git::check(git_blob_lookup(git::out(blob), repository, git_tree_entry_id(entry.get())),
             "read " + path);
  read.bytes = static_cast<long long>(git_blob_rawsize(blob.get()));
  read.binary = git_blob_is_binary(blob.get()) != 0;
  if (!read.binary)
    read.text = valid_utf8({static_cast<const char*>(git_blob_rawcontent(blob.get())),
                            static_cast<std::size_t>(read.bytes)});
  return read;
}

/// The targets with their sizes, a line each; of a single one the text.
code_read targets_of(git_repository* repository, const git_oid& code, const read_code& wanted) {
  git::tree_ptr tree = git::tree_of(repository, code);
  const git::edit_bounds bounds{target_set(wanted.target_files), wanted.protected_paths, {}};
  const auto files = git::targets_in(tree.get(), bounds).files;
  if (files.size() == 1) return file_of(repository, code, files.front());
  code_read list;
  for (const auto& path : files)
    list.text +=
        one_line(path) + "  " + std::to_string(file_of(repository, code, path).bytes) + " bytes\n";
  list.bytes = static_cast<long long>(list.text.size());
  return list;
}

int add_file(const char* root, const git_tree_entry* entry, void* into) {
  const auto mode = git_tree_entry_filemode(entry);
  if (mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE)
    static_cast<std::vector<std::string>*>(into)->push_back(std::string(root) +
                                                            git_tree_entry_name(entry));
  return 0;
}

std::vector<std::string> paths_of(git_repository* repository, const git_oid& code) {
  git::tree_ptr tree = git::tree_of(repository, code);
  std::vector<std::string> paths;
  git::check(git_tree_walk(tree.get(), GIT_TREEWALK_PRE, add_file, &paths),
             "list the files of " + git::hex(code));
  return paths;
}

class session_code final : public code_port {
 public:
  explicit session_code(fs::path sessions) : sessions_(std::move(sessions)) {}

  expected<code_read> read(const read_code& wanted) override {
    return git::guarded([&] {
      const opened from = open_code(sessions_, wanted);
      const git_oid code = git::parse_id(wanted.code, "code");
      check_there(from.repository.get(), code);
      if (wanted.against.empty() && wanted.file.empty())
        return targets_of(from.repository.get(), code, wanted);
      if (wanted.against.empty()) return file_of(from.repository.get(), code, wanted.file);
      code_read difference;
      difference.text =
          git::diff_text(from.repository.get(), git::parse_id(wanted.against, "against"), code, {});
      difference.bytes = static_cast<long long>(difference.text.size());
      return difference;
    });
  }

  expected<code_files> files(const read_code& of,
                             const std::function<bool(const std::string&)>& wanted,
                             std::size_t most_bytes) override {
    return git::guarded([&] {
      const opened from = open_code(sessions_, of);
      const git_oid code = git::parse_id(of.code, "code");
      check_there(from.repository.get(), code);
      code_files found;
      std::size_t room = most_bytes;
      for (auto& path : paths_of(from.repository.get(), code)) {
        if (!wanted(path)) continue;
        auto file = file_of(from.repository.get(), code, path);
        if (file.binary || file.text.size() > room) {
          found.left_out.push_back(std::move(path));
          continue;
        }
        room -= file.text.size();
        found.texts[std::move(path)] = std::move(file.text);
      }
      return found;
    });
  }

 private:
  fs::path sessions_;
};

}  // namespace

std::shared_ptr<code_port> open_session_code(const fs::path& state_dir) {
  return std::make_shared<session_code>(state_dir / "sessions");
}

}  // namespace ratchet
