// SPDX-License-Identifier: MIT
#include "actors/logic/telling_line.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

TEST_CASE("of a traceback the last line tells, of a compilation the first error") {
  CHECK(telling_line(
            "Traceback (most recent call last):\n  File \"t.py\", line 3, in <module>\n    "
            "x = y\nNameError: name 'y' is not defined") == "NameError: name 'y' is not defined");
  CHECK(
      telling_line("a.c: In function 'main':\na.c:3:5: error: unknown type name 'itn'\n    3 | itn "
                   "x;\n      | ^~~\nmake: *** [Makefile:2: all] Error 1") ==
      "a.c:3:5: error: unknown type name 'itn'");
  CHECK(telling_line("exit code 3\nassertion of x failed\n") == "assertion of x failed");
  CHECK(telling_line("  ^~~~\n---\n").empty());
  CHECK(telling_line("").empty());
}
