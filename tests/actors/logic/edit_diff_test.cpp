// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <random>

#include "actors/logic/edit_format.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using ratchet::testing::contains;

namespace {

std::string patch(const file_contents& files, const std::string& diff,
                  const std::string& path = "f") {
  auto patches = parse_unified_diff(diff);
  if (!patches) return "refused: " + patches.error().text;
  auto changes = apply_unified_diff(files, *patches);
  if (!changes) return "refused: " + changes.error().text;
  for (const auto& change : *changes)
    if (change.path == path) return change.content.value_or("(deleted)");
  return "(unchanged)";
}

std::string patch(const std::string& content, const std::string& hunks) {
  return patch({{"f", content}}, "--- a/f\n+++ b/f\n" + hunks);
}

}  // namespace

TEST_CASE("a hunk is applied where its header says") {
  CHECK(patch("a\nb\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n") == "a\nx\nc\n");
  CHECK(patch("a\na\na\n", "@@ -2 +2 @@\n-a\n+b\n") == "a\nb\na\n");
  CHECK(patch("a\nb\n", "@@ -1,0 +2,1 @@\n+x\n") == "a\nx\nb\n");
  CHECK(patch("a\nb\n", "@@ -0,0 +1 @@\n+x\n") == "x\na\nb\n");
  CHECK(patch("a\nb\n", "@@ -1,2 +0,0 @@\n-a\n-b\n") == "");
  CHECK(patch("1\n2\n3\n4\n5\n6\n", "@@ -1,1 +1,2 @@\n-1\n+x\n+y\n@@ -6 +7 @@\n-6\n+z\n") ==
        "x\ny\n2\n3\n4\n5\nz\n");
  CHECK(patch("-- a\nb\n", "@@ -1,2 +1,2 @@\n--- a\n+++ c\n b\n") == "++ c\nb\n");
}

TEST_CASE("a hunk whose position is wrong goes to the only place where its lines are") {
  CHECK(patch("1\n2\n3\na\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+x\n") == "1\n2\n3\na\nx\n");
  CHECK(patch("1\na\nb\n", "@@ @@\n a\n-b\n+x\n") == "1\na\nx\n");
  CHECK(patch("1\na  \nb\n", "@@ -9,2 +9,2 @@\n a\n-b\n+x\n") == "1\na  \nx\n");
  CHECK(contains(patch("a\n1\na\n", "@@ -2 +2 @@\n-a\n+b\n"), "occur 2 times, at lines 1, 3"));
  CHECK(contains(patch("a\nb\n", "@@ -1 +1 @@\n-x\n+y\n"), "hunk 1 (f): its lines do not occur"));
  CHECK(contains(patch("a\nb\n", "@@ @@\n+y\n"), "add lines around it"));
  CHECK(contains(patch("a\n", "@@ -9,0 +10 @@\n+y\n"), "the file has 1"));
}

TEST_CASE("wrong counts, lost blanks and text around the diff are tolerated") {
  CHECK(patch("a\nb\nc\n", "@@ -1,9 +1,9 @@\n a\n-b\n+x\n c\n\n\nThat is all.\n") == "a\nx\nc\n");
  CHECK(patch("a\nb\nc\n", "@@ -1,1 +1,1 @@\n a\n-b\n+x\n c\n") == "a\nx\nc\n");
  CHECK(patch("a\n\nb\n", "@@ -1,3 +1,3 @@\n a\n\n-b\n+x\n") == "a\n\nx\n");
  CHECK(patch("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+x\n- a list item of prose\n") == "a\nx\n");
  CHECK(patch("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+x\n-- \n2.39.0\n") == "a\nx\n");
  CHECK(patch({{"f", "a\n"}},
              "Words.\n```diff\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n```\nMore.\n") == "b\n");
  CHECK(patch({{"s/f", "a\n"}}, "--- s/f\t2026-01-01\n+++ s/f\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n",
              "s/f") == "b\n");
}

