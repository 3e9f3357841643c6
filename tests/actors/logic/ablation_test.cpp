// SPDX-License-Identifier: MIT
#include "actors/logic/ablation.hpp"

#include <doctest/doctest.h>

#include <random>

#include "actors/logic/paired_test.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;

namespace {

using files = std::map<std::string, std::string>;

const std::string two_literals =
    "diff --git a/t.py b/t.py\n--- a/t.py\n+++ b/t.py\n@@ -1,4 +1,4 @@\n-lr = 0.1\n+lr = 0.25\n "
    "keep = 1\n-betas = (0.9, 0.99)\n+betas = (0.682, 0.99)\n end = 1\n";
const files with_change{{"t.py", "lr = 0.25\nkeep = 1\nbetas = (0.682, 0.99)\nend = 1\n"}};

}  // namespace

TEST_CASE("changed literals are parts of their own, told by name, value and place") {
  auto a = ablation::of(two_literals, with_change);
  REQUIRE(a);
  REQUIRE(a->parts() == 2);
  CHECK(a->in_words(0) == "0.25 -> 0.1 (t.py:1: lr = 0.25)");
  CHECK(a->in_words(1) == "0.682 -> 0.9 (t.py:3: betas = (0.682, 0.99))");
  CHECK(a->without({1}) == files{{"t.py", "lr = 0.25\nkeep = 1\nbetas = (0.9, 0.99)\nend = 1\n"}});
  CHECK(a->without({0, 1}) ==
        files{{"t.py", "lr = 0.1\nkeep = 1\nbetas = (0.9, 0.99)\nend = 1\n"}});
  CHECK(a->without({}).empty());
}

TEST_CASE("two words of one line can be taken back one by one") {
  auto a = ablation::of("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-x = f(1e-3, 2)\n+x = f(5e-4, 7)\n",
                        {{"f", "x = f(5e-4, 7)\n"}});
  REQUIRE(a);
  REQUIRE(a->parts() == 2);
  CHECK(a->without({0}) == files{{"f", "x = f(1e-3, 7)\n"}});
  CHECK(a->without({1}) == files{{"f", "x = f(5e-4, 2)\n"}});
}

TEST_CASE("other changes are taken back run by run, also where lines came or went") {
  const std::string diff =
      "--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n a\n+new one\n+new two\n b\n-gone\n c\n@@ -9,2 +10,1 "
      "@@\n-x(1);\n-y(2);\n+xy(1, 2);\n";
  const files now{{"f", "a\nnew one\nnew two\nb\nc\n6\n7\n8\n9\nxy(1, 2);\n"}};
  auto a = ablation::of(diff, now);
  REQUIRE(a);
  REQUIRE(a->parts() == 3);
  CHECK(a->without({0}) == files{{"f", "a\nb\nc\n6\n7\n8\n9\nxy(1, 2);\n"}});
  CHECK(a->without({1}) ==
        files{{"f", "a\nnew one\nnew two\nb\ngone\nc\n6\n7\n8\n9\nxy(1, 2);\n"}});
  CHECK(a->without({0, 2}) == files{{"f", "a\nb\nc\n6\n7\n8\n9\nx(1);\ny(2);\n"}});
  CHECK(a->in_words(1) == "removed lines at f:5: gone");
}

TEST_CASE("many parts are joined with their neighbours") {
  std::string diff = "--- a/f\n+++ b/f\n", text;
  for (int i = 1; i <= 50; ++i) {
    diff += "@@ -" + std::to_string(i) + " +" + std::to_string(i) + " @@\n-v = 1\n+v = 2\n";
    text += "v = 2\n";
  }
  auto a = ablation::of(diff, {{"f", text}}, 20);
  REQUIRE(a);
  CHECK(a->parts() == 20);
  std::set<std::size_t> all;
  for (std::size_t i = 0; i < 20; ++i) all.insert(i);
  CHECK(a->without(all).at("f").find('2') == std::string::npos);
}

TEST_CASE("files that came, went or end without a line break stay as they are") {
  auto a = ablation::of(
      "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+1\n"
      "diff --git a/old b/old\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n"
      "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+2\n",
      {{"new", "1\n"}, {"f", "2\n"}});
  REQUIRE(a);
  CHECK(a->parts() == 0);
}

TEST_CASE("a diff that does not fit the files is refused") {
  CHECK_FALSE(ablation::of(two_literals, {{"t.py", "lr = 7\n"}}));
}

TEST_CASE("texts of two dashes and pluses inside a hunk are lines, not headers") {
  auto a = ablation::of("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n--- x 1\n+-- x 2\n end\n",
                        {{"f", "-- x 2\nend\n"}});
  REQUIRE(a);
  REQUIRE(a->parts() == 1);
  CHECK(a->without({0}) == files{{"f", "-- x 1\nend\n"}});
}

TEST_CASE("in noise a passenger leaves mostly, and what brings two spreads nearly never") {
  std::mt19937 random(7);
  std::normal_distribution<double> run(0, 1);
  // The median difference of so many pairs, where going without brings `gain` in truth.
  auto pairs = [&](double gain, int count) {
    std::vector<double> differences;
    for (int i = 0; i < count; ++i) differences.push_back(gain + run(random) - run(random));
    return verdict_without(median(differences), 1, count);
  };
  auto leaves = [&](double gain) {
    auto brings = pairs(gain, pairs_of_a_part);
    if (brings == part_brings::unsure) brings = pairs(gain, pairs_of_all);
    return brings == part_brings::nothing && pairs(gain, pairs_of_all) == part_brings::nothing;
  };
  int passengers = 0, small = 0, gains = 0;
  for (int i = 0; i < 4000; ++i) {
    passengers += leaves(0) ? 1 : 0;
    small += leaves(-1) ? 1 : 0;
    gains += leaves(-2) ? 1 : 0;
  }
  CHECK(passengers > 0.75 * 4000);
  CHECK(small < 0.18 * 4000);
  CHECK(gains < 0.01 * 4000);
}

TEST_CASE("where a metric never differs one pair says what a part brings") {
  CHECK(verdict_without(0, 0, 1) == part_brings::nothing);
  CHECK(verdict_without(0.001, 0, 1) == part_brings::nothing);
  CHECK(verdict_without(-0.001, 0, 1) == part_brings::something);
}
