// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <random>

#include "actors/logic/edit_format.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using ratchet::testing::contains;

namespace {

std::string block(const std::string& search, const std::string& replace) {
  return "<<<<<<< SEARCH\n" + search + "=======\n" + replace + ">>>>>>> REPLACE\n";
}

std::string apply_one(const std::string& content, const std::string& search,
                      const std::string& replace) {
  auto changes = apply_search_replace({{"f", content}}, {{"f", search, replace}});
  if (!changes) return "refused: " + changes.error().text;
  if (changes->empty()) return content;
  return changes->at(0).content.value_or("(deleted)");
}

}  // namespace

TEST_CASE("the line before a block names its file in many ways") {
  for (const auto& before : std::vector<std::string>{
           "`src/train.py`\n", "src/train.py\n", "`src/train.py`:\n", "### src/train.py\n",
           "**src/train.py**\n", "**`src/train.py`**\n\n", "File: src/train.py\n",
           "- `src/train.py`\n", "In `src/train.py`, lower the rate:\n\n", "1. `src/train.py`\n",
           "`src/train.py`\n```python\n", "```python\nsrc/train.py\n", "```python src/train.py\n",
           "`./src/train.py`\n", "# File: src/train.py\n", "src/train.py:\n```\n",
           "`src/train.py`\nSome words about it.\n\n```python\n", "`src/train.py`\r\n"}) {
    CAPTURE(before);
    auto blocks = parse_search_replace_blocks(std::string("Use `lr`.\n\n") + before +
                                              block("a\n", "b\n") + "```\n");
    REQUIRE(blocks.has_value());
    REQUIRE(blocks->size() == 1);
    CHECK(blocks->at(0).file == "src/train.py");
    CHECK(blocks->at(0).search == "a\n");
    CHECK(blocks->at(0).replace == "b\n");
  }
}

TEST_CASE(
    "names without extension, by their ending, from the block before, or of the only target") {
  auto file = [](const std::string& text, const std::vector<std::string>& targets) {
    auto blocks = parse_search_replace_blocks(text, targets);
    return blocks ? blocks->back().file : "refused: " + blocks.error().text;
  };
  const std::string b = block("a\n", "b\n");
  CHECK(file("Makefile\n" + b, {}) == "Makefile");
  CHECK(file("`Makefile`\n```make\n" + b, {"Makefile", "x.c"}) == "Makefile");
  CHECK(file("train.py\n" + b, {"src/train.py", "y.py"}) == "src/train.py");
  CHECK(file("train.py\n" + b, {"a/train.py", "b/train.py"}) == "train.py");
  CHECK(file(b, {"src/a.c"}) == "src/a.c");
  CHECK(file("Lower the rate\n" + b, {"src/a.c"}) == "src/a.c");
  CHECK(file("Done:\n" + b, {"src/a.c"}) == "src/a.c");
  CHECK(file("`a.c`\n" + b + b, {"x", "y"}) == "a.c");
  CHECK(contains(file(b, {"x", "y"}), "names its file"));
  CHECK(contains(file("Lower the rate\n" + b, {}), "names its file"));
}

TEST_CASE("empty texts, CRLF and longer markers are read") {
  auto blocks =
      parse_search_replace_blocks("f.c\n<<<<<<< SEARCH\r\na\r\n=======\r\n>>>>>>> REPLACE\r\n");
  REQUIRE(blocks.has_value());
  CHECK(blocks->at(0).search == "a\r\n");
  CHECK(blocks->at(0).replace.empty());
  blocks = parse_search_replace_blocks(
      "f.rst\n<<<<<<<< SEARCH\nT\n=======\n========\nU\n=======\n>>>>>>>> REPLACE\n");
  REQUIRE(blocks.has_value());
  CHECK(blocks->at(0).search == "T\n=======\n");
  CHECK(blocks->at(0).replace == "U\n=======\n");
  blocks = parse_search_replace_blocks("f.c\n" + block("", "new\n"));
  REQUIRE(blocks.has_value());
  CHECK(blocks->at(0).search.empty());
}

