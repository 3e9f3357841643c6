// SPDX-License-Identifier: MIT
#include "actors/logic/number_text.hpp"

#include <doctest/doctest.h>

#include <string>

#include "actors/logic/literal_finder.hpp"

using namespace ratchet;

TEST_CASE("a printed number is read as a whole token with sign, dot, exponent and thousands") {
  struct {
    const char* text;
    double value;
  } cases[] = {{"0", 0},
               {"-0.5", -0.5},
               {"+3", 3},
               {".5", 0.5},
               {"-.5", -0.5},
               {"5.", 5},
               {"1e-3", 1e-3},
               {"1.5e+10", 1.5e10},
               {"1E5", 1e5},
               {"5.e2", 500},
               {".5e1", 5},
               {"1,234.5", 1234.5},
               {"1,234,567.5", 1234567.5},
               {"12,345", 12345},
               {"-1,000", -1000},
               {"\xE2\x88\x92"
                "0.7",
                -0.7},
               {"95%", 95},
               {" 7 ", 7},
               {"7\r", 7},
               {"007", 7},
               {"1e-400", 0},
               {"123456789012345678901234567890", 123456789012345678901234567890.0}};
  for (auto& c : cases) {
    CAPTURE(c.text);
    auto n = whole_number(c.text);
    REQUIRE(n.kind == number_kind::finite);
    CHECK(n.value == doctest::Approx(c.value).epsilon(1e-15));
  }
}

TEST_CASE("what is only like a number is none") {
  for (const char* text :
       {"",      "-",     "+",    ".",          "-.",     "1.2.3", "0x10", "12abc", "12ms",
        "1_000", "12:30", "12ms", "2024-01-05", "e5",     "1e",    "1e+",  "--5",   "+-5",
        "5-3",   "abc",   "n/a",  "nano",       "inform", "95%%",  "5 6",  "1,,000"}) {
    CAPTURE(text);
    CHECK(whole_number(text).kind == number_kind::none);
  }
}

TEST_CASE("a comma that may be a decimal comma makes a number ambiguous") {
  for (const char* text : {"1,2", "1,2,3", "1,23", "1,2345", "1234,567", "0,98", "-0,5", "0,123",
                           "1.163,5", "007,123", "1'234",
                           "1\xE2\x80\xAF"
                           "234,5",
                           "1,234,56"}) {
    CAPTURE(text);
    CHECK(whole_number(text).kind == number_kind::ambiguous);
  }
  for (const char* text : {"1,021", "12,345", "-999,999"}) {
    CAPTURE(text);
    CHECK(whole_number(text).kind == number_kind::finite);
    CHECK(whole_number(text, lone_comma::ambiguous).kind == number_kind::ambiguous);
  }
  for (const char* text : {"1,234,567", "1,234.5", "1234", "1.5"})
    CHECK(whole_number(text, lone_comma::ambiguous).kind == number_kind::finite);
}

TEST_CASE("not a number, infinity, overflow and endless digits are not finite") {
  for (const std::string& text :
       {std::string("nan"), std::string("NaN"), std::string("-inf"), std::string("Infinity"),
        std::string("1e999"), std::string("-1e400"), std::string(600, '9')}) {
    CAPTURE(text);
    CHECK(whole_number(text).kind == number_kind::not_finite);
  }
}

TEST_CASE("a number may be followed by punctuation but not by more of a token") {
  for (const char* text :
       {"5.", "5. Then", "5, and", "5)", "5;", "5%", "5/100", "5|", "5-", "5\x1b[0m"}) {
    CAPTURE(text);
    CHECK(leading_number(text).kind == number_kind::finite);
    CHECK(leading_number(text).value == 5);
  }
  CHECK(leading_number("1.2.3 x").kind == number_kind::none);
  CHECK(leading_number("5.x").kind == number_kind::none);
}

TEST_CASE("a literal is found where a plain search finds it, in either case") {
  unsigned seed = 7;
  auto random = [&] { return seed = seed * 1664525u + 1013904223u, seed >> 16; };
  for (const char* literal : {"a", "ab", "aB1", "score", "x_[`@", "aaaaaaaaaaaaaaaaaaaa"}) {
    literal_finder finder(literal);
    for (int round = 0; round < 300; ++round) {
      std::string text;
      std::size_t length = random() % 120;
      for (std::size_t i = 0; i < length; ++i)
        text += random() % 9 == 0 ? std::string(literal)
                                  : std::string(1, "aAbB1_[{`@sS"[random() % 12]);
      std::size_t from = random() % (text.size() + 2);
      std::size_t plain = std::string::npos;
      for (std::size_t i = from; i + finder.literal().size() <= text.size(); ++i) {
        bool same = true;
        for (std::size_t k = 0; k < finder.literal().size(); ++k)
          same = same && ascii_lower(text[i + k]) == finder.literal()[k];
        if (same) {
          plain = i;
          break;
        }
      }
      CAPTURE(text);
      CAPTURE(literal);
      REQUIRE(finder.find(text, from) == plain);
    }
  }
}
