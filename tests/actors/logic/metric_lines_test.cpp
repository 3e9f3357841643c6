// SPDX-License-Identifier: MIT
#include "actors/logic/metric_lines.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace ratchet;

namespace {

/// The lines that feed the metric, as "2 5".
std::string feeding(const std::string& text, const std::string& metric) {
  std::string out;
  auto roles = metric_lines(text, metric);
  for (std::size_t i = 0; i < roles.size(); ++i)
    if (roles[i] != metric_role::none) out += (out.empty() ? "" : " ") + std::to_string(i + 1);
  return out;
}

}  // namespace

TEST_CASE("the line that prints the metric and the formula it prints feed it") {
  CHECK(feeding("lr = 0.01\nscore = 1.0 / (1 + abs(lr - 0.003))\nprint('epoch 1')\n"
                "print('score:', score)\n",
                "score") == "2 4");
  CHECK(feeds_metric("x = 5\nprint(f'score: {x}')\n", 2, "score"));
  CHECK_FALSE(feeds_metric("x = 5\nprint(f'score: {x}')\n", 1, "score"));  // a setting
  CHECK_FALSE(feeds_metric("x = 5\n", 9, "score"));
  CHECK_FALSE(feeds_metric("", 1, "score"));
}

TEST_CASE("counters, functions and several lines of arguments are followed") {
  CHECK(feeding("int hits = 0;\nfor (auto k : keys) {\n  hits++;\n}\n"
                "printf(\"rate: %f\\n\",\n       hits / 2000.0);\nint other = f(3);\n",
                "rate") == "3 5 6");
  CHECK(feeding("def miss(x):\n    y = x + 1\n    return 1.0 / (1.0 + y)\n\n"
                "def train(x):\n    return x\n\nloss = miss(train(3))\nprint('loss', loss)\n",
                "loss") == "2 3 6 8 9");
  CHECK(feeding("fn cost(b: f64) -> f64 {\n    (b - 512.0) * 0.5\n}\nfn main() {\n"
                "    println!(\"cost: {}\", cost(4.0));\n}\n",
                "cost") == "2 5");
}

TEST_CASE("a metric that is written as a key counts, its name in another text does not") {
  CHECK(feeding("out = {\"score\": best * 2}\nhelp = 'the score to reach'\n", "score") == "1");
  CHECK(feeding("x = 3\nprint(x * 4)\n", "score") == "2");  // the last line that prints
}

TEST_CASE("an edit that touches the formula is told from one that touches a setting") {
  const std::string before =
      "lr = 0.01\nscore = 1.0 / (1 + abs(lr - 0.003))\nprint('score', score)\n";
  auto with = [&](const std::string& from, const std::string& to) {
    auto text = before;
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK(changed_metric_lines(before, with("0.01", "0.02"), "score").empty());
  CHECK(changed_metric_lines(before, with("1.0 /", "16.0 /"), "score") == std::vector<int>{2});
  CHECK(changed_metric_lines(before, before, "score").empty());
  CHECK(changed_lines("a\nb\nc\n", "a\nx\ny\nc\n") == std::vector<int>{2});
  CHECK(changed_lines("a\nb\n", "a\nnew\nb\n") == std::vector<int>{1});
  CHECK(changed_lines("", "a\n").empty());
}

TEST_CASE("a diff shows whether it changes what computes the metric") {
  const std::string head = "diff --git a/t.py b/t.py\n--- a/t.py\n+++ b/t.py\n";
  CHECK(metric_places_in_diff(head + "@@ -9,3 +9,3 @@\n total = f(x)\n-score = total / 100\n"
                                     "+score = total / 10\n x = 1\n",
                              "score") == std::vector<std::string>{"t.py:10"});
  CHECK(metric_places_in_diff(head + "@@ -1,3 +1,3 @@\n-lr = 0.1\n+lr = 0.2\n a = f(lr)\n"
                                     " print('score:', a)\n",
                              "score")
            .empty());
  CHECK(metric_places_in_diff(head + "@@ -1,2 +1,2 @@\n-s = hits / 20\n+s = hits * 5 / 20\n"
                                     " print('score:', s)\n",
                              "score") == std::vector<std::string>{"t.py:1"});
  CHECK(metric_places_in_diff(head + "@@ -1 +1 @@\n-score = 1\n+score = 2\n", "score").empty());
  CHECK(metric_places_in_diff("", "score").empty());
}