TEST_CASE("a malformed block is refused by its number") {
  struct {
    std::string text;
    const char* says;
  } cases[] = {
      {"f.c\n<<<<<<< SEARCH\na\n", "block 1: it has no end"},
      {"f.c\n" + block("a\n", "b\n") + "<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n",
       "block 2: it has no line"},
      {"f.c\n>>>>>>> REPLACE\n", "block 1: line 2"},
      {"f.c\n<<<<<<< SEARCH\na\n<<<<<<< SEARCH\n", "block 1: another"},
      {"f.c\n<<<<<<< SEARCH\na\n=======\nb\n=======\nc\n>>>>>>> REPLACE\n", "two dividers"},
      {"no blocks here", "no SEARCH/REPLACE block"},
      {"", "no SEARCH/REPLACE block"}};
  for (auto& c : cases) {
    CAPTURE(c.text);
    auto blocks = parse_search_replace_blocks(c.text);
    REQUIRE(!blocks.has_value());
    CHECK(blocks.error().code == errc::edit_refused);
    CHECK(contains(blocks.error().text, c.says));
  }
}

TEST_CASE("an exact search text that is there once is replaced, nothing else changes") {
  CHECK(apply_one("a\nb\nc\n", "b\n", "x\ny\n") == "a\nx\ny\nc\n");
  CHECK(apply_one("a\nb\nc\n", "b\n", "") == "a\nc\n");
  CHECK(apply_one("a\nb", "b", "c") == "a\nc");
  CHECK(apply_one("lr = 0.1 # rate\n", "0.1", "0.2") == "lr = 0.2 # rate\n");
  CHECK(apply_one("a\xFF\xFE\nb\n", "b\n", "c\n") == "a\xFF\xFE\nc\n");
  CHECK(apply_one("a\xFF\nb\n", "\xFF", "\x80") == "a\x80\nb\n");
  CHECK(apply_one(std::string("a\0b\nc\n", 6), "c\n", "d\n") == std::string("a\0b\nd\n", 6));
  CHECK(apply_one("max = 1\nx = 1\n", "x = 1\n", "x = 2\n") == "max = 1\nx = 2\n");
  CHECK(contains(apply_one("max = 1\n", "x = 1\n", "x = 2\n"), "does not occur"));
  CHECK(apply_one("f(a); b\n", "b\n", "c\n") == "f(a); c\n");
  CHECK(apply_one("only", "only", "") == "");
}

TEST_CASE("blanks at line ends, line ends and a missing final line break do not matter") {
  CHECK(apply_one("a  \nb\t\nc\n", "a\nb\n", "x\n") == "x\nc\n");
  CHECK(apply_one("a\nb", "a\nb\n", "x\ny\n") == "x\ny");
  CHECK(apply_one("a\r\nb\r\nc\r\n", "b\n", "x\ny\n") == "a\r\nx\r\ny\r\nc\r\n");
  CHECK(apply_one("a\r\nb\r\nc", "c\n", "d\n") == "a\r\nb\r\nd");
  CHECK(apply_one("a\nb\nc\n", "b\r\n", "x\r\n") == "a\nx\nc\n");
  CHECK(apply_one("a\r\nb\r\n", "b", "x\ny") == "a\r\nx\r\ny\r\n");
  CHECK(apply_one("a\r\nb\r\n", "b\r\n", "x\n") == "a\r\nx\n");  // as its author wrote it
}

