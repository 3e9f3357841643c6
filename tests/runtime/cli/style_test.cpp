// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "runtime/cli/live_block.hpp"
#include "runtime/cli/style.hpp"

using namespace ratchet::cli;

namespace {
const text_style coloured{.colour = true, .unicode = true};
const text_style plain_style{};
const text_style ascii{.colour = false, .unicode = false};
}  // namespace

TEST_CASE("width counts columns: escapes none, wide characters two, marks none") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("\x1b[1mabc\x1b[0m") == 3);
  CHECK(display_width("é–…") == 3);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("\xC3") == 1);  // cut off: still one thing on the screen
}

TEST_CASE("cut text fits, is marked, and ends its colour") {
  CHECK(clipped("abcdef", 6, plain_style) == "abcdef");
  CHECK(clipped("abcdef", 4, plain_style) == "abc…");
  CHECK(clipped("abcdef", 4, ascii) == "abc~");
  CHECK(clipped("日本語", 4, plain_style) == "日…");
  CHECK(clipped("\x1b[31mabcdef\x1b[0m", 4, coloured) == "\x1b[31mabc…\x1b[0m");
  CHECK(clipped("abc", 0, plain_style) == "");
  for (int width = 1; width < 12; ++width)
    CHECK(display_width(clipped("a日\x1b[1m本x\x1b[0m–語y", width, plain_style)) <= width);
}

TEST_CASE("padding fills up to the width and never beyond") {
  CHECK(padded("ab", 4, plain_style) == "ab  ");
  CHECK(padded("abcdef", 4, plain_style) == "abc…");
  CHECK(cell("abcdef", 6, plain_style) == "abcd… ");
  CHECK(cell("ab", 4, plain_style) == "ab  ");
}

TEST_CASE("numbers, changes and times read well") {
  CHECK(number_text(0.9123456789) == "0.912346");
  CHECK(number_text(1e9) == "1e+09");
  CHECK(number_text(std::nullopt) == "–");
  CHECK(change_text(2.0, 2.5) == "+25 %");
  CHECK(change_text(-2.0, -1.0) == "+50 %");
  CHECK(change_text(1.0, 20.0) == "+1900 %");
  CHECK(change_text(0.0, 1.0) == "");
  CHECK(change_text(std::nullopt, 1.0) == "");
  CHECK(duration_text(-1) == "0 s");
  CHECK(duration_text(0.0001) == "<1 ms");
  CHECK(duration_text(0.85) == "850 ms");
  CHECK(duration_text(4.24) == "4.2 s");
  CHECK(duration_text(59.99) == "1:00");
  CHECK(duration_text(234) == "3:54");
  CHECK(duration_text(3723) == "1:02:03");
  CHECK(duration_text(2 * 86'400 + 3 * 3600) == "2 d 03:00:00");
}

TEST_CASE("what comes from outside cannot steer the terminal") {
  CHECK(harmless("a\x1b]0;title\x07z") == "a?]0;title?z");
  CHECK(harmless("a\nb\tc\r") == "a b c?");
  CHECK(harmless("a\nb\r\n", true) == "a\nb?\n");
  CHECK(harmless("\xC2\x9B"
                 "2J") == "?2J");
  CHECK(harmless("é") == "é");
}

TEST_CASE("colour is only written where it is wanted") {
  CHECK(painted(plain_style, paint::red, "x") == "x");
  CHECK(painted(coloured, paint::red, "x") == "\x1b[31mx\x1b[0m");
  CHECK(painted(coloured, paint::plain, "x") == "x");
}

TEST_CASE("a block is drawn over the rows that the one before takes now") {
  CHECK(redrawn({}, {"a"}, 80) == "\x1b[?2026h\ra\x1b[K\n\x1b[J\x1b[?2026l");
  CHECK(redrawn({"a", "b"}, {"c"}, 80).find("\x1b[2A") != std::string::npos);
  // The terminal became narrower: 25 columns wrap into three rows of 10.
  CHECK(redrawn({std::string(25, 'x'), "b"}, {"c"}, 10).find("\x1b[4A") != std::string::npos);
}
