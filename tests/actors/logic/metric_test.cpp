// SPDX-License-Identifier: MIT
#include "actors/logic/metric.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <random>
#include <string>

#include "tests/support/read_metric.hpp"

using namespace ratchet;
using namespace ratchet::testing;

TEST_CASE(
    "the number after the metric's name is read with sign, dot, exponent and thousands (D28)") {
  struct {
    const char* output;
    double value;
  } cases[] = {{"score: -0.5", -0.5},
               {"score: 1e-3", 1e-3},
               {"score: 1.5e+10", 1.5e10},
               {"score: .5", 0.5},
               {"score: +2", 2},
               {"score: 1,234.5", 1234.5},
               {"score: 1,234,567.5\n", 1234567.5},
               {"score=3", 3},
               {"score = 3", 3},
               {"score 3", 3},
               {"score\t3", 3},
               {"score := 3", 3},
               {"score == 3", 3},
               {"score->0.9", 0.9},
               {"score -> 0.9", 0.9},
               {"score => 0.9", 0.9},
               {"\"score\": 0.9", 0.9},
               {"{'score': 0.9, 'loss': 2}", 0.9},
               {"{\"score\":\"0.9\"}", 0.9},
               {"`score`: 4", 4},
               {"SCORE: 4", 4},
               {"Score:4.", 4},
               {"score: 95%", 95},
               {"loss=0.5,score=0.25,x=1", 0.25},
               {"[score: 8]", 8},
               {"\x1b[32mscore\x1b[0m: \x1b[1m0.75\x1b[0m", 0.75},
               {"\xE2\x86\x92score: 6", 6},
               {"score: 12/100", 12}};
  for (auto& c : cases) {
    CAPTURE(c.output);
    auto reading = by_name("score", c.output);
    REQUIRE(reading.value);
    CHECK(*reading.value == doctest::Approx(c.value));
    CHECK(reading.source == "name");
  }
}

TEST_CASE("what only begins like a number yields no metric (D28)") {
  for (const char* output : {"score: 0x10", "score: 1.2.3", "score: 12abc", "score: 0,123",
                             "score: 1,2,3", "score: 12:30:05", "score: 2024-01-05", "score: -",
                             "score: n/a", "score:\n5", "score: \"0.9", "score: \"0.9'"}) {
    CAPTURE(output);
    auto reading = by_name("score", output);
    CHECK(!reading.value);
    CHECK(!reading.missing.empty());
  }
}

TEST_CASE("the name must be a whole token (D29)") {
  for (const char* output : {"f1_score: 0.3", "score_2: 0.3", "scores: 0.3", "my.score: 3",
                             "--score 3", "score.mean: 3", "score-2: 3", "underscore 4"}) {
    CAPTURE(output);
    CHECK(!by_name("score", output).value);
  }
  CHECK(by_name("score", "f1_score: 0.3\nscore: 0.7\nf1_score: 0.4").value == 0.7);
  CHECK(by_name("f1_score", "score: 1\nf1_score: 0.4\nscore: 2").value == 0.4);
  CHECK(by_name("p99 (ms)", "p99 (ms): 12.5\n").value == 12.5);
  CHECK(by_name("x", "ax: 1\nx: 2\nxx: 3").value == 2);
}

TEST_CASE("the last match counts, or the one that is picked (D30)") {
  const char* epochs = "epoch 1 loss: 3\nepoch 2 loss: 1\nepoch 3 loss: 2\n";
  CHECK(by_name("loss", epochs).value == 2);
  CHECK(by_name("loss", epochs, metric_pick::first).value == 3);
  CHECK(by_name("loss", epochs, metric_pick::max).value == 3);
  CHECK(by_name("loss", epochs, metric_pick::min).value == 1);
  CHECK(by_pattern("loss: (\\d+)", epochs).value == 2);
  CHECK(by_pattern("loss: (\\d+)", epochs, metric_pick::first).value == 3);
  CHECK(by_pattern("loss: (\\d+)", epochs, metric_pick::max).value == 3);
  CHECK(by_pattern("loss: (\\d+)", epochs, metric_pick::min).value == 1);
  CHECK(by_name("loss", "loss 1 loss 2 loss 3", metric_pick::last).value == 3);
}

