// SPDX-License-Identifier: MIT
//
// What is left when making or removing a workspace was cut off, and that it can be found and ended.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

using ids = std::vector<std::string>;

/// As a process leaves it that was killed when it began to remove the workspace.
void cut_off_removal(const temp_repository& repo, const std::string& id) {
  fs::path folder = repo.state / "sessions" / id;
  fs::rename(folder / "workspace.json", folder / "making.json");
}

}  // namespace

TEST_CASE("kill -9 while a workspace is made or removed leaves what is found and removed") {
  const char* given = std::getenv("RATCHET_KILL_SEED");
  unsigned seed = given ? static_cast<unsigned>(std::atol(given)) : std::random_device()();
  std::printf("RATCHET_KILL_SEED=%u\n", seed);
  CAPTURE(seed);
  std::mt19937 random(seed);
  temp_repository repo;
  auto before = git_state(repo.root);
  auto port = must(open_workspaces(repo.state));
  int found = 0;
  for (int kills = 0; kills < 40; ++kills) {
    pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto own = open_workspaces(repo.state);
      while (own && (*own)->create("s", repo.settings()) && (*own)->remove("s")) {
      }
      ::_exit(1);
    }
    ::usleep(std::uniform_int_distribution<unsigned>(0, 40'000)(random));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    for (const auto& id : must(port->unfinished())) {
      CHECK(id == "s");
      must(port->remove(id));
      ++found;
    }
    if (port->info("s")) must(port->remove("s"));  // whole: of a session, if one knows of it
    CHECK(differences(before, git_state(repo.root)) == "");
    CHECK(fs::is_empty(repo.state / "sessions"));
  }
  CHECK(found > 0);
}

TEST_CASE("only what is ours and not whole is unfinished") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  CHECK(must(port->unfinished()).empty());
  must(port->create("whole", repo.settings()));
  must(port->create("cut-off", repo.settings()));
  cut_off_removal(repo, "cut-off");
  fs::path sessions = repo.state / "sessions";
  for (const char* name : {"empty", "locked", "somebody-else", "a name"})
    fs::create_directories(sessions / name);
  write_text(sessions / "locked" / "lock", "");
  write_text(sessions / "locked" / ".ratchet-1-2-3", "half a record");
  write_text(sessions / "somebody-else" / "notes.txt", "not ours");
  write_text(sessions / "a name" / "lock", "not ours");
  write_text(sessions / "file", "not ours");
  fs::create_directory_symlink(repo.outside, sessions / "link");
  CHECK(must(port->unfinished()) == ids{"cut-off", "empty", "locked"});
}

TEST_CASE("a workspace is removed although the user's repository has disappeared") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  must(port->create("s", repo.settings()));
  fs::remove_all(repo.root);
  must(port->remove("s"));
  CHECK(fs::is_empty(repo.state / "sessions"));
}

TEST_CASE("the references go although the linked work tree that was worked on is gone") {
  temp_repository repo;
  repo.git("worktree add -q ../linked");
  auto before = git_state(repo.root);
  auto settings = repo.settings();
  settings.repo_path = fs::canonical(repo.root / "../linked");
  auto port = must(open_workspaces(repo.state));
  must(port->create("s", settings));
  CHECK(fs::exists(repo.root / ".git/refs/ratchet/s/base"));
  fs::remove_all(settings.repo_path);
  must(port->remove("s"));
  CHECK(differences(before, git_state(repo.root)) == "");
}

TEST_CASE("a reference that cannot be removed now is removed by a later call") {
  temp_repository repo;
  auto before = git_state(repo.root);
  auto port = must(open_workspaces(repo.state));
  must(port->create("s", repo.settings()));
  fs::path in_the_way = repo.root / ".git/refs/ratchet/s/base.lock";
  fs::create_directory(in_the_way);
  auto refused = port->remove("s");
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::workspace_failed);
  CHECK(refused.error().text.find("refs/ratchet/s/base") != std::string::npos);
  failed_with(errc::unknown_session, port->info("s"));  // never whole again
  CHECK(must(port->unfinished()) == ids{"s"});
  fs::remove(in_the_way);
  must(port->remove("s"));
  CHECK(must(port->unfinished()).empty());
  CHECK(differences(before, git_state(repo.root)) == "");
}

TEST_CASE("a damaged reference of ours is removed, a copied folder speaks for no session") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  must(port->create("s", repo.settings()));
  fs::path base = repo.root / ".git/refs/ratchet/s/base";
  shell(repo.state, "cp -a sessions/s sessions/copy");
  must(port->remove("copy"));
  CHECK(fs::exists(base));
  write_text(base, "");
  must(port->remove("s"));
  CHECK_FALSE(fs::exists(base));
}

TEST_CASE("a session made where another repository's was cut off cleans up there too") {
  temp_repository first, second;
  auto before = git_state(first.root);
  auto port = must(open_workspaces(first.state));
  must(port->create("s", first.settings()));
  cut_off_removal(first, "s");
  must(port->create("s", second.settings()));
  CHECK(differences(before, git_state(first.root)) == "");
  CHECK(fs::exists(second.root / ".git/refs/ratchet/s/base"));
}
