// SPDX-License-Identifier: MIT
#include "actors/logic/path_globs.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

namespace {

bool matches(std::vector<std::string> patterns, const std::string& path) {
  return path_globs(patterns).match(path);
}

}  // namespace

TEST_CASE("a star stays within a name, two go through folders") {
  CHECK(matches({"src/*.cpp"}, "src/a.cpp"));
  CHECK_FALSE(matches({"src/*.cpp"}, "src/x/a.cpp"));
  CHECK(matches({"src/**/*.cpp"}, "src/x/y/a.cpp"));
  CHECK(matches({"src/**/*.cpp"}, "src/a.cpp"));
  CHECK(matches({"**/CMakeLists.txt"}, "CMakeLists.txt"));
  CHECK(matches({"src/**"}, "src/x/y"));
  CHECK_FALSE(matches({"src/**"}, "srcs/x"));
  CHECK(matches({"a?.txt"}, "ab.txt"));
  CHECK_FALSE(matches({"a?.txt"}, "a/.txt"));
}

TEST_CASE("a folder stands for all below it, a file for itself") {
  CHECK(matches({"src"}, "src/x/a.cpp"));
  CHECK(matches({"src/"}, "src/a.cpp"));
  CHECK_FALSE(matches({"src/"}, "src"));
  CHECK(matches({"./src"}, "src/a.cpp"));
  CHECK(matches({"a.cpp"}, "a.cpp"));
  CHECK_FALSE(matches({"a.cpp"}, "b/a.cpp"));
  CHECK_FALSE(matches({"a.cpp"}, "aXcpp"));
}

TEST_CASE("a mark takes away what an earlier pattern gave, in order") {
  CHECK_FALSE(matches({"src/**", "!src/gen/**"}, "src/gen/a.cpp"));
  CHECK(matches({"src/**", "!src/gen/**", "src/gen/keep.cpp"}, "src/gen/keep.cpp"));
  CHECK(matches({"!src/gen/**", "src/**"}, "src/gen/a.cpp"));
  CHECK_FALSE(matches({"!a"}, "b"));
}

TEST_CASE("signs of regular expressions are themselves, and hostile patterns take no time") {
  CHECK(matches({"a+(b)[c].x"}, "a+(b)[c].x"));
  CHECK_FALSE(matches({"a+"}, "aa"));
  std::string stars, path(20'000, 'a');
  for (int i = 0; i < 40; ++i) stars += "*a";
  CHECK_FALSE(matches({stars + "b"}, path));
}

TEST_CASE("what leads out of the repository is no pattern") {
  CHECK(glob_fault("src/**").empty());
  CHECK(glob_fault("!src/gen/").empty());
  CHECK(glob_fault("/etc/*").find("absolute") != std::string::npos);
  CHECK(glob_fault("../x").find("..") != std::string::npos);
  CHECK(glob_fault("a/.git/x").find(".git") != std::string::npos);
  CHECK(glob_fault("!").find("empty") != std::string::npos);
  CHECK(is_glob("a*"));
  CHECK(is_glob("src/"));
  CHECK_FALSE(is_glob("src/a.cpp"));
}
