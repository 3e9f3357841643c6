// SPDX-License-Identifier: MIT
#include "runtime/cli/searched_settings.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace ratchet;
using namespace ratchet::cli;

namespace {

const std::string train =
    "SEED = 1337\nLEARNING_RATE = 3e-4\nBATCH = 32  \nfor i in range(2000):\n    step(i * 7)\n";

settings_survey survey_of(const std::string& file, const std::string& text) {
  auto survey = survey_settings({{file, text}}, json::object(), "loss");
  REQUIRE(survey.has_value());
  return *survey;
}

bool any_line(const std::vector<std::string>& lines, std::initializer_list<const char*> parts) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return std::all_of(parts.begin(), parts.end(),
                       [&](const char* part) { return line.find(part) != std::string::npos; });
  });
}

}  // namespace

TEST_CASE("the short line names settings, first ranges, and what was left out") {
  CHECK(settings_in_short(survey_of("train.py", train)) ==
        "2 settings are searched: LEARNING_RATE 3e-4 [7.5e-5 … 1.2e-3], BATCH 32 [8 … 128]; left "
        "out: SEED (a seed); see ratchet settings train.py");
}

TEST_CASE("the table has name, value, range and place, and how to include what was left out") {
  auto lines = settings_table(survey_of("train.py", train), {});
  CHECK(any_line(lines, {"LEARNING_RATE", "3e-4", "7.5e-5 ", " 1.2e-3", "train.py:2"}));
  CHECK(any_line(lines, {"SEED", "1337", "a seed", "train.py:1"}));
  CHECK(any_line(lines, {"1 × in a loop's header", "train.py:4"}));
  CHECK(any_line(lines, {"train.py:1", "# ratchet: range 335..5348"}));
  // A file that knows no comments has the option instead.
  lines = settings_table(survey_of("a.json", "{\"port\": 80, \"batch\": 4}\n"), {});
  CHECK(any_line(lines, {"option parameters"}));
}

TEST_CASE("annotated ranges and choices are told as they were given") {
  auto survey = survey_of("a.c",
                          "int block = 32; // ratchet: range 8..64\n"
                          "int p = 4; // ratchet: choices 2, 4, 8\n");
  auto lines = settings_table(survey, {});
  CHECK(any_line(lines, {"block", "32", "8 … 64", "a.c:1"}));
  CHECK(any_line(lines, {"p", "4", "2, 4, 8", "a.c:2"}));
}

TEST_CASE("as JSON every number is there, with its reason and the comment that includes it") {
  auto j = settings_json(survey_of("train.py", train));
  REQUIRE(j["settings"].size() == 2);
  CHECK(j["settings"][0]["name"] == "LEARNING_RATE");
  CHECK(j["settings"][0]["range"][1].get<double>() == doctest::Approx(1.2e-3));
  CHECK(j["settings"][0]["widest"][0].get<double>() == doctest::Approx(1.875e-5));
  CHECK(j["settings"][1]["line"] == 3);
  REQUIRE(j["left_out"].size() == 3);
  CHECK(j["left_out"][0]["why"] == "a seed");
  CHECK(j["left_out"][0]["include_with"] == "# ratchet: range 335..5348");
}
