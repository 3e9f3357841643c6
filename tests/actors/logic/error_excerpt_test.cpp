// SPDX-License-Identifier: MIT
#include "actors/logic/error_excerpt.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "actors/logic/text.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using ratchet::testing::contains;

namespace {

std::string failed(const std::string& tail, int exit_code = 1, const std::string& head = "") {
  return error_excerpt(exit_code, {}, false, 5, head, tail);
}

}  // namespace

TEST_CASE("the last traceback is the error") {
  CHECK(
      failed("hello\nTraceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    "
             "f()\nValueError: bad\nbye\n") ==
      "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    f()\n"
      "ValueError: bad");
  std::string chained =
      "Traceback (most recent call last):\n  File \"a\"\nKeyError: 1\n\nDuring handling of the "
      "above "
      "exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "
      "\"b\"\nTypeError: 2\n";
  CHECK(failed(chained) == "Traceback (most recent call last):\n  File \"b\"\nTypeError: 2");
  std::string deep = "Traceback (most recent call last):\n";
  for (int i = 0; i < 100; ++i) deep += "  File \"a.py\", line " + std::to_string(i) + "\n";
  std::string text = failed(deep + "RecursionError: deep\n");
  CHECK(text.starts_with("Traceback"));
  CHECK(text.ends_with("RecursionError: deep"));
  CHECK(contains(text, "line 99"));
  CHECK(failed("bye\n", 1, "Traceback (most recent call last):\nE: x\n") ==
        "Traceback (most recent call last):\nE: x");
}

TEST_CASE("compiler errors, panics and sanitizer reports are the error") {
  for (const char* line :
       {"src/a.cpp:3:5: error: 'x' was not declared", "a.c:3: fatal error: no.h: No such file",
        "error[E0308]: mismatched types", "a.cpp(3): error C2065: undeclared",
        "/usr/bin/ld: cannot find -lfoo", "a.o: in function f: undefined reference to `g'",
        "thread 'main' panicked at src/main.rs:2:5:", "panic: runtime error: index out of range",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "a.out: a.c:3: main: Assertion `x' failed.",
        "==12==ERROR: AddressSanitizer: heap-use-after-free", "a.cpp:3:4: runtime error: overflow",
        "Exception in thread \"main\" java.lang.Error", "TypeError: x is not a function",
        "make: *** [Makefile:3: all] Error 1"}) {
    std::string text = failed(std::string("building\n\n") + line + "\nmore about it\n\nend\n");
    CAPTURE(text);
    CHECK(text.starts_with(line));
    CHECK(contains(text, "more about it"));
    CHECK(!contains(text, "building"));
  }
  CHECK(failed("a.c:1:1: error: first\n  x\na.c:9:1: error: second\n")
            .starts_with("a.c:1:1: error: first"));
}

TEST_CASE("what belongs to an error may stand behind blank lines") {
  std::string cmake =
      "-- Detecting C compile features - done\n"
      "CMake Error at CMakeLists.txt:3 (add_subdirectory):\n  The source directory\n\n"
      "    /src/third_party/benchmark\n\n  does not contain a CMakeLists.txt file.\n\n\n"
      "-- Configuring incomplete, errors occurred!\n";
  CHECK(failed(cmake) ==
        "CMake Error at CMakeLists.txt:3 (add_subdirectory):\n  The source directory\n\n"
        "    /src/third_party/benchmark\n\n  does not contain a CMakeLists.txt file.");
  std::string gcc =
      "a.cpp:1:10: fatal error: x.h: No such file\n\n    1 | #include \"x.h\"\n\n"
      "compilation terminated.\n\nmake: leaving\n";
  CHECK(contains(failed(gcc), "#include \"x.h\"\n\ncompilation terminated."));
  CHECK(!contains(failed(gcc), "leaving"));
  CHECK(contains(failed("a.cpp:1:2: error: no\n\na.cpp:9:3: note: here\n"), "note: here"));
}

TEST_CASE("a host that was not reached without a network is told what to do") {
  for (const char* line :
       {"curl: (6) Could not resolve host: example.org",
        "socket.gaierror: [Errno -3] Temporary failure in name resolution",
        "fatal: unable to access 'https://x/': Could not resolve host: x",
        "connect: Network is unreachable", "Error: getaddrinfo EAI_AGAIN registry.example",
        "dial tcp: lookup proxy.example: no such host"}) {
    CAPTURE(line);
    auto text = error_excerpt(6, {}, false, 5, "", line, "network+mounts");
    CHECK(contains(text, line));
    CHECK(text.ends_with(
        "the sandbox has no network: set sandbox to \"none\" or prepare it in setup_command"));
    CHECK(!contains(error_excerpt(6, {}, false, 5, "", line, "none"), "sandbox"));
  }
  CHECK(!contains(error_excerpt(1, {}, false, 5, "", "no such file", "network"), "sandbox"));
}

TEST_CASE("a red suite is told how its passing tests can be the metric") {
  for (const char* line :
       {"=== 3 failed, 197 passed in 2.31s ===", "Tests:       3 failed, 197 passed, 200 total",
        "test result: FAILED. 197 passed; 3 failed; 0 ignored",
        "98% tests passed, 2 tests failed out of 100", "FAILED (failures=3)",
        "[  FAILED  ] 3 tests, listed below:", "--- FAIL: TestX (0.00s)"}) {
    CAPTURE(line);
    CHECK(contains(failed(line), "|| true"));
  }
  CHECK(!contains(failed("197 passed, 0 failed\nexit"), "|| true"));
  CHECK(!contains(failed("segfault"), "|| true"));
}

