// SPDX-License-Identifier: MIT
//
// The shapes in which tools print a name, a number and a unit.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/read_metric.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

TEST_CASE("a number is found by its name in the shapes that tools print, with its unit") {
  struct {
    const char* name;
    const char* output;
    double value;
    const char* unit;
  } cases[] = {
      {"time", "time: 1.2 ms", 1.2, "ms"},
      {"time", "time: 12.5ms\n", 12.5, "ms"},
      {"avg", "min 37ms max 39ms avg 38.4ms", 38.4, "ms"},
      {"avg", "avg 38.4 min 37 max 39", 38.4, ""},
      {"p99", "p50=1.1us p99=3.2us", 3.2, "us"},
      {"speed", "speed = 52.66M/s", 52.66, "M/s"},
      {"items_per_second", "BM_x 12 ns 12 ns 500 items_per_second=52.6643M/s", 52.6643, "M/s"},
      {"acc", "{\"acc\": \"93.5 %\"}", 93.5, "%"},
      {"acc", "{\"acc\": \"93.5\", \"n\": 3}", 93.5, ""},
      // units in front
      {"latency", "latency (ms): 1.5", 1.5, "ms"},
      {"latency", "latency [us] = 1.5", 1.5, "us"},
      {"latency", "latency(s): 1.5", 1.5, "s"},
      {"latency", "latency (ms): 1.5 s", 1.5, "s"},
      {"latency (ms)", "latency (ms): 1.5", 1.5, "ms"},
      {"Throughput", "Throughput [MB/s] | 312", 312, "MB/s"},
      {"latency", "latency = 1.5 [ms]", 1.5, "ms"},
      {"score", "score: 5 (s1)", 5, ""},
      // tables
      {"latency", "| latency | 1.5 |", 1.5, ""},
      {"latency", "|latency|1.5 ms|", 1.5, "ms"},
      {"latency", "| latency | 1.5 | ms |", 1.5, "ms"},
      {"latency", "latency | 1.5", 1.5, ""},
      {"latency", "\xE2\x94\x82 latency \xE2\x94\x82 1.5 ms \xE2\x94\x82", 1.5, "ms"},
      {"latency", "latency\t1.5", 1.5, ""},
      // benchmarks
      {"BM_sort/1024", "BM_sort/1024        1234 ns         1230 ns       560000", 1234, "ns"},
      {"BM_sort_mean", "BM_sort    9 ns  9 ns  1\nBM_sort_mean  8.5 ns  8 ns  3", 8.5, "ns"},
      {"BM_big", "BM_big        1.25 s         1.20 s            1", 1.25, "s"},
      {"Time (mean \xC2\xB1 \xCF\x83)",
       "  Time (mean \xC2\xB1 \xCF\x83):     998.2 ms \xC2\xB1   1.2 ms    [User: 3 ms]", 998.2,
       "ms"},
      {"User", "  Time: 1 s \xC2\xB1  0.011 s    [User: 3.5 ms, System: 1 ms]", 3.5, "ms"},
      {"fib", "fib               time:   [12.345 ns 12.400 ns 12.500 ns]", 12.4, "ns"},
      {"fib", "fib  time:   [998.1 \xC2\xB5s 1.0010 ms 1.2 ms]\n  change: [-1% +0.3% +1%]", 1.001,
       "ms"},
      {"group/a_rather_long_name",
       "group/a_rather_long_name\n                        time:   [1.0 ms 1.1 ms 1.2 ms]\n", 1.1,
       "ms"},
      {"time", "x   time:   [1.0 ms 1.1 ms 1.2 ms]\n     change: time:  [-5% -3% +1%] (p = 0.1)",
       1.1, "ms"},
      {"tests::sort", "test tests::sort ... bench:       1,234 ns/iter (+/- 56)", 1234, "ns/iter"},
      {"BenchmarkSort-8", "BenchmarkSort-8   \t 1000000\t      1234 ns/op\t  56 B/op", 1234,
       "ns/op"},
      {"test_sort",
       "Name (time in us)      Min        Max      Mean\n-----\n"
       "test_sort     1,012.5 (1.0)  1,100.1 (1.0)  1,050.0 (1.0)\n",
       1012.5, "us"},
      {"real", "\nreal\t0m1.234s\nuser\t0m1.000s\n", 1.234, "s"},
      {"Elapsed (wall clock) time (h:mm:ss or m:ss)",
       "\tElapsed (wall clock) time (h:mm:ss or m:ss): 1:02.50", 62.5, "s"},
      {"parse", "1/2 Test #1: parse ......   Passed    0.02 sec", 0.02, "sec"},
      // leaders, dashes, deviations, signs
      {"f1", "f1 ......... 0.9", 0.9, ""},
      {"f1", "f1.........0.9", 0.9, ""},
      {"f1", "f1 \xE2\x80\xA6 0.9", 0.9, ""},
      {"f1", "f1 .....: 0.9", 0.9, ""},
      {"f1", "f1 \xE2\x80\x94 0.9", 0.9, ""},
      {"auc",
       "auc: 0.93\xC2\xB1"
       "0.01",
       0.93, ""},
      {"auc", "auc: 0.93+/-0.01", 0.93, ""},
      {"auc", "auc 0.93 +- 0.01", 0.93, ""},
      {"score",
       "score: -0.5\nscore: \xE2\x88\x92"
       "0.7",
       -0.7, ""},
      {"score", "score: 5 (best so far)", 5, ""},
      {"loss", "loss 0.5 epoch 3", 0.5, ""},
      {"fruit", "fruit: 3 apples", 3, ""},
      {"steps", "steps: 3.4k", 3400, ""},
      {"size", "size: 3 x 4", 3, ""},
      {"distance", "distance: 5 m", 5, ""},
      {"passed", "3 failed, 197 passed in 2 s", 197, ""}};
  for (auto& c : cases) {
    CAPTURE(c.output);
    auto reading = by_name(c.name, c.output);
    CHECK(reading.source == "name");
    REQUIRE(reading.value);
    CHECK(*reading.value == doctest::Approx(c.value).epsilon(1e-12));
    CHECK(reading.unit == c.unit);
  }
}

