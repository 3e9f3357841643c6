// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <set>

#include "runtime/tools/setting.hpp"
#include "runtime/tools/tools.hpp"
#include "tests/runtime/tools/calls.hpp"

using namespace ratchet;

TEST_CASE("what has a row is stored under the row's name, and what is stored has a row") {
  std::set<std::string> stored, told;
  session_settings::fields().each([&](const auto& f) { stored.insert(f.name); });
  for (const auto& row : setting_rows()) told.emplace(row.argument.name);
  CHECK(told.erase("target_file") == 1);  // the short way to say target_files
  CHECK(stored == told);
}

TEST_CASE("no place is left open in the texts of a setting") {
  for (const auto& row : setting_rows())
    for (const char* place : {"{range}", "{items}", "{names}", "{default}"}) {
      CAPTURE(row.argument.name);
      CHECK(row.argument.description.find(place) == std::string::npos);
      CHECK(row.on_command_line.line.find(place) == std::string::npos);
    }
}

TEST_CASE("limits, defaults and the words of an enumeration are told from one place") {
  const auto& iterations = *find_setting("max_iterations");
  CHECK(iterations.argument.description.find("1 to 1000000") != std::string::npos);
  CHECK(iterations.on_command_line.line == "edits tried at most (default 50)");
  CHECK(find_setting("time_budget_s")->on_command_line.line == "time of one run (default 5m)");
  CHECK(find_setting("significance")->argument.description.find("0.000001 to 0.5") !=
        std::string::npos);
  const auto& pick = *find_setting("metric_pick");
  CHECK(pick.argument.description.find(R"("min" or "median")") != std::string::npos);
  CHECK(pick.on_command_line.line ==
        "which match counts: last (default), first, max, min or median");
  CHECK(find_setting("lucky_number") == nullptr);
}

TEST_CASE("a list that is longer than its row allows is refused, and the schema says so") {
  json paths = json::array();
  for (int i = 0; i < 1001; ++i) paths.push_back("data/" + std::to_string(i));
  auto refused = decode_call("autoresearch_setup",
                             ratchet::testing::setup_with({{"shared_paths", std::move(paths)}}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text == "shared_paths has 1001 entries; at most 1000 are allowed");
  CHECK(input_schema(*find_tool("autoresearch_setup"))["properties"]["target_files"]["maxItems"] ==
        1000);
}
