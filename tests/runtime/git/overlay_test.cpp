// SPDX-License-Identifier: MIT
//
// Runs that see the work tree through an overlay, mounted by the real launcher.
#include "runtime/git/workspaces.hpp"
#include "runtime/process/process_runner.hpp"
#include "tests/runtime/git/hostile_mutations.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

/// One session whose runs are offered an overlay from the first on.
struct overlaid_session {
  temp_repository repo;
  std::shared_ptr<workspace_port> port = must(open_workspaces(repo.state, 1));
  std::shared_ptr<process_port> processes =
      must(open_process_runner(RATCHET_BIN_DIR "/ratchet-launcher"));
  workspace_info info;
  fs::path work;

  explicit overlaid_session(std::vector<std::string> protected_paths = {}) {
    auto settings = repo.settings();
    settings.protected_paths = std::move(protected_paths);
    info = must(port->create("s", settings));
    work = info.directory;
    must(port->restore("s", info.base_tree));
  }

  /// Whether it ran through an overlay, and how it ended.
  process_outcome run(const std::string& script) {
    process_request request;
    request.command.shell = script;
    request.directory = info.directory;
    request.sandbox = sandbox_mode::automatic;
    request.network = false;
    request.overlay = must(port->begin_run("s"));
    auto outcome = must(processes->run(request, nullptr, {}));
    must(port->end_run("s", outcome.overlaid));
    return outcome;
  }

  /// False, with a message, where this machine mounts no overlay.
  bool possible() {
    if (run("true").overlaid) {
      must(port->restore("s", info.base_tree));
      return true;
    }
    MESSAGE("this machine lets Ratchet mount no overlay; nothing to see here");
    return false;
  }

  std::string tree_with(const std::string& text) {
    return must(port->draft("s", info.base_commit, {{"train.py", text}})).tree;
  }
};

bool any_overlay_left(const fs::path& work) {
  for (const auto& entry : fs::directory_iterator(work.parent_path()))
    if (entry.path().filename().string().starts_with("overlay-")) return true;
  return false;
}

}  // namespace

TEST_CASE("what a run does through an overlay never reaches the work tree, however hostile") {
  overlaid_session s;
  if (!s.possible()) return;
  const auto whole = picture_of(s.work);
  const auto outside = picture_of(s.repo.outside);
  int runs = 0;
  for (const auto& m : hostile_mutations()) {
    if (m.script.empty()) continue;
    CAPTURE(m.name);
    CHECK(s.run(m.script).overlaid);
    ++runs;
    CHECK(differences(whole, picture_of(s.work)) == "");
    const std::string text = "lr = " + std::to_string(runs) + "\n";
    must(s.port->restore("s", s.tree_with(text)));
    CHECK(read_text(s.work / "train.py") == text);
    CHECK_FALSE(any_overlay_left(s.work));
    must(s.port->restore("s", s.info.base_tree));
    CHECK(differences(whole, picture_of(s.work)) == "");
  }
  CHECK(runs >= 24);
  CHECK(differences(outside, picture_of(s.repo.outside)) == "");
}

TEST_CASE("what the run left is read through the overlay until the next restore") {
  overlaid_session s;
  if (!s.possible()) return;
  auto read = [&](const std::string& path) { return must(s.port->read_file("s", path, 1000)); };
  s.run(
      "echo 1 > result.json; rm eval.py; rm -r src/deep; mkdir -p src/deep; "
      "echo new > src/deep/made; ln -s train.py by-link; mkdir folder; rm -r data; echo x > data");
  CHECK(read("result.json") == "1\n");
  CHECK(read("train.py") == read_text(s.work / "train.py"));  // which was not written to
  CHECK(read("src/model.py").has_value());
  CHECK_FALSE(read("eval.py"));
  CHECK_FALSE(read("src/deep/er/data.txt"));  // of the folder that was there before
  CHECK(read("src/deep/made") == "new\n");
  CHECK_FALSE(read("by-link"));
  CHECK_FALSE(read("folder"));
  CHECK_FALSE(read("folder/x"));
  CHECK_FALSE(read("data/raw/x"));
  must(s.port->restore("s", s.info.base_tree));
  s.run("head -c 2000 /dev/zero > result.json");
  failed_with(errc::workspace_failed, s.port->read_file("s", "result.json", 1000));
  must(s.port->restore("s", s.info.base_tree));
  CHECK_FALSE(read("result.json"));
  CHECK(read("eval.py").has_value());
}

