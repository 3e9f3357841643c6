// SPDX-License-Identifier: MIT
//
// Folders and patterns as targets: which files they give, and what edits may do there.
#include "runtime/git/target_files.hpp"

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

using names = std::vector<std::string>;

/// A repository whose targets are given so, and its session "s".
struct folder_laboratory {
  explicit folder_laboratory(names targets, workspace_kind kind = workspace_kind::worktree) {
    if (kind == workspace_kind::in_place) write_text(repo.root / "src/mine.py", "mine\n");
    settings = repo.settings();
    settings.target_files = std::move(targets);
    settings.workspace = kind;
    port = must(open_workspaces(repo.state));
    info = must(port->create("s", settings));
  }
  fs::path work() const { return info.directory; }
  applied_edit apply(const std::vector<file_change>& changes) {
    return must(port->apply("s", info.base_commit, changes));
  }
  failure refused(const std::vector<file_change>& changes) {
    const auto before = picture_of(work());
    auto why = failed_with(errc::edit_refused, port->apply("s", info.base_commit, changes));
    CHECK(differences(before, picture_of(work())) == "");
    return why;
  }

  temp_repository repo;
  session_settings settings;
  std::shared_ptr<workspace_port> port;
  workspace_info info;
};

bool says(const failure& why, const std::string& what) {
  return why.text.find(what) != std::string::npos;
}

std::string refused_targets(const names& targets) {
  temp_repository repo;
  auto settings = repo.settings();
  settings.target_files = targets;
  auto port = must(open_workspaces(repo.state));
  return failed_with(errc::invalid_argument, port->inspect(settings)).text;
}

}  // namespace

TEST_CASE("a folder or pattern gives the tracked files that it matches") {
  folder_laboratory lab({"src", "*.py", "!src/deep"});
  CHECK(lab.info.targets == names{"eval.py", "src/model.py", "src/other.py", "train.py"});
  auto texts = must(lab.port->targets("s"));
  CHECK(texts.size() == 4);
  CHECK(texts.at("src/other.py") == "pass\n");
  CHECK(must(git::targets_in_head(lab.repo.root, {"src/**/*.txt"})) ==
        names{"src/deep/er/data.txt"});
}

TEST_CASE("where a folder says so files are made, in new folders too, and removed") {
  folder_laboratory lab({"src/**"});
  auto edit = lab.apply({{"src/new/er/head.hpp", "#pragma once\n"},
                         {"src/model.py", std::nullopt},
                         {"src/other.py", "import new\n"}});
  CHECK(edit.files_changed == names{"src/model.py", "src/new/er/head.hpp", "src/other.py"});
  CHECK(edit.diff.find("new file mode 100644") != std::string::npos);
  CHECK(read_text(lab.work() / "src/new/er/head.hpp") == "#pragma once\n");
  CHECK(must(lab.port->targets("s")).count("src/new/er/head.hpp") == 1);
  CHECK(must(lab.port->targets("s")).count("src/model.py") == 0);

  auto kept = must(lab.port->commit("s", edit.tree, lab.info.base_commit, "m", 1000));
  must(lab.port->publish("s", kept, lab.info.base_commit));
  must(lab.port->restore("s", kept));
  CHECK(lab.repo.git("show --name-status --format= ratchet/s") ==
        "D\tsrc/model.py\nA\tsrc/new/er/head.hpp\nM\tsrc/other.py\n");
  // The file is a target like any other from now on, and another edit takes it away again.
  must(lab.port->apply("s", kept, {{"src/new/er/head.hpp", std::nullopt}}));
  CHECK_FALSE(fs::exists(lab.work() / "src/new"));
  must(lab.port->restore("s", lab.info.base_tree));
  CHECK(fs::exists(lab.work() / "src/model.py"));
}

TEST_CASE("a reopened session knows what its folders mean") {
  folder_laboratory lab({"src"});
  auto edit = lab.apply({{"src/new.py", "x\n"}});
  auto kept = must(lab.port->commit("s", edit.tree, lab.info.base_commit, "m", 1000));
  must(lab.port->publish("s", kept, lab.info.base_commit));
  auto again = must(open_workspaces(lab.repo.state));
  must(again->restore("s", kept));
  CHECK(must(again->targets("s")).count("src/new.py") == 1);
  must(again->create({"s", 1}, lab.settings));
  must(again->restore({"s", 1}, kept));
  CHECK(must(again->targets({"s", 1})).count("src/new.py") == 1);
}