TEST_CASE("the fallbacks count only when the name is nowhere, and say so (D31)") {
  struct {
    const char* output;
    double value;
    const char* source;
  } cases[] = {{"== 5 passed in 0.1s", 5, "fallback:passed"},
               {"3 failed, 1,234 passed", 1234, "fallback:passed"},
               {"accuracy: 0.5\n7 PASSED.", 7, "fallback:passed"},
               {"accuracy: 0.5\nloss = 2\n", 2, "fallback:loss"},
               {"val bpb 0.997", 0.997, "fallback:bpb"},
               {"result: -1", -1, "fallback:result"},
               {"metric=8", 8, "fallback:metric"}};
  for (auto& c : cases) {
    CAPTURE(c.output);
    auto reading = by_name("throughput", c.output);
    CHECK(reading.value == c.value);
    CHECK(reading.source == c.source);
    CHECK(reading.warning.find("\"throughput\" is nowhere in the output") != std::string::npos);
  }
  for (const char* output :
       {"throughput: n/a\n5 passed", "throughput=\nloss: 3", "throughput: nan\n5 passed",
        "throughput was nothing, metric=8", "throughputs: 3; metric=8", "abc5 passed", "5 passedx",
        "5passed", "x_loss: 3", "", "1.2.3 passed"}) {
    CAPTURE(output);
    CHECK(!by_name("throughput", output).value);
  }
  // With a pattern there is no fallback at all.
  auto reading = by_pattern("nothing (\\d+)", "5 passed\nscore: 3");
  CHECK(!reading.value);
  CHECK(reading.missing.find("matches no line") != std::string::npos);
}

