// SPDX-License-Identifier: MIT
//
// The one file that holds the objects of a session's candidates.
#include "runtime/git/candidate_log.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

git::new_object blob(std::string bytes) { return git::hashed(GIT_OBJECT_BLOB, std::move(bytes)); }

struct log_folder {
  temp_folder folder;
  std::string path = (folder.path / "candidates").string();
  log_folder() { git::start_libgit2(); }
  git::candidate_log open() const { return git::candidate_log(path); }
};

/// A process that takes no more than so much in a file, as one whose disk is full.
struct no_room {
  explicit no_room(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    rlimit less = before;
    less.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &less);
  }
  ~no_room() { setrlimit(RLIMIT_FSIZE, &before); }
  no_room(const no_room&) = delete;
  no_room& operator=(const no_room&) = delete;
  rlimit before{};
};

}  // namespace

TEST_CASE_FIXTURE(log_folder, "what is written is found, also by whoever had looked before") {
  auto writer = open(), reader = open();
  const auto one = blob("one\n"), empty = blob(""), bytes = blob(std::string("\0\xff\r\n", 4));
  CHECK_FALSE(reader.find(one.id));
  writer.write({one, empty});
  REQUIRE(reader.find(one.id));
  CHECK(reader.find(one.id)->size == 4);
  CHECK(reader.read(one.id) == "one\n");
  CHECK(reader.read(empty.id) == "");
  reader.write({bytes});
  CHECK(writer.read(bytes.id) == bytes.bytes);
  CHECK(open().ids().size() == 3);
}

TEST_CASE_FIXTURE(log_folder, "what is there is not written again") {
  auto log = open();
  log.write({blob("one"), blob("two")});
  const auto size = fs::file_size(path);
  log.write({blob("two")});
  open().write({blob("one")});
  CHECK(fs::file_size(path) == size);
}

TEST_CASE_FIXTURE(log_folder,
                  "a record cut off anywhere is not seen, and goes with the next write") {
  const auto first = blob("first"), second = blob("the second"), third = blob("3");
  open().write({first});
  const auto whole = fs::file_size(path);
  open().write({second});
  const auto end = fs::file_size(path);
  for (auto size = whole; size < end; ++size) {
    fs::resize_file(path, size);
    auto log = open();
    CHECK(log.read(first.id) == "first");
    CHECK_FALSE(log.find(second.id));
    log.write({third});
    CHECK(open().ids().size() == 2);
    CHECK(open().read(third.id) == "3");
    fs::resize_file(path, whole);
    open().write({second});
    REQUIRE(fs::file_size(path) == end);
  }
}

TEST_CASE_FIXTURE(log_folder, "a record whose bytes were lost is refused, and written once more") {
  const auto lost = blob("so many words that they take some room"), next = blob("next");
  open().write({lost});
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);
    file.write("\0\0\0\0\0\0\0\0", 8);
  }
  open().write({next});
  auto log = open();
  CHECK(log.read(next.id) == "next");
  CHECK_THROWS_AS(log.read(lost.id), git::refusal);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8);
    file.write("\xff\xff\xff\xff\xff\xff\xff\x0f", 8);  // of 10^18 bytes
  }
  CHECK_THROWS_AS(open().read(lost.id), git::refusal);
  log.write({lost});
  CHECK(log.read(lost.id) == lost.bytes);
  CHECK(open().read(lost.id) == lost.bytes);
}

TEST_CASE_FIXTURE(log_folder,
                  "a disk that is full in the middle leaves what was there, and says so") {
  const auto first = blob("first"), second = blob("second");
  auto log = open();
  log.write({first});
  const auto whole = fs::file_size(path);
  {
    no_room full(whole + 20);
    try {
      log.write({second});
      FAIL("it was written");
    } catch (const git::refusal& r) {
      CHECK(r.why.text.find("store a candidate in " + path) != std::string::npos);
      CHECK(r.why.text.find("is the disk full?") != std::string::npos);
    }
  }
  CHECK(fs::file_size(path) == whole);
  CHECK_FALSE(log.find(second.id));
  log.write({second});
  CHECK(open().read(second.id) == "second");
}

TEST_CASE_FIXTURE(log_folder, "processes that write at once lose nothing") {
  constexpr int writers = 4, each = 50;
  std::vector<pid_t> started;
  for (int w = 0; w < writers; ++w) {
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      int result = 0;
      try {
        auto log = open();
        for (int i = 0; i < each; ++i)
          log.write({blob(std::to_string(w) + "/" + std::to_string(i))});
      } catch (...) {
        result = 1;
      }
      _exit(result);
    }
    started.push_back(pid);
  }
  for (pid_t pid : started) {
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK(status == 0);
  }
  auto log = open();
  CHECK(log.ids().size() == writers * each);
  for (const auto& id : log.ids()) CHECK(log.read(id));
}

TEST_CASE("candidates make no file each, and git finds them in the session's repository") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  const fs::path objects = repo.state / "sessions/s/git/objects";
  auto files = [&] {
    int count = 0;
    for (const auto& e : fs::recursive_directory_iterator(objects)) count += e.is_regular_file();
    return count;
  };
  const int before = files();
  std::vector<std::string> trees;
  for (int i = 0; i < 5; ++i) {
    trees.push_back(
        must(port->draft("s", info.base_commit, {{"train.py", std::to_string(i)}})).tree);
    must(port->apply("s", info.base_commit, {{"train.py", "x" + std::to_string(i)}}));
  }
  CHECK(files() == before);
  auto again = must(open_workspaces(repo.state));  // as another process
  must(again->restore("s", trees.at(2)));
  CHECK(must(again->targets("s")).at("train.py") == "2");
  auto kept = must(again->commit("s", trees.at(3), info.base_commit, "kept", 1'700'000'000'000));
  must(again->publish("s", kept, info.base_commit));
  fs::remove(repo.state / "sessions/s/git/candidates");
  CHECK(repo.git("show " + kept + ":train.py") == "3");
  CHECK(repo.git("fsck --strict").find("missing") == std::string::npos);
}
