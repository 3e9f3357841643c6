// SPDX-License-Identifier: MIT
//
// What is seen through an overlay, of folders as overlayfs leaves them. Runs that go through a
// mounted one are in overlay_test.cpp.
#include "runtime/git/run_overlay.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cstring>
#include <fstream>

#include "tests/runtime/git/temp_repository.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::git;
using namespace ratchet::test;

namespace {

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << bytes;
}

descriptor made_folder(const fs::path& path) {
  fs::create_directories(path);
  return descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

/// A folder with an overlay of a run that has ended.
struct ended_run {
  temp_repository repo;
  descriptor folder = made_folder(repo.state);
  run_overlay overlay{folder.get(), repo.state.string(), "s"};
  fs::path upper = fs::path(overlay.begin()) / "upper";

  run_overlay::seen_file read(const std::string& path) {
    overlay.end(true);
    return overlay.read(path, 1'000);
  }
};

/// False, with a message, where this file system holds no such mark.
bool make_opaque(const fs::path& folder) {
  fs::create_directories(folder);
  for (const char* name : {"user.overlay.opaque", "trusted.overlay.opaque"})
    if (::setxattr(folder.c_str(), name, "y", 1, 0) == 0) return true;
  MESSAGE("no attribute can be set on " << folder << "; nothing to see here");
  return false;
}

}  // namespace

TEST_CASE("what the run wrote is read, and what it left alone is the work tree's") {
  ended_run run;
  write(run.upper / "a" / "new.txt", "new");
  CHECK(run.read("a/new.txt").bytes == "new");
  CHECK_FALSE(run.read("a/new.txt").in_work_tree);
  CHECK(run.read("a/other.txt").in_work_tree);
  CHECK(run.read("elsewhere").in_work_tree);
}

TEST_CASE("what the run removed is nowhere") {
  ended_run run;
  if (::mknod((run.upper / "gone").c_str(), S_IFCHR, makedev(0, 0)) < 0) {
    MESSAGE("no whiteout can be made: " << std::strerror(errno) << "; nothing to see here");
    return;
  }
  CHECK_FALSE(run.read("gone").in_work_tree);
  CHECK_FALSE(run.read("gone").bytes);
  CHECK_FALSE(run.read("gone/below").in_work_tree);
}

TEST_CASE("of a folder that the run made anew, the work tree's files do not show") {
  ended_run run;
  if (!make_opaque(run.upper / "dir")) return;
  write(run.upper / "dir" / "mine", "m");
  CHECK(run.read("dir/mine").bytes == "m");
  CHECK_FALSE(run.read("dir/theirs").in_work_tree);
  CHECK_FALSE(run.read("dir/theirs").bytes);
  CHECK_FALSE(run.read("dir/below/theirs").in_work_tree);
}

TEST_CASE("a file that is larger than is read is refused by name, a link is none") {
  ended_run run;
  write(run.upper / "big", std::string(1'001, 'x'));
  fs::create_symlink("/etc/passwd", run.upper / "link");
  try {
    run.read("big");
    FAIL("not refused");
  } catch (const refusal& r) {
    CHECK(r.why.text.find("big has 1001 bytes, more than the 1000") != std::string::npos);
  }
  CHECK_FALSE(run.read("link").bytes);
}

TEST_CASE("a dropped overlay is gone, and the next has a folder of its own") {
  ended_run run;
  write(run.upper / "x", "x");
  run.overlay.end(true);
  CHECK(run.overlay.shows());
  run.overlay.drop();
  CHECK_FALSE(run.overlay.shows());
  CHECK_FALSE(fs::exists(run.upper));
  CHECK(fs::exists(fs::path(run.overlay.begin()) / "work"));
}

TEST_CASE("where none was mounted, no other is asked for") {
  ended_run run;
  CHECK_FALSE(run.overlay.refused());
  CHECK(run.overlay.end(false));
  CHECK(run.overlay.refused());
  CHECK_FALSE(run.overlay.shows());
  CHECK_FALSE(fs::exists(run.upper.parent_path()));
  CHECK_FALSE(run.overlay.end(true));
}
