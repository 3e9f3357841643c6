// SPDX-License-Identifier: MIT
#include "actors/logic/text.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace ratchet;

TEST_CASE("bytes that are not UTF-8 are replaced, one sign a byte") {
  CHECK(valid_utf8("a\xFF"
                   "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(valid_utf8(std::string("a\0b", 3)) ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(valid_utf8("\xE2\x82\xAC \xF0\x9F\x98\x80") == "\xE2\x82\xAC \xF0\x9F\x98\x80");
  const std::string r = "\xEF\xBF\xBD";
  CHECK(valid_utf8("\xE2\x82") == r + r);                  // cut off
  CHECK(valid_utf8("\xC0\xAF") == r + r);                  // overlong
  CHECK(valid_utf8("\xED\xA0\x80") == r + r + r);          // a surrogate
  CHECK(valid_utf8("\xF4\x90\x80\x80") == r + r + r + r);  // beyond Unicode
  CHECK(valid_utf8("") == "");
}

TEST_CASE("prefix and suffix end on character boundaries") {
  const std::string euro = "\xE2\x82\xAC";
  CHECK(utf8_prefix(euro + euro, 5) == euro);
  CHECK(utf8_prefix(euro, 2) == "");
  CHECK(utf8_prefix("abc", 9) == "abc");
  CHECK(utf8_suffix(euro + euro, 5) == euro);
  CHECK(utf8_suffix(euro, 0) == "");
  CHECK(utf8_suffix("abc", 2) == "bc");
}

TEST_CASE("one line has no control characters, single blanks and at most so many characters") {
  CHECK(one_line("  a\n\tb\r\n c  ") == "a b c");
  CHECK(one_line("") == "");
  CHECK(one_line(" \n ") == "");
  CHECK(one_line(std::string(300, 'x')).size() == 200);
  CHECK(one_line("\xC3\xA9\xC3\xA9\xC3\xA9", 2) == "\xC3\xA9\xC3\xA9");
  CHECK(one_line("ab cd", 3) == "ab");
  CHECK(one_line("ab cd", 4) == "ab c");
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (unsigned i = 0; i < random() % 60; ++i) text += static_cast<char>(random());
    std::string line = one_line(text, 10);
    std::size_t characters = 0;
    for (char c : line) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    REQUIRE(characters <= 10);
    REQUIRE(valid_utf8(line) == line);
    REQUIRE(!line.ends_with(' '));
    REQUIRE(!line.starts_with(' '));
  }
}

TEST_CASE("what was given is shown in quotes, cut with an ellipsis") {
  CHECK(shown("a\nb") == "\"a b\"");
  CHECK(shown("abcdef", 3) == "\"abc…\"");
  CHECK(shown("abc", 3) == "\"abc\"");
}

TEST_CASE("lines do not count the missing break of the last one") {
  CHECK(lines_of("a\nb").size() == 2);
  CHECK(lines_of("a\nb\n").size() == 2);
  CHECK(lines_of("\n\n").size() == 2);
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\r\n")[0] == "a\r");
}

TEST_CASE("times are RFC 3339 in UTC with milliseconds, also before 1970") {
  CHECK(rfc3339(0) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(1769903999123) == "2026-01-31T23:59:59.123Z");
  CHECK(rfc3339(-1) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("numbers are written as short as they read back") {
  CHECK(shortest(0.1) == "0.1");
  CHECK(shortest(3) == "3");
  CHECK(shortest(1e300) == "1e+300");
  CHECK(shortest(-0.5) == "-0.5");
}

TEST_CASE("a star in a topic matches across dots") {
  CHECK(matches_topic("*", "autoresearch.kept"));
  CHECK(matches_topic("*", ""));
  CHECK(matches_topic("auto*.kept", "autoresearch.a.kept"));
  CHECK(matches_topic("a*b*c", "aXbYbc"));
  CHECK(!matches_topic("a*b", "abc"));
  CHECK(!matches_topic("", "a"));
  CHECK(matches_topic("a.b", "a.b"));
}

TEST_CASE("the nearest word is found, and none when none is near") {
  CHECK(nearest_word("metric_patern", {"metric_name", "metric_pattern"}) == "metric_pattern");
  CHECK(nearest_word("zzzzzz", {"metric_name", "repeats"}) == "");
  CHECK(nearest_word("x", {}) == "");
}

TEST_CASE("trimmed text has no blanks around it, and only blanks are nothing") {
  CHECK(trimmed(" \t\r\n a b \v\f\n") == "a b");
  CHECK(trimmed_right("  a \n") == "  a");
  CHECK(trimmed(" \n").empty());
  CHECK(trimmed("").empty());
}