TEST_CASE(
    "of a suite's output the assertions and the tests that failed are shown, not what passed") {
  std::string passed;
  for (int i = 0; i < 100; ++i) {
    const auto name = "BuildTest.Case" + std::to_string(i);
    passed += "[ RUN      ] " + name + "\n[       OK ] " + name + " (0 ms)\n";
  }
  const std::string wrong =
      "[ RUN      ] PathTest.Dots\nutil_test.cc:45: Failure\nExpected equality of these values:\n"
      "  path\n    Which is: \"./a\"\n  \"a\"\n[  FAILED  ] PathTest.Dots (3 ms)\n";
  const std::string summary =
      "[==========] 201 tests ran.\n[  PASSED  ] 200 tests.\n[  FAILED  ] 1 test, listed below:\n"
      "[  FAILED  ] PathTest.Dots\n\n 1 FAILED TEST\n";
  const auto text =
      error_excerpt(1, {}, false, 5, "", passed + wrong + passed + summary, {}, false);
  CHECK(text ==
        "exit code 1\nutil_test.cc:45: Failure\nExpected equality of these values:\n  path\n"
        "    Which is: \"./a\"\n  \"a\"\n[ FAILED ] PathTest.Dots");
  // The middle of a long output is not kept: the names are.
  CHECK(error_excerpt(1, {}, false, 5, "", passed + summary, {}, false) ==
        "exit code 1\n[ FAILED ] PathTest.Dots");
}

TEST_CASE("a log with errors in it is no suite: its end is shown") {
  const std::string log =
      "fetch: ERROR: timed out, trying again\n" + std::string("step done\n") + "the disk is full\n";
  CHECK(failed(log) ==
        "exit code 1\nfetch: ERROR: timed out, trying again\nstep done\nthe disk is full");
}

TEST_CASE("of many tests that failed some are named and the rest counted") {
  std::string tail;
  for (int i = 0; i < 100; ++i) tail += "FAILED t.py::test_" + std::to_string(i) + " - assert 1\n";
  tail += "=== 100 failed, 3 passed in 2.31s ===\n";
  const auto text = error_excerpt(1, {}, false, 5, "", tail, {}, false);
  CHECK(text.starts_with("exit code 1\nFAILED t.py::test_0 - assert 1\n"));
  CHECK(text.ends_with("\nand 83 more"));
  CHECK(contains(error_excerpt(8, {}, false, 5, "",
                               " 1/2 Test  #1: store .....   Passed    0.10 sec\n"
                               " 2/2 Test  #2: lexer .....***Failed    0.02 sec\n"
                               "50% tests passed, 1 tests failed out of 2\n",
                               {}, false),
                 "exit code 8\n2/2 Test #2: lexer .....***Failed"));
}

TEST_CASE("a line that merely speaks of errors is no cause (D43)") {
  CHECK(failed("Error rate: 3\nerrors: 0\n0 errors\nno error here\n", 3) ==
        "exit code 3\nError rate: 3\nerrors: 0\n0 errors\nno error here");
  CHECK(failed("", 3) == "exit code 3");
  CHECK(failed("sh: foo: not found\n", 127) ==
        "exit code 127 (command not found)\nsh: foo: not found");
  CHECK(failed("", 137) == "exit code 137 (as after SIGKILL)");
}

TEST_CASE("signals and time-outs are named first") {
  CHECK(error_excerpt({}, 11, false, 5, "", "working\n") ==
        "killed by signal 11 (SIGSEGV)\nworking");
  CHECK(error_excerpt({}, 63, false, 5, "", "") == "killed by signal 63");
  CHECK(error_excerpt({}, 9, true, 5, "", "step 1\n") == "timed out after 5 s\nstep 1");
  CHECK(error_excerpt({}, 9, true, 0.25, "", "") == "timed out after 0.25 s");
  CHECK(error_excerpt({}, 6, false, 5, "", "x: a.c:3: main: Assertion `y' failed.\n") ==
        "killed by signal 6 (SIGABRT)\nx: a.c:3: main: Assertion `y' failed.");
  CHECK(error_excerpt({}, {}, false, 5, "", "") == "ended without an exit code");
}

TEST_CASE("only the last lines are shown, as a terminal would show them") {
  std::string tail;
  for (int i = 0; i < 100; ++i) tail += "line " + std::to_string(i) + "\n\n";
  std::string text = failed(tail);
  CHECK(text.starts_with("exit code 1\nline 81\n"));
  CHECK(text.ends_with("line 99"));
  CHECK(failed(" 1%\r 50%\r 99%\r\ndone\r\n") == "exit code 1\n 99%\ndone");
}

TEST_CASE("an excerpt is always short and valid, whatever was printed") {
  std::mt19937 random(4);
  const std::vector<std::string> parts{"Traceback (most recent call last):\n",
                                       "  File \"x\"\n",
                                       "E: y\n",
                                       "a.c:1:1: error: z\n",
                                       "\xFF\xFE",
                                       "\n",
                                       std::string(5000, 'x'),
                                       std::string(3000, '\xC3'),
                                       "\xE2\x82\xAC",
                                       "\r",
                                       std::string("\0", 1),
                                       "panic: no\n",
                                       "CMake Error at x\n\n  y\n",
                                       "2 failed, 3 passed\n"};
  for (int round = 0; round < 500; ++round) {
    std::string tail;
    for (unsigned i = 0; i < random() % 60; ++i) tail += parts[random() % parts.size()];
    std::string text = error_excerpt(round % 3 == 0 ? std::optional<int>() : 1,
                                     round % 3 == 0 ? std::optional<int>(9) : std::nullopt,
                                     round % 7 == 0, 5, tail.substr(0, 100), tail);
    REQUIRE(!text.empty());
    REQUIRE(text.size() <= max_excerpt_bytes);
    REQUIRE(std::count(text.begin(), text.end(), '\n') < 20);
    REQUIRE(valid_utf8(text) == text);
  }
}
