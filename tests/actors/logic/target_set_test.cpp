// SPDX-License-Identifier: MIT
#include "actors/logic/target_set.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

TEST_CASE("targets are names, folders and patterns, and what they do not mean") {
  const target_set targets({"train.py", "src", "lib/**/*.cpp", "!src/gen/**"});
  CHECK(targets.contains("train.py"));
  CHECK(targets.contains("src/deep/model.py"));
  CHECK(targets.contains("lib/a.cpp"));
  CHECK(targets.contains("lib/x/y/new.cpp"));
  CHECK_FALSE(targets.contains("lib/a.hpp"));
  CHECK_FALSE(targets.contains("src/gen/tables.py"));
  CHECK_FALSE(targets.contains("eval.py"));
  CHECK_FALSE(targets.contains("srcs/a.py"));
  CHECK_FALSE(targets.only_names());
  CHECK(target_set({"a.py", "b.py"}).only_names());
  CHECK_FALSE(target_set().contains("a.py"));
}

TEST_CASE("what tells git how to read other files is a target by its own name only") {
  const target_set targets({"**", "docs/.gitattributes"});
  CHECK(targets.contains("a/b.c"));
  for (const char* path : {".gitignore", "src/.gitignore", ".gitattributes", ".gitmodules"})
    CHECK_FALSE(targets.contains(path));
  CHECK(targets.contains("docs/.gitattributes"));
  CHECK(targets.names("docs/.gitattributes"));
}

TEST_CASE("only folders that may hold a target need a look") {
  const target_set targets({"src/core/*.cpp", "docs/", "a.txt", "!src/core/gen"});
  for (const char* folder : {"", "src", "src/core", "src/core/x", "docs", "docs/x"})
    CHECK(targets.may_hold(folder));
  for (const char* folder : {"srcs", "src/other", "test"}) CHECK_FALSE(targets.may_hold(folder));
  CHECK(target_set({"*.py"}).may_hold("anything"));
  CHECK(target_set({"**/x.py"}).may_hold("any/thing"));
}

TEST_CASE("files come in the order in which they were given") {
  const target_set targets({"src/main.cpp", "src", "!src/gen", "lib"});
  CHECK(targets.place("src/main.cpp") == 0);
  CHECK(targets.place("src/other.cpp") == 1);
  CHECK(targets.place("lib/a") == 3);
  CHECK(targets.place("nowhere") == 4);
}

TEST_CASE("an edit may name the files that are there, and those that are named and gone") {
  const std::map<std::string, std::string> files{{"src/a.cpp", ""}, {"b.py", ""}};
  CHECK(target_names({"src", "b.py", "gone.py", "lib/**"}, files) ==
        std::vector<std::string>{"b.py", "src/a.cpp", "gone.py"});
}
