// SPDX-License-Identifier: MIT
#include "actors/logic/failed_tests.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t shown_assertions = 2, lines_of_assertion = 7, longest_told_line = 400;

bool line_has(std::string_view line, const RE2& pattern) {
  line = line.substr(0, 2000);
  return RE2::PartialMatch({line.data(), line.size()}, pattern);
}

/// Where an assertion says what it found; the lines after it are its values.
bool begins_assertion(std::string_view line) {
  static const RE2 begins(
      R"(^\S+:\d+: (?:Failure$|FAILED:)|: (?:FATAL )?ERROR: |^E  +\S|^thread '.*' .*panicked at )");
  return line_has(line, begins);
}

bool ends_assertion(std::string_view line) {
  static const RE2 ends(R"(^\s*$|^\[ +(?:OK|FAILED|RUN) +\]|^[=-]{4,}|^test |^ok )");
  return line_has(line, ends);
}

/// Without the time it took, so that the same name is told once.
std::string name_in(std::string_view line) {
  static const RE2 time(R"( \((?:\d+ ms|[\d.]+ ?s)\)$)");
  std::string name = one_line(line, longest_told_line);
  RE2::Replace(&name, time, "");
  return name;
}

}  // namespace

bool tells_of_failed_test(std::string_view line) {
  static const RE2 failure(
      R"(^(?:FAILED|FAIL|ERROR)[: ]+[^\s0-9]|\*\*\*(?:Failed|Exception|Timeout|Not Run)|^\[ +FAILED +\] +[^0-9 ]|^test .*\.\.\. FAILED|^\s*--- FAIL: |^not ok |: (?:ERROR|FATAL ERROR|error|fatal error): |^E +[A-Z]\w*(?:Error|Exception|Failed)|Assertion [`'].*' failed|: Assertion .*failed)");
  return !line.ends_with(':') && line_has(line, failure);
}

bool suite_failed(std::string_view output) {
  static const RE2 red_tests(
      R"((?i)\b[1-9][\d,]* (?:failed|failures?|failing|errors?)\b.*\b[\d,]+ (?:passed|passing)\b|\b[\d,]+ passed\b.*\b[1-9]\d* (?:failed|errors?)\b|\b[1-9]\d* tests? failed out of \d|^FAILED \((?:failures|errors)=|^\s*[1-9]\d* failing$|^(?:FAIL|--- FAIL:?)\s|^Tests:\s+[1-9]\d* failed|^\[  FAILED  \] )");
  const auto lines = lines_of(output);
  return std::any_of(lines.begin(), lines.end(),
                     [](std::string_view line) { return line_has(line, red_tests); });
}

std::vector<std::string> failed_test_lines(std::string_view output, std::size_t most) {
  std::vector<std::string> assertions, names;
  std::set<std::string> told;
  std::size_t shown = 0, left = 0;
  for (std::string_view line : lines_of(output)) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (begins_assertion(line)) {
      left = ++shown <= shown_assertions ? lines_of_assertion : 0;
    } else if (ends_assertion(line)) {
      left = 0;
    }
    if (left > 0) {
      assertions.push_back(valid_utf8(line.substr(0, longest_told_line)));
      --left;
    } else if (!begins_assertion(line) && tells_of_failed_test(line)) {
      if (auto name = name_in(line); told.insert(name).second) names.push_back(std::move(name));
    }
  }
  if (names.empty() && assertions.empty()) return {};
  // A name says more than the values of the second assertion.
  const auto room = most - std::min(most, std::min(names.size(), most / 2));
  if (assertions.size() > room) assertions.resize(room);
  std::vector<std::string> all = std::move(assertions);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (all.size() + 1 == most && i + 1 < names.size()) {
      all.push_back("and " + std::to_string(names.size() - i) + " more");
      break;
    }
    all.push_back(names[i]);
  }
  return all;
}

}  // namespace ratchet
