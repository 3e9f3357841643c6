// SPDX-License-Identifier: MIT
#include "runtime/edit/prompt_targets.hpp"

#include <doctest/doctest.h>

#include "runtime/edit/prompt.hpp"
#include "tests/support/changed.hpp"

using namespace ratchet;
using ratchet::testing::changed;

namespace {

edit_context context_of(std::vector<std::string> given,
                        std::map<std::string, std::string> targets) {
  edit_context c;
  changed(c.settings)->target_files = std::move(given);
  c.targets = std::move(targets);
  return c;
}

bool holds(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

iteration_record edited(int iteration, const std::string& path) {
  iteration_record row;
  row.iteration = iteration;
  row.candidate.files_changed = {path};
  return row;
}

}  // namespace

TEST_CASE("a folder is told with what it means and how a file is made") {
  auto c = context_of({"src/**", "!src/gen/**"}, {{"src/a.cpp", "a"}, {"src/b.cpp", "b"}});
  CHECK(target_line(c) ==
        "src/**, !src/gen/** (2 files; where a folder or pattern says so, files may be made and "
        "removed)");
  CHECK(holds(new_file_hint(c), "empty SEARCH"));
  CHECK(example_target(c) == "src/a.cpp");
  auto plain = context_of({"b.py", "a.py"}, {{"a.py", "a"}, {"b.py", "b"}});
  CHECK(target_line(plain) == "b.py, a.py");
  CHECK(new_file_hint(plain).empty());
  CHECK(example_target(plain) == "b.py");
  CHECK(holds(target_line(context_of({"src"}, {{"src/a.cpp", "a"}})), "1 files"));
}

TEST_CASE("texts are shown as far as they fit, the rest is named with its size") {
  auto c = context_of({"src"}, {{"src/a.cpp", std::string(600, 'a')},
                                {"src/b.cpp", std::string(600, 'b')},
                                {"src/c.cpp", "ccc"},
                                {"src/d.png", std::string("\x89PNG\0", 5)}});
  auto text = target_texts(c, 1000, false);
  CHECK(holds(text, "aaaa"));
  CHECK_FALSE(holds(text, "bbbb"));
  CHECK(holds(text, "ccc"));
  CHECK(holds(text,
              "Targets not shown, for want of room (2 files): src/b.cpp (600 bytes), "
              "src/d.png (5 bytes, binary)"));
  CHECK(holds(target_texts(c, 1000, true), "read them from the work tree"));
}

TEST_CASE("what was edited last comes first, then the order in which targets were given") {
  auto c = context_of({"lib", "src"},
                      {{"src/a.cpp", "SRC_A"}, {"src/b.cpp", "SRC_B"}, {"lib/c.cpp", "LIB_C"}});
  auto order = [&](const char* first, const char* second) {
    auto text = target_texts(c, 10'000, false);
    return text.find(first) < text.find(second);
  };
  CHECK(order("LIB_C", "SRC_A"));
  c.history = {edited(1, "src/a.cpp"), edited(2, "src/b.cpp")};
  CHECK(order("SRC_B", "SRC_A"));
  CHECK(order("SRC_A", "LIB_C"));
}

TEST_CASE("one long target is cut, and the first of several") {
  auto c = context_of({"a.py"}, {{"a.py", std::string(600, 'a')}});
  CHECK(holds(target_texts(c, 100, false), "cut here"));
  auto several = context_of({"a.py", "b.py"},
                            {{"a.py", std::string(600, 'a')}, {"b.py", std::string(600, 'b')}});
  auto text = target_texts(several, 100, false);
  CHECK(holds(text, "cut here"));
  CHECK(holds(text, "b.py (600 bytes)"));
}
