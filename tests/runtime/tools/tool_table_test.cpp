// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <set>

#include "runtime/tools/cloud_event.hpp"
#include "runtime/tools/setting.hpp"
#include "runtime/tools/tools.hpp"

using namespace ratchet;

TEST_CASE("the table has the ten tools and each can be found by its name") {
  std::vector<std::string> names;
  for (const auto& t : tools()) {
    names.emplace_back(t.name);
    CHECK(find_tool(t.name) == &t);
  }
  CHECK(names == std::vector<std::string>{"autoresearch_setup", "autoresearch_edit",
                                          "autoresearch_run", "autoresearch_decide",
                                          "autoresearch_finalize", "get_autoresearch_status",
                                          "autoresearch_show", "autoresearch_steer",
                                          "start_autoresearch", "get_hive_best_tool"});
  CHECK(find_tool("autoresearch") == nullptr);
}

TEST_CASE("no argument appears twice and every one says something") {
  for (const auto& t : tools()) {
    std::set<std::string_view> names;
    for (const auto& a : t.arguments) {
      CAPTURE(a.name);
      CHECK(names.insert(a.name).second);
      CHECK(a.description.size() > 20);
      if (!a.default_json.empty()) CHECK(json::accept(a.default_json));
    }
  }
}

TEST_CASE("a limit that the schema has is also said in words") {
  for (const auto& t : tools())
    for (const auto& a : t.arguments) {
      CAPTURE(a.name);
      std::string words(a.description);
      if (a.maximum && *a.maximum < 1e15) {
        std::string limit = json(static_cast<std::int64_t>(*a.maximum)).dump();
        if (*a.maximum < 1) limit = "0.5";
        CHECK(words.find(limit) != std::string::npos);
      }
      for (auto word : a.allowed) CHECK(words.find(word) != std::string::npos);
    }
}

TEST_CASE("the schema names what is required, closes the object and keeps whole numbers whole") {
  json schema = input_schema(*find_tool("autoresearch_setup"));
  CHECK(schema["type"] == "object");
  CHECK(schema["required"] == json{"repo_path", "run_command"});
  CHECK(schema["additionalProperties"] == false);
  const json& properties = schema["properties"];
  CHECK(properties["max_iterations"]["type"] == "integer");
  CHECK(properties["max_iterations"]["default"] == 50);
  CHECK(properties["max_iterations"]["maximum"].dump() == "1000000");
  CHECK(properties["metric_direction"]["enum"] == json{"higher_is_better", "lower_is_better"});
  CHECK(properties["run_command"].contains("anyOf"));
  CHECK(properties["options"]["description"].get<std::string>().find("max_regression") !=
        std::string::npos);
  CHECK_FALSE(properties.contains("hive_parallel"));
  CHECK(input_schema(*find_tool("start_autoresearch"))["properties"].contains("hive_parallel"));
}

TEST_CASE("the description of all tools sets all four hints of every tool") {
  json all = describe_tools();
  REQUIRE(all["tools"].size() == 10);
  for (const auto& t : all["tools"])
    for (const char* hint : {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"})
      CHECK(t["annotations"].contains(hint));
  CHECK(all["tools"][5]["annotations"]["readOnlyHint"] == true);
}

TEST_CASE("an error answer carries text, code, session and details, and details hide nothing") {
  json answer = error_answer(
      fail(errc::wrong_step, "not now", {{"expected", "autoresearch_run"}, {"code", "other"}}),
      "0123456789ab");
  CHECK(answer == json{{"error", "not now"},
                       {"code", "wrong_step"},
                       {"session_id", "0123456789ab"},
                       {"expected", "autoresearch_run"}});
  CHECK(error_answer(fail(errc::internal, "x")) == json{{"error", "x"}, {"code", "internal"}});
}

TEST_CASE("an event becomes a CloudEvents envelope whose sequence sorts as text") {
  event e{
      42, "autoresearch.edited", "0123456789ab", "2026-01-31T23:59:59.123Z", {{"iteration", 3}}};
  json envelope = cloud_event(e);
  CHECK(envelope["specversion"] == "1.0");
  CHECK(envelope["id"] == "0123456789ab/42");
  CHECK(envelope["source"] == "/ratchet/0123456789ab");
  CHECK(envelope["type"] == "autoresearch.edited");
  CHECK(envelope["time"] == e.time);
  CHECK(envelope["datacontenttype"] == "application/json");
  CHECK(envelope["data"] == e.payload);
  e.seq = 1000;
  CHECK(envelope["sequence"].get<std::string>() < cloud_event(e)["sequence"].get<std::string>());
}

namespace {

/// Every `type` in a schema is a known word, or a list of different ones.
void check_types(const json& schema) {
  static const std::set<std::string> known{"string", "integer", "number", "boolean",
                                           "array",  "object",  "null"};
  if (schema.is_object())
    if (auto it = schema.find("type"); it != schema.end() && !it->is_object()) {
      std::set<std::string> seen;
      for (const auto& word : it->is_array() ? *it : json::array({*it})) {
        REQUIRE(word.is_string());
        CHECK(known.contains(word.get<std::string>()));
        CHECK(seen.insert(word.get<std::string>()).second);
      }
    }
  if (schema.is_structured())
    for (const auto& part : schema) check_types(part);
}

}  // namespace

TEST_CASE("The schemas of arguments and answers are valid in their types") {
  for (const auto& t : tools()) {
    CAPTURE(t.name);
    check_types(input_schema(t));
    check_types(output_schema(t));
    CHECK(output_schema(t)["properties"].contains("error"));
  }
}

TEST_CASE("agent hosts are not told how a user steers them") {
  CHECK(tools_for_hosts().size() == tools().size() - 1);
  for (const auto& t : tools_for_hosts()) CHECK(t["name"] != "autoresearch_steer");
}

TEST_CASE("what hosts are told fits into the room that they give it") {
  std::size_t all = 0;
  for (const auto& t : tools()) {
    if (t.for_people) continue;
    const auto schema = input_schema(t).dump();
    CAPTURE(t.name);
    CHECK(schema.size() <= 5'000);  // beyond, Codex strips every description
    for (const auto& property : input_schema(t)["properties"])
      CHECK(property["description"].get<std::string>().size() > 20);
    all += schema.size() + t.description.size() + t.name.size();
  }
  CHECK(all <= 14'000);  // some 3,000 tokens, and in every request of a host
  const auto options = input_schema(*find_tool("autoresearch_setup"))["properties"]["options"];
  for (const auto& row : setting_rows())
    if (!row.used_often && row.who != said_by::rounds)
      CHECK(options["description"].get<std::string>().find(row.argument.name) != std::string::npos);
}