TEST_CASE("terminal control sequences are no part of a name or a number") {
  for (const char* output :
       {"\x1b[2Kscore: 5.5", "\x1b[?25l\x1b[1Gscore: 5.5", "\x1b[38:2::255:0:0mscore\x1b[0m: 5.5",
        "100%\x1b[Kscore: 5.5", "\x1b]0;score: 7\x07score: 5.5",
        "\x1b]8;;http://x/\x1b\\score\x1b]8;;\x1b\\ 5.5", "\x1b(B\x1b[mscore: \x1b[1m5.5\x1b[0m\n",
        "\x1b[1Ascore:\x1b[3C5.5\x1b[0K", "score: 5.5\x1b[0m\x1b]0;", "score\x1b[0m\x0f: 5.5",
        "\x1b[32m\x1b[1mscore\x1b[22m\t= \x1b[4m5.5"}) {
    CAPTURE(output);
    CHECK(by_name("score", output).value == 5.5);
  }
  CHECK(by_name("time", "time: \x1b[1m5.5\x1b[0m ms").unit == "ms");
  CHECK(by_pattern("^score: ([0-9.]+)$", "\x1b[32mscore\x1b[0m: \x1b[1m5.5\x1b[0m\n").value == 5.5);
  CHECK(by_pattern("\\x1b\\[1m([0-9.]+)", "3 \x1b[1m5.5\x1b[0m 7\n").value == 5.5);
  // A sequence without an end ends with its line.
  CHECK(by_name("score", "\x1b]0;title\nscore: 5.5").value == 5.5);
  CHECK(by_name("score", "\x1bP no end\rscore: 5.5").value == 5.5);
}

TEST_CASE("progress bars that overwrite their line give the last value") {
  CHECK(by_name("score", " 10%|#  | 1/10 [.., score=0.25]\r100%|###| 10/10 [.., score=0.75]\n")
            .value == 0.75);
}

TEST_CASE("what may be another number is refused, and the sentence has it") {
  struct {
    const char* name;
    const char* output;
    const char* says;
  } cases[] = {{"score", "score: 0,98", "comma"},
               {"score", "score: 5\nscore: 0,98", "comma"},
               {"score", "score: 1.163,5", "comma"},
               {"score", "score: 0,123", "\"0,123\""},
               {"score", "score: <3", "<3"},
               {"score", "score: 4\nscore: >= 3", ">= 3"},
               {"score", "score: ~3 ms", "~3"},
               {"qps", "qps\n1234", "\"qps\" stands on a line without a number"},
               {"qps", "qps:\n  1234", "\"qps\" is in the output"},
               {"score", "score: 12abc", "score: 12abc"},
               {"score", "score: n/a\n", "score: n/a"}};
  for (auto& c : cases) {
    CAPTURE(c.output);
    auto reading = by_name(c.name, c.output);
    CHECK(!reading.value);
    CAPTURE(reading.missing);
    CHECK(contains(reading.missing, c.says));
  }
  // Thousands, where the command has no other locale than C.
  CHECK(read({"score", ""}, "score: 1,021").value == 1021);
  CHECK(!read({"score", ""}, "score: 1,021", 65536, lone_comma::ambiguous).value);
  CHECK(read({"score", ""}, "score: 1,234,567", 65536, lone_comma::ambiguous).value == 1234567);
  CHECK(!read({"score", "score: (\\S+)"}, "score: 1,021", 65536, lone_comma::ambiguous).value);
  CHECK(contains(by_pattern("score: (\\S+)", "score: 0,98").missing, "comma"));
}

