// SPDX-License-Identifier: MIT
//
// What cannot be worked on is refused in one sentence, before anything is touched.
#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

/// Refused by inspect() and create() alike, with `word` in the text; nothing is left behind.
void refused(const temp_repository& repo, const session_settings& settings, errc code,
             const std::string& word) {
  auto port = must(open_workspaces(repo.state));
  auto before = picture_of(repo.folder.path);
  auto why = failed_with(code, port->inspect(settings));
  CAPTURE(why.text);
  CHECK(why.text.find(word) != std::string::npos);
  CHECK_FALSE(why.details.is_null());
  failed_with(code, port->create("s", settings));
  CHECK(differences(before, picture_of(repo.folder.path)) == "");
}

void repository_refused(const temp_repository& repo, const fs::path& path,
                        const std::string& word) {
  auto settings = repo.settings();
  settings.repo_path = path;
  refused(repo, settings, errc::repository_refused, word);
}

void target_refused(const temp_repository& repo, const std::string& target,
                    const std::string& word) {
  CAPTURE(target);
  auto settings = repo.settings();
  settings.target_files = {target};
  refused(repo, settings, errc::invalid_argument, word);
  auto port = must(open_workspaces(repo.state));
  auto why = port->inspect(settings).error();
  CHECK(why.details["field"] == "target_file");
  CHECK(why.text.find("target_file: \"") == 0);
}

}  // namespace

TEST_CASE("a folder that is no repository, or not its root, is refused with what to use") {
  temp_repository repo;
  repository_refused(repo, "", "empty");
  repository_refused(repo, repo.folder.path / "absent", "absent");
  repository_refused(repo, repo.outside, "git init");
  repository_refused(repo, repo.root / "src", repo.root.string() + "\"");
  repository_refused(repo, repo.root / ".git", "root");
  repository_refused(repo, repo.root / "train.py", "not a folder");
  shell(repo.folder.path, "git clone -q --bare repo bare.git && git init -q unborn");
  repository_refused(repo, repo.folder.path / "bare.git", "bare");
  repository_refused(repo, repo.folder.path / "unborn", "no commit");
}

TEST_CASE("repositories that libgit2 cannot read are refused by name") {
  temp_repository repo;
  shell(repo.folder.path, "git init -q --object-format=sha256 sha");
  repository_refused(repo, repo.folder.path / "sha", "SHA-256");
  repo.git("config uploadpack.allowFilter true");
  shell(repo.folder.path, "git clone -q --filter=blob:none file://$PWD/repo partial");
  repository_refused(repo, repo.folder.path / "partial", "partial clone");
  repo.git("config core.repositoryformatversion 1 && git config extensions.worktreeConfig true");
  repository_refused(repo, repo.root, "worktreeConfig");
  repo.git("config --unset extensions.worktreeConfig && git config extensions.fromthefuture 1");
  repository_refused(repo, repo.root, "extension");
}

TEST_CASE("a target that is no tracked regular file or folder of the repository is refused") {
  temp_repository repo;
  write_text(repo.root / "new.py", "x");
  for (std::string path : {"../outside/secret.txt", "src/../../outside/secret.txt"})
    target_refused(repo, path, "leaves the repository");
  target_refused(repo, "/etc/passwd", "absolute");
  target_refused(repo, "", "empty");
  target_refused(repo, "./train.py", "component");
  target_refused(repo, ".git/config", "git's own");
  target_refused(repo, "src/.GIT/config", "git's own");
  target_refused(repo, "link", "symbolic link");
  target_refused(repo, "away/secret.txt", "not tracked");
  target_refused(repo, "new.py", "not tracked");
  target_refused(repo, "absent.py", "not tracked");
  fs::rename(repo.root / "src", repo.root / "moved");
  fs::create_directory_symlink(repo.outside, repo.root / "src");
  target_refused(repo, "src/model.py", "symbolic link");
  repo.git("update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub && git commit -qm sub");
  target_refused(repo, "sub", "submodule");
}

TEST_CASE("a target behind a filter such as LFS is refused") {
  temp_repository repo;
  write_text(repo.root / ".gitattributes", "src/model.py filter=lfs\n");
  target_refused(repo, "src/model.py", "lfs");
}

TEST_CASE("protected and shared paths are checked") {
  temp_repository repo;
  auto settings = repo.settings();
  settings.protected_paths = {"train.py"};
  refused(repo, settings, errc::invalid_argument, "protected");
  settings.target_files = {"src/model.py"};
  settings.protected_paths = {"src/"};
  refused(repo, settings, errc::invalid_argument, "protected");
  settings.protected_paths = {"../x"};
  refused(repo, settings, errc::invalid_argument, "protected_paths");
  settings.protected_paths = {};
  for (std::string path : {"absent", "../outside", "/tmp", ".git", "train.py", "src", "link"}) {
    CAPTURE(path);
    settings.shared_paths = {path};
    refused(repo, settings, errc::invalid_argument, "shared_paths");
  }
  fs::create_directories(repo.root / "data" / "raw");
  settings.shared_paths = {"data/raw", "data"};
  refused(repo, settings, errc::invalid_argument, "overlaps");
  settings = repo.settings();
  settings.target_files = {"train.py", "train.py"};
  refused(repo, settings, errc::invalid_argument, "twice");
  settings.target_files = {};
  refused(repo, settings, errc::invalid_argument, "target_file");
}

TEST_CASE("shallow, sparse, linked and borrowing repositories work") {
  temp_repository repo;
  repo.git("commit -q --allow-empty -m second");
  shell(repo.folder.path,
        "git clone -q --depth 1 file://$PWD/repo shallow && "
        "git clone -q --shared repo borrowing && "
        "git -C repo worktree add -q ../linked && "
        "mkdir nested && git clone -q --shared borrowing nested/twice && "
        "echo ../../../../borrowing/.git/objects > "
        "nested/twice/.git/objects/info/alternates");
  auto port = must(open_workspaces(repo.state));
  for (std::string name : {"shallow", "borrowing", "linked", "nested/twice"}) {
    CAPTURE(name);
    auto settings = repo.settings();
    settings.repo_path = repo.folder.path / name;
    std::string id = fs::path(name).filename();
    auto info = must(port->create(id, settings));
    auto edit = must(port->apply(id, info.base_commit, {{"train.py", "x\n"}}));
    auto commit = must(port->commit(id, edit.tree, info.base_commit, "m", 0));
    must(port->publish(id, commit, info.base_commit));
    CHECK(shell(settings.repo_path, "git show ratchet/" + id + ":train.py") == "x\n");
  }
}

TEST_CASE("line ends are left as the commit has them, whatever autocrlf says") {
  temp_repository repo;
  repo.git("config core.autocrlf true");
  write_text(repo.root / ".gitattributes", "* text=auto eol=crlf\n");
  repo.git("add -A && git commit -qm attributes");
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  CHECK(must(port->targets("s")).at("train.py") == "lr = 0.1\nprint('score: 1')\n");
}
