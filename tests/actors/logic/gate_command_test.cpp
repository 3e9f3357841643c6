// SPDX-License-Identifier: MIT
#include "actors/logic/gate_command.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace ratchet {
namespace {

gate_verdict ended(int exit_code, std::string_view output = "") {
  return command_verdict({"tests", {"make check", {}}, 7}, {exit_code, {}, false, output});
}

TEST_CASE("exit code 0 allows, every other end refuses and is enforced") {
  CHECK(ended(0).allowed);
  CHECK(ended(0, "1 failed\n").allowed);
  for (int code : {1, 2, 3, 8, 101, 126, 127, 255}) {
    auto v = ended(code);
    CHECK_FALSE(v.allowed);
    CHECK(v.enforced);
    CHECK(v.gate == "tests");
  }
}

TEST_CASE("the reason says how the command ended, unless that was exit code 1") {
  CHECK(ended(1, "checking\nline too long\n\n").reason == "line too long");
  CHECK(ended(1).reason == "refused without a reason");
  CHECK(ended(8, "Errors while running CTest\n").reason ==
        "exit code 8: Errors while running CTest");
  CHECK(ended(2).reason == "exit code 2");
  CHECK(ended(127, "sh: 1: pytset: not found\n").reason ==
        "exit code 127: sh: 1: pytset: not found");
}

TEST_CASE("signals, time-outs and commands that cannot be run refuse") {
  external_gate gate{"tests", {"x", {}}, 7};
  auto killed = command_verdict(gate, {{}, 11, false, "testing\n"});
  CHECK_FALSE(killed.allowed);
  CHECK(killed.reason == "ended by signal 11 (SIGSEGV): testing");
  auto late = command_verdict(gate, {0, {}, true, ""});
  CHECK_FALSE(late.allowed);
  CHECK(late.reason == "took longer than 7 s");
  auto absent = command_verdict(gate, {{}, {}, false, "`x` cannot be executed: No such file"});
  CHECK_FALSE(absent.allowed);
  CHECK(absent.enforced);
  CHECK(absent.reason == "could not be run: `x` cannot be executed: No such file");
}

TEST_CASE("the first test that failed is the reason, in the words of the usual tools") {
  CHECK(ended(1, "collected 3 items\nFAILED t.py::test_a - assert 1 == 2\n1 failed\n").reason ==
        "FAILED t.py::test_a - assert 1 == 2");
  CHECK(ended(8,
              "1/2 Test #1: one ....   Passed\n2/2 Test #2: two ....***Failed  0.0 sec\n\nThe "
              "following tests FAILED:\n\t  2 - two (Failed)\nErrors while running CTest\n")
            .reason == "exit code 8: 2/2 Test #2: two ....***Failed 0.0 sec");
  CHECK(ended(1, "[  FAILED  ] a.b (0 ms)\n[  FAILED  ] 1 test, listed below:\n").reason ==
        "[ FAILED ] a.b (0 ms)");
  CHECK(ended(101, "test a ... ok\ntest b ... FAILED\nerror: test failed\n").reason ==
        "exit code 101: test b ... FAILED");
  CHECK(ended(1, "--- FAIL: TestX (0.00s)\nFAIL\n").reason == "--- FAIL: TestX (0.00s)");
  CHECK(ended(1, "ok 1\nnot ok 2 - adds\n").reason == "not ok 2 - adds");
}

TEST_CASE("the tail is the end of the output without control sequences") {
  CHECK(ended(0, "fine\n").output_tail == "");
  CHECK(ended(1, "one\n\x1b[31mtwo\x1b[0m\n").output_tail == "one\ntwo");
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += "line " + std::to_string(i) + "\n";
  auto tail = ended(1, lines).output_tail;
  CHECK(tail.size() <= max_gate_tail);
  CHECK(tail.size() > max_gate_tail - 20);
  CHECK(tail.ends_with("line 1998\nline 1999"));
  CHECK(tail.starts_with("line "));
}

TEST_CASE("a gate that the unmodified code does not pass is named with its output") {
  CHECK(baseline_refusal({}) == "");
  CHECK(baseline_refusal({{ended(0)}}) == "");
  auto text = baseline_refusal({{ended(0), ended(8, "a\nb\n")}});
  CHECK(text ==
        "gate \"tests\" does not pass on the unmodified code: exit code 8: b; mend that, or take "
        "the gate out, and set up again\na\nb");
  CHECK(baseline_refusal({{ended(1, "b\n")}}).find('\n') == std::string::npos);
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += std::string(150, 'x') + "\n";
  auto long_text = baseline_refusal({{ended(1, lines)}});
  CHECK(long_text.size() <= 4096);
  CHECK(std::count(long_text.begin(), long_text.end(), '\n') < 20);
}

TEST_CASE("what let the candidate pass without looking is named with its reason") {
  gate_verdict absent{"mine", true, false, "could not be asked: out of order"};
  gate_verdict refused{"other", false, false, "could not be asked: gone"};
  CHECK(not_enforced({{ended(0), absent, refused}}) ==
        std::vector<std::string>{"mine: could not be asked: out of order"});
}

}  // namespace
}  // namespace ratchet