TEST_CASE("line ends and a missing final line break stay, or change as the diff says") {
  CHECK(patch("a\r\nb\r\n", "@@ -1,2 +1,2 @@\n a\n-b\n+x\n") == "a\r\nx\r\n");
  CHECK(patch("a\r\nb\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+x\r\n") == "a\r\nx\r\n");
  CHECK(patch("a\r\nb\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+b\n") == "a\r\nb\n");
  CHECK(patch("a\nb\n", "@@ -1,2 +1,2 @@\r\n a\r\n-b\r\n+x\r\n") == "a\nx\n");
  CHECK(patch("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+x\n") == "a\nx");
  CHECK(patch("a\nb", "@@ -1,2 +1,3 @@\n a\n b\n+x\n") == "a\nb\nx");
  CHECK(patch("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n") == "a\nb\n");
  CHECK(patch("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n") == "a\nb");
  CHECK(patch("a\nb", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n") == "x\nb");
  CHECK(patch("a\xFF\nb\n", "@@ -1,2 +1,2 @@\n a\xFF\n-b\n+\xFE\n") == "a\xFF\n\xFE\n");
}

TEST_CASE("new, deleted and executable files are exact") {
  CHECK(patch(file_contents{}, "--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n+b\n") == "a\nb\n");
  CHECK(patch(file_contents{},
              "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n") == "a");
  CHECK(patch(file_contents{}, "diff --git a/f b/f\nnew file mode 100644\nindex 0..1\n") == "");
  CHECK(patch({{"f", "a\n"}}, "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n") == "(deleted)");
  CHECK(patch({{"f", ""}}, "diff --git a/f b/f\ndeleted file mode 100644\n") == "(deleted)");
  CHECK(contains(patch({{"f", "a\nb\n"}}, "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"),
                 "leaves lines"));
  CHECK(contains(patch({{"f", "a\n"}}, "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n"),
                 "there already"));
  CHECK(
      contains(patch(file_contents{}, "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"), "no such file"));
  CHECK(patch(file_contents{},
              "diff --git \"a/\\303\\251\" \"b/\\303\\251\"\nnew file mode 100644\n--- "
              "/dev/null\n+++ \"b/\\303\\251\"\n@@ -0,0 +1 @@\n+x\n",
              "\xC3\xA9") == "x\n");

  auto patches = parse_unified_diff("diff --git a/f b/f\nold mode 100644\nnew mode 100755\n");
  REQUIRE(patches.has_value());
  auto changes = apply_unified_diff({{"f", "a\n"}}, *patches);
  REQUIRE(changes.has_value());
  REQUIRE(changes->size() == 1);
  CHECK(changes->at(0).executable == true);
  CHECK(changes->at(0).content == "a\n");
}

TEST_CASE("what a diff may not do is refused clearly") {
  struct {
    const char* diff;
    const char* says;
  } cases[] = {
      {"diff --git a/f b/g\nsimilarity index 90%\nrename from f\nrename to g\n", "renames"},
      {"--- a/f\n+++ b/g\n@@ -1 +1 @@\n-a\n+b\n", "renames"},
      {"diff --git a/f b/f\nBinary files a/f and b/f differ\n", "binary"},
      {"diff --git a/f b/f\nGIT binary patch\n", "binary"},
      {"diff --git a/f b/f\nnew file mode 120000\n", "symbolic"},
      {"diff --git a/f b/f\nnew file mode 160000\n", "submodules"},
      {"@@ -1 +1 @@\n-a\n+b\n", "without a file"},
      {"--- a/f\n+++ b/f\n@@ -1 +1 @@\n a\n", "begins with '+' or '-'"},
      {"--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", "both names"},
      {"nothing", "no unified diff"},
      {"diff --git a/f b/f\nindex 1..2\n", "no hunk"}};
  for (auto& c : cases) {
    CAPTURE(c.diff);
    std::string text = patch({{"f", "a\n"}}, c.diff);
    CAPTURE(text);
    CHECK(contains(text, "refused: "));
    CHECK(contains(text, c.says));
  }
}

TEST_CASE("several files are changed together or not at all") {
  file_contents files{{"f", "a\n"}, {"g", "b\n"}};
  const std::string f = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+x\n";
  CHECK(patch(files, f + "--- a/g\n+++ b/g\n@@ -1 +1 @@\n-b\n+y\n", "g") == "y\n");
  CHECK(
      patch(files,
            f + "diff --git a/g b/g\nindex 1..2 100644\n--- a/g\n+++ b/g\n@@ -1 +1 @@\n-b\n+y\n") ==
      "x\n");
  CHECK(contains(patch(files, f + "--- a/g\n+++ b/g\n@@ -1 +1 @@\n-z\n+y\n"), "hunk 1 (g)"));
  CHECK(patch(files, "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+a\n") == "(unchanged)");
}

TEST_CASE("a diff made from two texts turns the one into the other") {
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    // Lines are kept, removed or added at random; hunks of three lines of context.
    std::vector<std::pair<char, std::string>> script;
    int n = static_cast<int>(random() % 40);
    for (int i = 0; i < n; ++i) {
      char kind = random() % 5 == 0 ? '-' : random() % 4 == 0 ? '+' : ' ';
      script.emplace_back(kind, random() % 3 == 0 ? "same" : "l" + std::to_string(random() % 50));
    }
    std::string before, after, diff = "--- a/f\n+++ b/f\n";
    for (auto& [kind, text] : script) {
      if (kind != '+') before += text + "\n";
      if (kind != '-') after += text + "\n";
    }
    std::size_t i = 0, old_line = 1, new_line = 1;
    bool any = false;
    while (i < script.size()) {
      std::size_t change = i;
      while (change < script.size() && script[change].first == ' ') ++change;
      if (change == script.size()) break;
      std::size_t begin = change - i > 3 ? change - 3 : i;
      old_line += begin - i;
      new_line += begin - i;
      std::size_t end = change, quiet = 0;
      while (end < script.size() && quiet < 6) quiet = script[end++].first == ' ' ? quiet + 1 : 0;
      end -= quiet > 3 ? quiet - 3 : 0;
      std::string body;
      std::size_t olds = 0, news = 0;
      for (std::size_t k = begin; k < end; ++k) {
        body += script[k].first + script[k].second + "\n";
        olds += script[k].first != '+';
        news += script[k].first != '-';
      }
      diff += "@@ -" + std::to_string(olds ? old_line : old_line - 1) + "," + std::to_string(olds) +
              " +" + std::to_string(news ? new_line : new_line - 1) + "," + std::to_string(news) +
              " @@\n" + body;
      old_line += olds;
      new_line += news;
      i = end;
      any = true;
    }
    if (!any) continue;
    CAPTURE(before);
    CAPTURE(diff);
    std::string got = patch({{"f", before}}, diff);
    REQUIRE((got == after || (before == after && got == "(unchanged)")));
  }
}
