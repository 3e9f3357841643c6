// SPDX-License-Identifier: MIT
#include "actors/logic/plain_output.hpp"

#include <doctest/doctest.h>

namespace ratchet {
namespace {

TEST_CASE("colours, cursor moves and titles are gone") {
  CHECK(plain_output("\x1b[31;1mFAILED\x1b[0m test_a\x1b[K\n") == "FAILED test_a");
  CHECK(plain_output("\x1b]0;a title\aone\x1b]8;;http://x\x1b\\two") == "onetwo");
  CHECK(plain_output("\x1b(Bplain\x1b=\x1b[?25l") == "plain");
}

TEST_CASE("a sequence that was cut off takes nothing of the next line") {
  CHECK(plain_output("a\x1b[31\nb") == "a\nb");
  CHECK(plain_output("a\x1b]0;title\nb") == "a\nb");
  CHECK(plain_output("a\x1b") == "a");
  CHECK(plain_output("a\x1b\nb") == "a\nb");
}

TEST_CASE("a line that was written over is as it was written last") {
  CHECK(plain_output("10 %\r20 %\r100 %\ndone\r\n") == "100 %\ndone");
  CHECK(plain_output("half\r") == "half");
  CHECK(plain_output("ab\bc") == "ac");
  CHECK(plain_output("\xc3\xa4\xc3\xb6\b\bx") == "x\xc3\xb6");
}

TEST_CASE("what is written over in part keeps its rest, unless it is erased") {
  // A benchmark's line, whose number is printed anew from its beginning on.
  CHECK(plain_output("\r 1#lib : 120 MB/s\r 1#lib : 549 MB/s\r 1#") == " 1#lib : 549 MB/s");
  CHECK(plain_output("12345\r\x1b[Kab") == "ab");
  CHECK(plain_output("12345\r\x1b[2Kab") == "ab");
  CHECK(plain_output("12345\x1b[1Gab") == "ab345");
  CHECK(plain_output("12345\r\xc3\xa4") ==
        "\xc3\xa4"
        "2345");
}

TEST_CASE("blanks at the ends of lines and empty lines at the end are gone, others stay") {
  CHECK(plain_output("a  \n\n\tb \t\n \n\n") == "a\n\n\tb");
  CHECK(plain_output("") == "");
}

TEST_CASE("what is no text cannot harm") {
  CHECK(plain_output("a\x01\x02\x7f"
                     "b\xff") == "ab\xef\xbf\xbd");
  CHECK(plain_output("a\xc2\x9b"
                     "31m") == "a31m");
  CHECK(plain_output("\xc2\xa0x") == "\xc2\xa0x");
}

TEST_CASE("the tail is the last whole lines that fit") {
  CHECK(plain_tail("one\ntwo\nthree\n", 100) == "one\ntwo\nthree");
  CHECK(plain_tail("one\ntwo\nthree\n", 9) == "two\nthree");
  CHECK(plain_tail("one\ntwo\nthree\n", 8) == "three");
  CHECK(plain_tail("one\n" + std::string(50, 'x'), 10) == std::string(10, 'x'));
}

}  // namespace
}  // namespace ratchet