TEST_CASE("a new file is refused where git, a rule or another file stands against it") {
  folder_laboratory lab({"**", "!docs"});
  CHECK(says(lab.refused({{"src/run.log", "x"}}), "git ignores"));
  CHECK(says(lab.refused({{"src/__pycache__/x.pyc", "x"}}), "git ignores"));
  CHECK(says(lab.refused({{".gitignore", "*"}}), "not a target"));
  CHECK(says(lab.refused({{"src/.gitattributes", "*"}}), "not a target"));
  CHECK(says(lab.refused({{"docs/a.md", "x"}}), "not a target"));
  CHECK(says(lab.refused({{"train.py/x.py", "x"}}), "no folder"));
  CHECK(says(lab.refused({{"src", "x"}}), "regular file"));
  CHECK(says(lab.refused({{"link/x", "x"}}), "no folder"));
  for (const char* path : {"../x", "/etc/x", ".git/hooks/x", "src/../x"})
    lab.refused({{path, "x"}});
}

TEST_CASE("protected paths stay protected inside of a folder") {
  temp_repository repo;
  auto settings = repo.settings();
  settings.target_files = {"src"};
  settings.protected_paths = {"src/deep"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", settings));
  CHECK(info.targets == names{"src/model.py", "src/other.py"});
  auto why = failed_with(errc::edit_refused,
                         port->apply("s", info.base_commit, {{"src/deep/new.txt", "x"}}));
  CHECK(says(why, "is protected"));
}

TEST_CASE("what a program made in a target folder is taken over, ignored leftovers are not") {
  folder_laboratory lab({"src"});
  fs::create_directories(lab.work() / "src/new");
  write_text(lab.work() / "src/new/part.py", "x = 1\n");
  write_text(lab.work() / "src/other.py", "import part\n");
  write_text(lab.work() / "src/run.log", "left over\n");
  fs::remove(lab.work() / "src/model.py");
  auto edit = must(lab.port->adopt("s", lab.info.base_commit));
  CHECK(edit.files_changed == names{"src/model.py", "src/new/part.py", "src/other.py"});
  CHECK_FALSE(fs::exists(lab.work() / "src/run.log"));
  CHECK(must(lab.port->targets("s")).at("src/new/part.py") == "x = 1\n");
}

TEST_CASE("binary leftovers and links in a target folder are no edit") {
  folder_laboratory lab({"src"});
  write_text(lab.work() / "src/a.out", std::string("\x7f"
                                                   "ELF\0\0",
                                                   6));
  CHECK(says(failed_with(errc::edit_refused, lab.port->adopt("s", lab.info.base_commit)),
             "new and binary"));
  fs::create_symlink("/etc/passwd", lab.work() / "src/link");
  CHECK(says(failed_with(errc::edit_refused, lab.port->adopt("s", lab.info.base_commit)),
             "no longer a regular file"));
  CHECK_FALSE(fs::exists(lab.work() / "src/link"));
}

TEST_CASE("what setup made beside the targets is a product and no target") {
  folder_laboratory lab({"src"});
  write_text(lab.work() / "src/config.h", "#define A 1\n");
  must(lab.port->keep_setup("s"));
  CHECK(must(lab.port->targets("s")).count("src/config.h") == 0);
  CHECK(says(failed_with(errc::edit_refused,
                         lab.port->apply("s", lab.info.base_commit, {{"src/config.h", "x"}})),
             "setup_command"));
  write_text(lab.work() / "src/other.py", "x\n");
  CHECK(must(lab.port->adopt("s", lab.info.base_commit)).files_changed == names{"src/other.py"});
  CHECK(read_text(lab.work() / "src/config.h") == "#define A 1\n");
}

TEST_CASE(
    "in place, a new file goes into the branch and the index, and never over the user's own") {
  folder_laboratory lab({"src"}, workspace_kind::in_place);
  CHECK(says(lab.refused({{"src/mine.py", "x"}}), "is there already"));
  auto edit = lab.apply({{"src/new.py", "x\n"}, {"src/model.py", std::nullopt}});
  CHECK(must(lab.port->targets_are("s", edit.tree)));
  CHECK_FALSE(must(lab.port->targets_are("s", lab.info.base_commit)));
  auto kept = must(lab.port->commit("s", edit.tree, lab.info.base_commit, "m", 1000));
  must(lab.port->publish("s", kept, lab.info.base_commit));
  CHECK(lab.repo.git("status --porcelain") == "?? src/mine.py\n");
  auto next = must(lab.port->apply("s", kept, {{"src/second.py", "x\n"}}));
  must(lab.port->restore("s", kept));
  CHECK_FALSE(fs::exists(lab.repo.root / "src/second.py"));
  CHECK(read_text(lab.repo.root / "src/mine.py") == "mine\n");
  CHECK(must(lab.port->targets_are("s", kept)));
  write_text(lab.repo.root / "src/new.py", "by somebody else\n");
  CHECK_FALSE(must(lab.port->targets_are("s", kept)));
}

TEST_CASE("in place, uncommitted work in a target folder is refused, untracked files are not") {
  temp_repository repo;
  auto settings = repo.settings();
  settings.target_files = {"src"};
  settings.workspace = workspace_kind::in_place;
  write_text(repo.root / "src/mine.py", "mine\n");
  auto port = must(open_workspaces(repo.state));
  must(port->inspect(settings));
  write_text(repo.root / "src/deep/er/data.txt", "dirty\n");
  CHECK(
      says(failed_with(errc::repository_refused, port->inspect(settings)), "src/deep/er/data.txt"));
}

TEST_CASE("targets that give nothing are refused, a pattern that gives none yet is told") {
  CHECK(refused_targets({"nothing/**"}).find("gives no file tracked in HEAD") != std::string::npos);
  CHECK(refused_targets({"src", "!src/**"}).find("gives no file") != std::string::npos);
  CHECK(refused_targets({"src/", "src"}).find("given twice") != std::string::npos);
  CHECK(refused_targets({"train.py/"}).find("is a file") != std::string::npos);
  CHECK(refused_targets({"link"}).find("symbolic link") != std::string::npos);
  folder_laboratory lab({"train.py", "include/**"});
  REQUIRE_FALSE(lab.info.missing.empty());
  CHECK(lab.info.missing.back().find("\"include/**\" gives no file yet") != std::string::npos);
  lab.apply({{"include/new.h", "x\n"}});
}

TEST_CASE("links and files behind filters are no targets, and setup says so") {
  temp_repository repo;
  write_text(repo.root / ".gitattributes", "*.bin filter=lfs\n");
  write_text(repo.root / "src/weights.bin", "w\n");
  fs::create_symlink("model.py", repo.root / "src/alias");
  repo.git("-c filter.lfs.clean=cat add -A");
  repo.git("commit -qm more");
  auto settings = repo.settings();
  settings.target_files = {"src"};
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", settings));
  CHECK(info.targets == names{"src/deep/er/data.txt", "src/model.py", "src/other.py"});
  const auto told = info.missing.empty() ? "" : info.missing.back();
  CHECK(told.find("src/alias (a symbolic link)") != std::string::npos);
  CHECK(told.find("src/weights.bin (through the git filter lfs)") != std::string::npos);
  for (const char* path : {"src/weights.bin", "src/more.bin"})
    CHECK(says(failed_with(errc::edit_refused, port->apply("s", info.base_commit, {{path, "x"}})),
               "filter"));
}

TEST_CASE("more than two thousand targets are refused with the number") {
  temp_repository repo;
  // In HEAD alone: that is where targets are looked for.
  repo.git(
      "rev-parse HEAD:run.sh > blob && seq 0 2000 | sed \"s|.*|100644 $(cat blob)\tmany/&|\" | git "
      "update-index --index-info && git commit -qm many");
  auto settings = repo.settings();
  settings.target_files = {"many"};
  auto port = must(open_workspaces(repo.state));
  auto why = failed_with(errc::invalid_argument, port->inspect(settings));
  CHECK(says(why, "gives 2001 files"));
  CHECK(says(why, "at most 2000"));
  settings.target_files = {"many/1*"};
  auto info = must(port->create("s", settings));
  std::vector<file_change> more;
  for (int i = 0; i < 900; ++i) more.push_back({"many/1new" + std::to_string(i), "x"});
  CHECK(says(failed_with(errc::edit_refused, port->apply("s", info.base_commit, more)),
             "more than 2000 targets"));
}
