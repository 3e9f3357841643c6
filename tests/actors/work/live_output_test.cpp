// SPDX-License-Identifier: MIT
#include "actors/work/live_output.hpp"

#include <doctest/doctest.h>

using ratchet::live_output;

TEST_CASE("the last whole line of a command at work is known until it ends") {
  live_output live;
  CHECK(live.last_line("s").empty());
  live.consume("s", "step ");
  CHECK(live.last_line("s") == "step ");  // better than nothing while no line is whole
  live.consume("s", "1\nstep 2\r\n\nstep");
  CHECK(live.last_line("s") == "step 2");
  CHECK(live.last_line("t").empty());
  live.end("s");
  CHECK(live.last_line("s").empty());
}

TEST_CASE("of a flood only its end is looked at, and a line is cut at its limit") {
  live_output live;
  live.consume("s", "begun ");
  live.consume("s", std::string(1 << 20, 'x') + "\nlast\n");
  CHECK(live.last_line("s") == "last");
  live.consume("s", "begun ");
  live.consume("s", std::string(1 << 20, 'y') + "\n");
  CHECK(live.last_line("s") == std::string(live_output::max_line_bytes, 'y'));
}