TEST_CASE("the fallbacks look at the first and the last 8 KiB and never at a number cut in two") {
  std::string filler(20'000, 'x');
  CHECK(by_name("m", "loss: 3 " + filler).value == 3);
  CHECK(by_name("m", filler + "\nloss: 3").value == 3);
  CHECK(!by_name("m", filler + " loss: 3 " + filler).value);
  // The tail begins inside of the number 12345 or the head ends there.
  for (std::size_t back = 0; back < 12; ++back) {
    std::string end(8 * 1024 - 12 + back, ' ');
    auto reading = by_name("m", filler + "12345 passed" + end);
    CHECK((!reading.value || reading.value == 12345));
    std::string start(8 * 1024 - back, ' ');
    reading = by_name("m", start + "loss: 12345" + filler);
    CHECK((!reading.value || reading.value == 12345));
  }
}

TEST_CASE("an empty name is refused rather than matching any number (D32)") {
  for (const char* name : {"", " ", " score", "score\t", "a\nb"}) {
    auto metric = compile_metric({name, "", metric_pick::last});
    REQUIRE(!metric.has_value());
    CHECK(metric.error().code == errc::invalid_argument);
    CHECK(metric.error().details["field"] == "metric_name");
  }
  CHECK(!compile_metric({std::string(201, 'x'), "", metric_pick::last}).has_value());
  CHECK(compile_metric({"", "x(\\d)", metric_pick::last}).has_value());
}

TEST_CASE("a metric that is not finite is no metric (D33)") {
  for (const char* value : {"nan", "-inf", "Infinity", "1e999"}) {
    CAPTURE(value);
    std::string line = std::string("score: ") + value + "\n";
    auto reading = by_name("score", "score: 1\n" + line);
    CHECK(!reading.value);
    CHECK(reading.missing.find("finite") != std::string::npos);
    CHECK(by_name("score", line + "score: 1\n").value == 1);
    CHECK(!by_name("score", line + "score: 1\n", metric_pick::first).value);
    CHECK(by_name("score", line + "score: 1\nscore: 2\n" + line, metric_pick::max).value == 2);
    CHECK(by_name("score", line + "score: 1\nscore: 2\n" + line, metric_pick::min).value == 1);
    CHECK(!by_pattern("score: (\\S+)", "score: 1\n" + line).value);
  }
}

TEST_CASE("a bad pattern is refused at setup, saying what is allowed (D34)") {
  struct {
    const char* pattern;
    const char* says;
  } cases[] = {{"(", "does not compile"},
               {"(?=x)(\\d)", "does not compile"},
               {"(\\d)\\1", "does not compile"},
               {"score", "has 0 groups"},
               {"(a)(b)", "has 2 groups"},
               {"a\\n(\\d)", "line by line"},
               {"a\n(\\d)", "line by line"},
               {"json:x", "no '#'"},
               {"csv:x", "no '#'"},
               {"csv:x#", "names no column"},
               {"csv:../x#a", "leaves the repository"},
               {"json:a#/[name=x", "pointer"},
               {"json:#/a", "names no file"},
               {"json:/etc/x#/a", "absolute"},
               {"json:a/../../x#/a", "leaves the repository"},
               {"json:..#", "leaves the repository"},
               {"json:a//b#", "empty part"},
               {"json:a#b", "pointer"},
               {"json:a#/~2", "pointer"}};
  for (auto& c : cases) {
    CAPTURE(c.pattern);
    auto metric = compile_metric({"score", c.pattern, metric_pick::last});
    REQUIRE(!metric.has_value());
    CHECK(metric.error().code == errc::invalid_argument);
    CHECK(metric.error().details["field"] == "metric_pattern");
    CHECK(metric.error().text.find("metric_pattern") == 0);
    CHECK(metric.error().text.find(c.says) != std::string::npos);
  }
  CHECK(compile_metric({"score", "x[^\\n]*(\\d)", metric_pick::last}).has_value());
  CHECK(compile_metric({"score", "(?:a|b)(?P<value>\\d)", metric_pick::last}).has_value());
  CHECK(
      !compile_metric({"score", std::string(5000, 'x') + "(\\d)", metric_pick::last}).has_value());
}

TEST_CASE("a group that took no part or holds no number is passed over (D34)") {
  CHECK(by_pattern("score(?: (\\d+))?", "score\nscore 3\nscore\n").value == 3);
  CHECK(by_pattern("score: (.*)", "score:  4 \nscore: soon\n").value == 4);
  CHECK(by_pattern("v(.*)", "v1.2.3\n").value == std::nullopt);
  CHECK(by_pattern("v(.*)", "v1.2.3\n").missing.find("captured is no number") != std::string::npos);
  CHECK(by_pattern("acc (\\S+)", "acc 93.5%").value == 93.5);
}

TEST_CASE("a pattern sees one line at a time, whatever ends it") {
  CHECK(by_pattern("^a=(\\d+)$", "xa=1\na=2\na=3x\r\n").value == 2);
  CHECK(by_pattern("^a=(\\d+)$", "a=1\r\na=2\r\n").value == 2);
  CHECK(by_pattern("(\\d+)%", " 10%\r 55%\r 99%\r").value == 99);
  CHECK(by_pattern("^(\\d+)$", "1\r\n2\r\nx3\r\n").value == 2);
  CHECK(by_pattern("^(\\d+)$", "1\n2\nx3\n").value == 2);
  CHECK(by_pattern("\\A(\\d+)\\z", "1\n2\nx3\n").value == 2);
  CHECK(by_pattern("(?s)a.*(\\d)", "a\n5\na 6").value == 6);
  CHECK(by_pattern("a\\s+(\\d)", "a\n5\n").value == std::nullopt);
  CHECK(by_pattern("[^x](\\d)", "1\n2\n").value == std::nullopt);
  CHECK(by_pattern("\\b(\\d+)\\b", "a1\n22\n3b").value == 22);
  CHECK(by_pattern("(?i)Loss (\\d+)", "LOSS 4").value == 4);
  CHECK(by_pattern("Loss (\\d+)", "LOSS 4").value == std::nullopt);
  CHECK(by_pattern("(?:loss|acc) (\\d+)", "x 1\nacc 2\nx 3\nloss 4\nx 5").value == 4);
  CHECK(by_pattern("\xC3\x89 (\\d+)", "\xC3\x89 7").value == 7);
  CHECK(by_pattern("(?i)\xC3\x89 (\\d+)", "\xC3\xA9 7").value == 7);
}

TEST_CASE("80 KB of digits on one line take milliseconds, not seconds (D35)") {
  std::string digits(80'000, '7');
  for (const metric_rule& rule :
       {metric_rule{"score", "(\\d+) passed"}, metric_rule{"score", "(a+)+b"},
        metric_rule{"score", ""}, metric_rule{"score", "(\\d+)(?:.*x)?"}}) {
    CAPTURE(rule.pattern);
    auto begin = std::chrono::steady_clock::now();
    auto reading = read(rule, digits + (rule.pattern == "(a+)+b" ? std::string(30, 'a') : ""));
    double ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    MESSAGE(rule.pattern, ": ", ms, " ms");
    CHECK(!reading.value);
    CHECK(ms < 2000);  // under 20 ms in a release build on an idle machine
  }
  CHECK(!by_name("score", "score: " + digits).value);
}

TEST_CASE("a match that looks at the rest of the line for every digit stays linear") {
  std::string digits(64'000, '7');
  auto begin = std::chrono::steady_clock::now();
  auto reading = by_pattern("(\\d)(?:[^y]*x)?", digits);
  double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  CHECK(reading.value == 7);
  CHECK(s < 3);
}

TEST_CASE("an overlong line is read in windows without cutting numbers") {
  for (std::size_t shift = 0; shift < 200; shift += 3) {
    std::string line = std::string(500 + shift, 'x') + " v=12345 " + std::string(700, 'y');
    CAPTURE(shift);
    for (auto pick : {metric_pick::last, metric_pick::first, metric_pick::max, metric_pick::min})
      CHECK(read({"s", "v=(\\d+)", pick}, line, 128).value == 12345);
    CHECK(read({"s", "(\\d+)", metric_pick::min}, line, 128).value == 12345);
    CHECK(!read({"s", "^v=(\\d+)", metric_pick::last}, line, 128).value);
    CHECK(!read({"s", "=(\\d+)$", metric_pick::last}, line, 128).value);
  }
}

TEST_CASE("any cut of the output into chunks gives the same reading") {
  std::mt19937 random(20260101);
  const std::vector<std::string> parts{"score",
                                       "Score",
                                       "f1_score",
                                       "\"score\"",
                                       ":",
                                       "=",
                                       "->",
                                       " ",
                                       " ",
                                       "\n",
                                       "\r\n",
                                       "\r",
                                       "0.5",
                                       "-3",
                                       "1,234",
                                       "1e5",
                                       "nan",
                                       "1e999",
                                       "12ms",
                                       "1.5 s",
                                       "0m1.2s",
                                       "\xC2\xB5s",
                                       "(time in ms)",
                                       "3.4k",
                                       "0,5",
                                       "|",
                                       "....",
                                       "\x1b[1m",
                                       "\x1b]0;score: 7\a",
                                       "\x1b",
                                       "sc0re: 3",
                                       "passed",
                                       "loss",
                                       " 7 passed\n",
                                       "x",
                                       std::string(40, ' '),
                                       std::string(90, '8'),
                                       std::string(700, 'z'),
                                       "'",
                                       "score: 4\n",
                                       std::string(130, '\t'),
                                       "v=9 "};
  const std::vector<metric_rule> rules{{"score", "", metric_pick::last},
                                       {"score", "", metric_pick::first},
                                       {"score", "", metric_pick::max},
                                       {"score", "", metric_pick::median},
                                       {"s", "", metric_pick::last},
                                       {"score", "score: (\\S+)", metric_pick::last},
                                       {"score", "(\\d+)", metric_pick::last},
                                       {"score", "(\\d+)", metric_pick::max},
                                       {"score", "^\\s*(\\S+)$", metric_pick::first},
                                       {"score", "(?:v=|score)(\\d+)", metric_pick::min},
                                       {"score", "(\\d+) pas*ed", metric_pick::first}};
  std::vector<compiled_metric> metrics;
  for (const auto& rule : rules) metrics.push_back(*compile_metric(rule));
  int found = 0;
  for (int round = 0; round < 400; ++round) {
    std::string output;
    int n = static_cast<int>(random() % 60);
    for (int i = 0; i < n; ++i) output += parts[random() % parts.size()];
    if (round % 10 == 0)
      output += std::string(random() % 40'000, round % 20 ? 'q' : '\n') + "score=1";
    for (const auto& metric : metrics) {
      const std::size_t window = 256;
      metric_scanner at_once(metric, window);
      at_once.consume(output);
      metric_reading whole = at_once.finish();
      found += whole.value ? 1 : 0;
      for (std::size_t longest : {1, 7, 300, 5000}) {
        metric_scanner scanner(metric, window);
        for (std::size_t i = 0; i < output.size();) {
          std::size_t k = 1 + random() % longest;
          scanner.consume(std::string_view(output).substr(i, k));
          i += k;
        }
        metric_reading cut = scanner.finish();
        CAPTURE(output);
        CAPTURE(metric.rule.pattern);
        CAPTURE(longest);
        REQUIRE(cut.value == whole.value);
        REQUIRE(cut.source == whole.source);
        REQUIRE(cut.missing == whole.missing);
        REQUIRE(cut.unit == whole.unit);
        REQUIRE(cut.hints == whole.hints);
      }
    }
  }
  CHECK(found > 1000);
}

TEST_CASE("several metrics are read from one pass") {
  auto a = compile_metric({"acc", "", metric_pick::last}),
       b = compile_metric({"ms", "took (\\d+) ms", metric_pick::min});
  metric_scanner first(*a), second(*b);
  for (const char* chunk : {"acc: 0.", "5\ntook 3", "1 ms\ntook 40 ms\n"}) {
    first.consume(chunk);
    second.consume(chunk);
  }
  CHECK(first.finish().value == 0.5);
  CHECK(second.finish().value == 31);
}
