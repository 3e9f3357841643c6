// SPDX-License-Identifier: MIT
//
// Work trees made ready ahead of the next candidate.
#include "tests/runtime/objects/transfer_laboratory.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

TEST_CASE("a settled work tree becomes any other tree exactly as a plain restore makes it") {
  unsigned seed = transfer_seed();
  CAPTURE(seed);
  random_trees random(seed);
  temp_repository repo;
  fs::create_directory(repo.root / "build");
  auto settings = repo.settings();
  settings.shared_paths = {"build"};
  auto port = must(open_workspaces(repo.state));
  auto ahead = settling(port);
  fs::path settled = must(port->create("s", settings)).directory;
  fs::path plain = must(port->create(work_tree_id{"s", 1}, settings)).directory;
  for (const auto& [id, work] :
       {std::pair{work_tree_id{"s"}, settled}, std::pair{work_tree_id{"s", 1}, plain}}) {
    shell(work, "mkdir -p a/made/by setup && echo x > a/made/by/file && echo y > B");
    must(port->keep_setup(id));
  }
  git::repository_ptr objects;
  fs::path private_git = repo.state / "sessions/s/git";
  REQUIRE(git_repository_open_bare(git::out(objects), private_git.c_str()) == 0);
  auto files = random.tree();
  for (int round = 0; round < 30; ++round) {
    std::string before = git::hex(plant(objects.get(), files));
    files = round % 10 == 9 ? random.tree() : random.changed(files);
    std::string after = git::hex(plant(objects.get(), files));
    must(ahead->settle("s", before));
    must(port->restore("s", after));
    must(port->restore(work_tree_id{"s", 1}, after));
    REQUIRE(differences(picture_of(plain, {".git"}), picture_of(settled, {".git"})) == "");
    // As a run leaves it: the next one settled must be whole again.
    write_text(settled / "left-by-a-run", "x");
    if (fs::exists(settled / "train.py")) write_text(settled / "train.py", "changed by a run");
  }
}

TEST_CASE("only the next restore trusts a settled work tree, and no other change does") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto ahead = settling(port);
  auto info = must(port->create("s", repo.settings()));
  fs::path work = info.directory;
  auto tree = must(port->draft("s", info.base_commit, {{"train.py", "better\n"}})).tree;
  auto stray = [&] { write_text(work / "stray", "x"); };
  must(ahead->settle("s", info.base_tree));
  stray();
  must(port->restore("s", tree));
  CHECK(fs::exists(work / "stray"));  // what was promised not to happen
  CHECK(must(port->targets("s")).at("train.py") == "better\n");
  must(port->restore("s", tree));
  CHECK_FALSE(fs::exists(work / "stray"));

  auto no_longer = [&](const std::function<void()>& change) {
    must(ahead->settle("s", info.base_tree));
    stray();
    change();
    must(port->restore("s", tree));
    CHECK_FALSE(fs::exists(work / "stray"));
  };
  no_longer([&] { must(port->apply("s", info.base_commit, {{"train.py", "x\n"}})); });
  no_longer([&] { (void)port->adopt("s", info.base_commit); });
  no_longer([&] { must(port->begin_run("s")); });
  no_longer([&] { must(port->restore("s", info.base_tree)); });
  no_longer([&] { port = must(open_workspaces(repo.state)), ahead = settling(port); });
  no_longer([&] { fs::remove_all(work); });
  must(ahead->settle("s", info.base_tree));
  CHECK(!port->restore("s", std::string(40, '1')));
  must(port->restore("s", tree));
  CHECK(must(port->targets("s")).at("train.py") == "better\n");
}
