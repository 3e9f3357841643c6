// SPDX-License-Identifier: MIT
#include "actors/logic/metric_unit.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace ratchet;

TEST_CASE("values are converted within time, bytes, bits, prefixes and rates") {
  struct {
    double value;
    const char* from;
    const char* to;
    double wanted;
  } cases[] = {{900, "us", "ms", 0.9},
               {900, "\xC2\xB5s", "us", 900},
               {900, "\xCE\xBCs", "\xC2\xB5s", 900},
               {1.5, "s", "ms", 1500},
               {2, "min", "seconds", 120},
               {1, "h", "s", 3600},
               {3, "Sec", "ms", 3000},
               {250, "nanoseconds", "us", 0.25},
               {12, "msec", "s", 0.012},
               {1, "GB", "MB", 1000},
               {0.5, "GiB", "MiB", 512},
               {1, "KiB", "B", 1024},
               {1, "kB", "KB", 1},
               {1, "MiB", "MB", 1.048576},
               {1.4, "GB/s", "MB/s", 1400},
               {1, "MBytes/sec", "kB/s", 1000},
               {1, "Gbits/sec", "Mbit/s", 1000},
               {1, "Gbps", "Mb/s", 1000},
               {1, "MBps", "MB/s", 1},
               {1.2, "Mops/s", "kops/s", 1200},
               {3, "Mops", "ops", 3e6},
               {1, "kitems/s", "items/s", 1000},
               {1, "GFLOP/s", "MFLOP/s", 1000},
               {1, "GFLOPS", "MFLOP/s", 1000},
               {2, "k", "", 2000},
               {4, "Ki", "", 4096},
               {52.66, "M/s", "k/s", 52660},
               {3, "GHz", "MHz", 3000},
               {1, "us/op", "ns/op", 1000},
               {1.5, "ms/iter", "us/iter", 1500},
               {600, "req/min", "req/s", 10},
               {1, "kb", "mb", 0.001},
               {1, "kb", "kB", 1},
               {3, "kJ", "J", 3000},
               {3, "x", "x", 3},
               {7, "apples", "apples", 7},
               {95, "%", "percent", 95}};
  for (auto& c : cases) {
    CAPTURE(c.from);
    CAPTURE(c.to);
    auto value = converted(c.value, c.from, c.to);
    REQUIRE(value);
    CHECK(*value == doctest::Approx(c.wanted).epsilon(1e-14));
  }
  CHECK(converted(900, "us", "ms") == 0.9);
  CHECK(converted(1.002, "s", "ms") == 1002);
}

TEST_CASE("units of different kinds do not convert") {
  for (auto [from, to] : {std::pair{"ms", "MB"},
                          {"MB", "Mbit"},
                          {"Mb", "MB"},
                          {"MB/s", "MB"},
                          {"%", ""},
                          {"", "ms"},
                          {"x", "%"},
                          {"ops/s", "items/s"},
                          {"k", "ms"},
                          {"ns/op", "ns"},
                          {"ns/op", "ns/iter"},
                          {"apples", "pears"}}) {
    CAPTURE(from);
    CAPTURE(to);
    CHECK(!converted(1, from, to));
  }
}

TEST_CASE("a unit right behind a number is any that is known, to the end of its token") {
  for (const char* text : {"ms", "MiB", "x", "%", "k", "M/s", "ops/s", "\xC2\xB5s", "h", "s", "B",
                           "ns/op", "Hz", "fps", "\xC3\x97"}) {
    CAPTURE(text);
    std::string unit = text;
    CHECK(unit_length(unit, false) == unit.size());
    CHECK(unit_length(unit + ", and", false) == unit.size());
    CHECK(unit_length(unit + ".", false) == unit.size());
    CHECK(unit_length(unit + "\n", false) == unit.size());
  }
  CHECK(unit_length("ms/13ms", false) == 2);
  for (const char* text : {"abc", "x10", "ms_", "ms2", "apples", "", "e5", "-ms", "st", "kfoo"}) {
    CAPTURE(text);
    CHECK(unit_length(text, false) == 0);
  }
}

TEST_CASE("after a blank only what can be nothing but a unit is one") {
  for (const char* text : {"ms", "s in total", "GB/s", "% of", "seconds", "tokens/s", "ns 1230 ns",
                           "x", "x)", "k", "M,", "h", "B", "min", "min,", "ops/s (best)"}) {
    CAPTURE(text);
    CHECK(unit_length(text, true) > 0);
  }
  for (const char* text :
       {"apples", "(best", "epoch 3", "m", "x 4", "k 3", "min 3", "min: 3", "h=4", "ms: 12", "b",
        "B free", "tokens/s=18", "x faster", "loss", "max", "a/b", "M steps"}) {
    CAPTURE(text);
    CHECK(unit_length(text, true) == 0);
  }
}
