// SPDX-License-Identifier: MIT
//
// Which lines of a test suite's output tell what failed, in the words of pytest, ctest, GoogleTest,
// Catch2, cargo, go, TAP and doctest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// Names one test that failed, or says why. A line that only announces a list of them ends in a
/// colon, one that counts says "0 failed".
bool tells_of_failed_test(std::string_view line);

/// Whether the output is that of a test suite with tests that failed.
bool suite_failed(std::string_view output);

/// What a reader wants of a long output: the first two assertions that failed, with what was
/// expected, then the names of the tests, each once, ≤ `most` lines in all; the last says how many
/// more there are. Empty when no line names a test.
std::vector<std::string> failed_test_lines(std::string_view output, std::size_t most);

}  // namespace ratchet