TEST_CASE("only a locale other than C makes a lone comma ambiguous") {
  for (std::vector<std::string> named : {std::vector<std::string>{},
                                         {"LC_ALL=C"},
                                         {"LANG=C.UTF-8"},
                                         {"LC_NUMERIC=C", "LANG=de_DE.UTF-8"},
                                         {"PATH=/x"},
                                         {"LC_CTYPE=de_DE.UTF-8"},
                                         {"LANG=POSIX"}})
    CHECK(comma_in(named) == lone_comma::thousands);
  for (std::vector<std::string> named :
       {std::vector<std::string>{"LC_ALL=de_DE.UTF-8", "LC_NUMERIC=C"},
        {"LANG=fr_FR"},
        {"LC_NUMERIC=de_DE.UTF-8"},
        {"LANG"},
        {"LC_ALL=", "LANG=de_DE"}})
    CHECK(comma_in(named) == lone_comma::ambiguous);
}

TEST_CASE("a pattern's number has the unit that stands in or behind its group") {
  struct {
    const char* pattern;
    const char* output;
    double value;
    const char* unit;
  } cases[] = {{"took (\\S+)", "took 1.2ms", 1.2, "ms"},
               {"took (.*)$", "took 1.2 ms", 1.2, "ms"},
               {"took ([0-9.]+)", "took 1.2 ms", 1.2, "ms"},
               {"took ([0-9.]+)", "took 1.2us, done", 1.2, "us"},
               {"took ([0-9.]+) ms", "took 1.2 ms", 1.2, "ms"},
               {"took ([0-9.]+)m?s", "took 1.2ms", 1.2, "ms"},
               {"loss=([0-9.]+)", "loss=1.5e-5", 1.5e-5, ""},
               {"rate ([0-9.]+)", "rate 3.4k req/s", 3400, "req/s"},
               {"rate ([0-9.]+)", "rate 3.4k", 3400, ""},
               {"(\\d+) passed", "12 passed", 12, ""},
               {"run_(\\d+)e", "run_12e5", 12, ""},
               {"(\\d+)%", "55%", 55, "%"},
               {"real\\s+(\\S+)", "real\t0m1.2s", 1.2, "s"},
               {"^\\d+,(\\d+),", "3,17,5", 17, ""}};
  for (auto& c : cases) {
    CAPTURE(c.pattern);
    auto reading = by_pattern(c.pattern, c.output);
    REQUIRE(reading.value);
    CHECK(*reading.value == doctest::Approx(c.value).epsilon(1e-12));
    CHECK(reading.unit == c.unit);
  }
}

TEST_CASE("max, min and median are taken in the unit of the first match") {
  const char* runs = "t: 900 us\nt: 1.2 ms\nt: 0.5 ms\n";
  CHECK(by_name("t", runs, metric_pick::max).value == 1200);
  CHECK(by_name("t", runs, metric_pick::min).value == 500);
  CHECK(by_name("t", runs, metric_pick::median).value == 900);
  CHECK(by_name("t", runs, metric_pick::median).unit == "us");
  CHECK(by_name("t", runs).unit == "ms");
  CHECK(by_name("t", "t: 1\nt: 4\nt: 2\nt: nan\nt: 9\n", metric_pick::median).value == 3);
  CHECK(by_pattern("t: (\\d+)", "t: 1\nt: 4\nt: 2\n", metric_pick::median).value == 2);
  auto mixed = by_name("t", "t: 1 ms\nt: 1 MB\n", metric_pick::max);
  CHECK(!mixed.value);
  CHECK(contains(mixed.missing, "another kind of unit"));
  std::string many;
  for (int i = 0; i <= 300'000; ++i) many += "t: " + std::to_string(i) + "\n";
  CHECK(*by_name("t", many, metric_pick::median).value == doctest::Approx(150'000).epsilon(0.01));
}

TEST_CASE("a table's unit in its head is that of the last head above") {
  std::string head = "Name (time in us)  Min\n", row = "test_a  12.5 (1.0)\n";
  CHECK(by_name("test_a", row + head).unit.empty());
  CHECK(by_name("test_a", head + std::string(70'000, '-') + "\n" + row).unit == "us");
  CHECK(by_name("test_a", head + row + "Name (time in ms)  Min\n" + row).unit == "ms");
  CHECK(by_name("test_a", head + "test_a: 3\n").unit.empty());
}