TEST_CASE("a uniformly shifted search text is found and its replacement shifted alike") {
  CHECK(apply_one("def f():\n    if x:\n        y()\n", "if x:\n    y()\n",
                  "if z:\n    y()\n\n    w()\n") ==
        "def f():\n    if z:\n        y()\n\n        w()\n");
  CHECK(apply_one("if x:\n    y()\n", "    if x:\n        y()\n", "    if z:\n        y()\n") ==
        "if z:\n    y()\n");
  CHECK(apply_one("\tfoo\n\tbar\n", "foo\nbar\n", "baz\n") == "\tbaz\n");
  // Not uniform, or a replacement that cannot be shifted back: refused.
  CHECK(contains(apply_one("  a\n    b\n", "a\nb\n", "c\n"), "does not occur"));
  CHECK(contains(apply_one("a\nb\n", "  a\n  b\n", "c\n"), "does not occur"));
}

TEST_CASE("an ambiguous search text is refused with the lines where it occurs") {
  std::string text = apply_one("a\nx\na\nx\na\n", "a\n", "b\n");
  CHECK(text ==
        "refused: block 1 (f): the search text occurs 3 times, at lines 1, 3, 5; add lines around "
        "it");
  CHECK(contains(apply_one("aaa\n", "aa", "b"), "occurs 2 times"));
  CHECK(contains(apply_one("a \nx\na  \n", "a\n", "b\n"), "occurs 2 times, at lines 1, 3"));
}

TEST_CASE("a missing search text is refused showing the nearest lines") {
  std::string content;
  for (int i = 1; i <= 60; ++i) content += "line " + std::to_string(i * 37) + "\n";
  content += "def train(rate=0.1):\n    return rate\n";
  std::string text = apply_one(content, "def train(rate=0.5):\n    return rate\n", "x\n");
  CHECK(contains(text, "does not occur; nearest lines are 61-62:\n61  def train(rate=0.1):"));
  CHECK(contains(apply_one("", "a\n", "b\n"), "the file is empty"));
  CHECK(contains(apply_one("x\n", "\n", "b\n"), "does not occur"));
}

TEST_CASE("an empty search text creates a file or fills an empty one, and is else refused") {
  auto made = apply_search_replace({}, {{"new.c", "", "x\n"}});
  REQUIRE(made.has_value());
  CHECK(made->at(0).path == "new.c");
  CHECK(made->at(0).content == "x\n");
  CHECK(apply_one("", "", "x") == "x");
  CHECK(contains(apply_one("a\n", "", "x"), "search text is empty"));
}

TEST_CASE("blocks apply in order, all or none, and unchanged files are not listed") {
  file_contents files{{"a", "1\n"}, {"b", "2\n"}};
  auto changes = apply_search_replace(
      files, {{"a", "1\n", "x\n"}, {"./a", "x\n", "y\n"}, {"b", "2\n", "2\n"}});
  REQUIRE(changes.has_value());
  REQUIRE(changes->size() == 1);
  CHECK(changes->at(0).content == "y\n");
  auto back = apply_search_replace(files, {{"a", "1\n", "x\n"}, {"a", "x\n", "1\n"}});
  REQUIRE(back.has_value());
  CHECK(back->empty());
  auto none = apply_search_replace(files, {{"a", "1\n", "x\n"}, {"b", "9\n", "x\n"}});
  REQUIRE(!none.has_value());
  CHECK(contains(none.error().text, "block 2 (b)"));
  CHECK(!apply_search_replace(files, {}).has_value());
  auto unknown = apply_search_replace({{"src/train.py", "1\n"}}, {{"src/trian.py", "1\n", "x\n"}});
  REQUIRE(!unknown.has_value());
  CHECK(contains(unknown.error().text, "did you mean src/train.py?"));
}

