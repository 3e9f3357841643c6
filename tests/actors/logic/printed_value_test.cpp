// SPDX-License-Identifier: MIT
#include "actors/logic/printed_value.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace ratchet;

TEST_CASE("a number is read with its unit, glued or behind blanks") {
  struct {
    const char* text;
    double value;
    const char* unit;
  } cases[] = {{"1.2ms", 1.2, "ms"},
               {"1.2 ms", 1.2, "ms"},
               {"1.2\xC2\xA0ms", 1.2, "ms"},
               {"1234 ns", 1234, "ns"},
               {"3.4k", 3400, ""},
               {"3.4 M", 3.4e6, ""},
               {"12Ki", 12288, ""},
               {"52.66M/s", 52.66, "M/s"},
               {"1.2k req/s", 1200, "req/s"},
               {"12MiB", 12, "MiB"},
               {"1.8x", 1.8, "x"},
               {"95%", 95, "%"},
               {"95.2 %", 95.2, "%"},
               {"1e3us", 1000, "us"},
               {"-5 ms", -5, "ms"},
               {"5", 5, ""},
               {"1,234 ns/iter", 1234, "ns/iter"},
               {"0m1.234s", 1.234, "s"},
               {"1m02.5s", 62.5, "s"},
               {"1h2m3s", 3723, "s"},
               {"1m 20s", 80, "s"},
               {"1 min 20 s", 80, "s"},
               {"2 s 300 ms", 2.3, "s"},
               {"5m", 5, "m"},
               {"1:02.5", 62.5, "s"},
               {"0:01.23", 1.23, "s"},
               {"1:00:02.50", 3602.5, "s"}};
  for (auto& c : cases) {
    CAPTURE(c.text);
    auto value = whole_value(c.text);
    REQUIRE(value.kind == number_kind::finite);
    CHECK(value.value == doctest::Approx(c.value).epsilon(1e-14));
    CHECK(value.unit == c.unit);
  }
}

TEST_CASE("words behind a number that are no units leave it a plain number") {
  for (const char* text : {"5 apples", "5 (best so far)", "5 epoch 3", "5, 6", "5 m", "5 x 4",
                           "5 min 3", "5/100", "5 ms=12",
                           "5\xC2\xB1"
                           "0.1",
                           "5 \xC2\xB1 1 ms", "5\xE2\x82\xAC", "5 k 3"}) {
    CAPTURE(text);
    auto value = leading_value(text);
    CHECK(value.kind == number_kind::finite);
    CHECK(value.value == 5);
    CHECK(value.unit.empty());
  }
  // Columns beside each other are not parts of one duration.
  CHECK(leading_value("1.5 s 900 ms").value == 1.5);
  CHECK(leading_value("1 s  900 ms").value == 1);
  CHECK(leading_value("10 ms 20 ms").value == 10);
}

TEST_CASE("what is no whole token is no value") {
  for (const char* text : {"12abc", "5.x", "1.2.3", "12ms3", "12:30", "12:30:05", "1:2.5", "1:75.5",
                           "2024-01-05", "12msx", "1m2x", "5ks", "12 ms ms"}) {
    CAPTURE(text);
    CHECK(whole_value(text).kind == number_kind::none);
  }
}