TEST_CASE("protected files that a run changed are told through the overlay") {
  overlaid_session s({"eval.py", "src/deep/", "conftest.py", "tests/hidden.py"});
  if (!s.possible()) return;
  auto changed_by = [&](const std::string& script) {
    CHECK(s.run(script).overlaid);
    auto changed = must(s.port->changed_protected("s"));
    must(s.port->restore_protected("s"));
    must(s.port->restore("s", s.info.base_tree));
    return changed;
  };
  using names = std::vector<std::string>;
  CHECK(changed_by("echo x > train.py; touch eval.py; mkdir tests; touch tests/other") == names{});
  CHECK(changed_by("touch src/deep/er/data.txt") == names{});
  CHECK(changed_by("echo cheat > eval.py") == names{"eval.py"});
  CHECK(changed_by("rm eval.py") == names{"eval.py"});
  CHECK(changed_by("touch conftest.py") == names{"conftest.py"});
  CHECK(changed_by("mkdir tests; touch tests/hidden.py") == names{"tests/hidden.py"});
  CHECK(changed_by("touch src/deep/new") == names{"src/deep/new"});
  CHECK(changed_by("echo x > src/deep/er/data.txt") == names{"src/deep/er/data.txt"});
  CHECK(changed_by("rm -r src/deep/er; mkdir src/deep/er") == names{"src/deep/er/data.txt"});
  CHECK(changed_by("rm src/deep/er/data.txt") == names{"src/deep/er/data.txt"});
  CHECK(changed_by("rm -r src; echo x > src") == names{"src/deep"});
}

TEST_CASE("what others wrote into a work tree that runs are overlaid on goes with the next look") {
  overlaid_session s;
  if (!s.possible()) return;
  write_text(s.work / "stray", "x");
  while (fs::exists(s.work / "stray")) {  // at most 20 times as long as a look takes
    CHECK(s.run("true").overlaid);
    must(s.port->restore("s", s.info.base_tree));
  }
  // A run that was not overlaid, and an editor that was announced, are looked after at once.
  must(s.port->begin_run("s"));
  write_text(s.work / "stray", "x");
  must(s.port->restore("s", s.info.base_tree));
  CHECK_FALSE(fs::exists(s.work / "stray"));
}

TEST_CASE("where no overlay can be had a run is as before, and none is offered again") {
  overlaid_session s;
  CHECK(must(s.port->begin_run("s")) != "");
  must(s.port->end_run("s", false));
  write_text(s.work / "left", "x");
  must(s.port->restore("s", s.info.base_tree));
  CHECK_FALSE(fs::exists(s.work / "left"));
  CHECK(must(s.port->begin_run("s")) == "");
  CHECK_FALSE(any_overlay_left(s.work));
}

TEST_CASE("what a killed process left of an overlay goes when the session is opened again") {
  overlaid_session s;
  std::string folder = must(s.port->begin_run("s"));
  write_text(fs::path(folder) / "upper" / "x", "x");
  fs::create_directories(fs::path(folder) / "work" / "work");
  fs::permissions(fs::path(folder) / "work" / "work", fs::perms::none);
  s.port.reset();
  fs::create_directories(folder + "/upper");  // as if the process had not lived to remove it
  s.port = must(open_workspaces(s.repo.state, 1));
  must(s.port->restore("s", s.info.base_tree));
  CHECK_FALSE(any_overlay_left(s.work));
}

TEST_CASE("a small work tree is offered no overlay, nor one that is edited in place") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  must(port->restore("s", info.base_tree));
  CHECK(must(port->begin_run("s")) == "");
  auto eager = must(open_workspaces(repo.folder.path / "other-state", 1));
  auto settings = repo.settings();
  settings.workspace = workspace_kind::in_place;
  auto in_place = must(eager->create("p", settings));
  must(eager->restore("p", in_place.base_tree));
  CHECK(must(eager->begin_run("p")) == "");
}