TEST_CASE("whole files are given for the one target or by name") {
  file_contents files{{"a", "1\r\n2\r\n"}, {"b", "2\n"}};
  auto one = apply_whole_files({{"a", "1\r\n2\r\n"}}, json("3\n4"), {"a"});
  REQUIRE(one.has_value());
  CHECK(one->at(0).content == "3\r\n4");
  auto several =
      apply_whole_files(files, json{{"b", "x"}, {"c", "new"}, {"a", nullptr}}, {"a", "b"});
  REQUIRE(several.has_value());
  REQUIRE(several->size() == 3);
  CHECK(!several->at(0).content);
  CHECK(several->at(1).content == "x");
  CHECK(several->at(2).path == "c");
  CHECK(apply_whole_files(files, json{{"b", "2\n"}}, {"a", "b"})->empty());
  for (const json& bad : {json("x"), json(3), json::object(), json{{"b", 3}}, json{{"", "x"}},
                          json{{"nope", nullptr}}, json{{"b", "x"}, {"./b", "y"}}})
    CHECK(!apply_whole_files(files, bad, {"a", "b"}).has_value());
}

TEST_CASE("what an answer holds is told apart") {
  CHECK(detect_edit_format("words\nf.c\n" + block("a\n", "b\n")) == edit_format::blocks);
  CHECK(detect_edit_format("<<<<<<< SEARCH\ncut off") == edit_format::blocks);
  CHECK(detect_edit_format("```diff\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n```") ==
        edit_format::diff);
  CHECK(detect_edit_format("diff --git a/f b/f\nold mode 100644\n") == edit_format::diff);
  CHECK(detect_edit_format("Here:\n```python\nx = 1\n```\nDone") == edit_format::whole_file);
  CHECK(detect_edit_format("```\na\n```\n```\nb\n```") == edit_format::none);
  CHECK(detect_edit_format("```\nnever closed") == edit_format::none);
  CHECK(detect_edit_format("title\n-----\n======= and prose") == edit_format::none);
  CHECK(only_fenced_text("````md\n```\nx\n```\n````") == "```\nx\n```\n");
}

TEST_CASE("the hypothesis is the first line of prose") {
  CHECK(hypothesis_line("\n## Hypothesis: lower the *rate*\nmore") == "lower the *rate*");
  CHECK(hypothesis_line("```python\nx\n```\nRaise it.\n") == "Raise it.");
  CHECK(hypothesis_line("`f.c`\n" + block("a\n", "b\n") + "Because of noise.") ==
        "Because of noise.");
  CHECK(hypothesis_line("f.c\n```c\n" + block("a\n", "b\n") + "```\n") == "");
  CHECK(hypothesis_line("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n\nAfter all") == "After all");
  CHECK(hypothesis_line("**Hypothesis:** try it") == "try it");
  CHECK(hypothesis_line("**Hypothesis**\n\ntry that") == "try that");
  CHECK(hypothesis_line(std::string(500, 'x')).size() == 200);
  CHECK(hypothesis_line("") == "");
}

TEST_CASE("any unique lines of any file can be replaced, whatever its line ends") {
  std::mt19937 random(99);
  for (int round = 0; round < 500; ++round) {
    const std::string end = round % 2 == 0 ? "\n" : "\r\n";
    std::vector<std::string> lines;
    int n = 1 + static_cast<int>(random() % 20);
    for (int i = 0; i < n; ++i)
      lines.push_back(std::string(random() % 3 * 2, ' ') + "v" + std::to_string(i) + "_" +
                      std::string(random() % 4, 'x'));
    bool final_break = random() % 2 == 0;
    std::size_t from = random() % lines.size(), to = from + 1 + random() % (lines.size() - from);
    std::string content, search, expected_text;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      bool last = i + 1 == lines.size();
      content += lines[i] + (last && !final_break ? "" : end);
      if (i >= from && i < to) search += lines[i] + "\n";
      if (i == from)
        expected_text +=
            "new" + std::string(last || (to == lines.size()) ? (final_break ? end : "") : end);
      if (i < from || i >= to) expected_text += lines[i] + (last && !final_break ? "" : end);
    }
    CAPTURE(content);
    CAPTURE(search);
    REQUIRE(apply_one(content, search, "new\n") == expected_text);
  }
}
