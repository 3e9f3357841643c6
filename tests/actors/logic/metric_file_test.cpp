// SPDX-License-Identifier: MIT
#include "actors/logic/metric_file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "actors/logic/metric.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using ratchet::testing::contains;

namespace {

metric_reading in_file(const std::string& rule, std::optional<std::string_view> bytes,
                       metric_pick pick = metric_pick::last) {
  auto metric = compile_metric({"score", rule, pick});
  REQUIRE(metric.has_value());
  REQUIRE(metric->reads_file());
  return read_file_metric(*metric, bytes);
}

}  // namespace

TEST_CASE("a JSON file and pointer give the metric") {
  const char* rule = "json:out/r.json#/a/0/b";
  CHECK(compile_metric({"score", rule})->file_path == "out/r.json");
  CHECK(in_file(rule, R"({"a":[{"b":1.5}]})").value == 1.5);
  CHECK(in_file(rule, R"({"a":[{"b":1.5}]})").source == "json");
  CHECK(in_file(rule, R"({"a":[{"b":"2.5"}]})").value == 2.5);
  CHECK(in_file(rule, R"({"a":[{"b":"2.5 ms"}]})").unit == "ms");
  for (auto bytes : {std::optional<std::string_view>{}, std::optional<std::string_view>{""},
                     std::optional<std::string_view>{"{"}, std::optional<std::string_view>{"{}"},
                     std::optional<std::string_view>{R"({"a":[{"b":null}]})"},
                     std::optional<std::string_view>{R"({"a":[{"b":true}]})"},
                     std::optional<std::string_view>{R"({"a":[{"b":"nan"}]})"},
                     std::optional<std::string_view>{R"({"a":[{"b":NaN}]})"},
                     std::optional<std::string_view>{R"({"a":[]})"},
                     std::optional<std::string_view>{R"({"a":[{"b":1e999}]})"},
                     std::optional<std::string_view>{R"({"a":{"x":1}})"}}) {
    auto reading = in_file(rule, bytes);
    CHECK(!reading.value);
    CHECK(!reading.missing.empty());
  }
  CHECK(in_file("json:r.json#", "3").value == 3);
  CHECK(in_file("json:r.json#/a~1b/m~0n", R"({"a/b":{"m~n":4}})").value == 4);
}

TEST_CASE("a step finds the element of a list by a member's text, wherever it stands") {
  const char* rule = "json:r.json#/benchmarks/[name=BM_sort/64]/cpu_time";
  const char* first = R"({"benchmarks":[{"name":"BM_sort/64","cpu_time":1.5}]})";
  const char* later =
      R"({"benchmarks":[{"name":"BM_new","cpu_time":9},{"name":"BM_sort/64","cpu_time":1.4}]})";
  CHECK(in_file(rule, first).value == 1.5);
  CHECK(in_file(rule, later).value == 1.4);
  auto gone = in_file(rule, R"({"benchmarks":[{"name":"BM_sort/65","cpu_time":9}]})");
  CHECK(!gone.value);
  REQUIRE(gone.hints.size() == 1);
  CHECK(contains(gone.hints[0], "did you mean \"BM_sort/65\"?"));
  CHECK(in_file("json:r#/[id=7]/v", R"([{"id":3,"v":1},{"id":7,"v":2}])").value == 2);
  CHECK(!in_file("json:r#/[id=7]/v", R"({"id":7})").value);
}

TEST_CASE("NaN and Infinity elsewhere in a JSON file do not spoil it") {
  CHECK(
      in_file("json:r#/v", R"({"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \" NaN","v":2})").value ==
      2);
  auto reading = in_file("json:r#/v", R"({"v":-Infinity})");
  CHECK(!reading.value);
  CHECK(contains(reading.missing, "finite"));
}

TEST_CASE("of JSON Lines the last counts, or the one that is picked") {
  const char* lines = "{\"v\":3}\n{\"v\":1}\n\n{\"v\":2}\n";
  CHECK(in_file("json:r#/v", lines).value == 2);
  CHECK(in_file("json:r#/v", lines, metric_pick::first).value == 3);
  CHECK(in_file("json:r#/v", lines, metric_pick::min).value == 1);
  CHECK(in_file("json:r#/v", lines, metric_pick::median).value == 2);
  CHECK(in_file("json:r#/v", "{\"v\":3}\n{\"v\":NaN,\"w\":1}\r\n{\"v\":4,\"w\":NaN}\r\n").value ==
        4);
  CHECK(!in_file("json:r#/v", "{\"v\":3}\n{\"w\":1}\n").value);
  CHECK(!in_file("json:r#/v", "{\"v\":3}\n{\"v\":").value);
  CHECK(!in_file("json:r#", "{\n3\n").value);  // torn, not lines
}

TEST_CASE("a CSV file's column gives its last row that has a value") {
  const char* rule = "csv:log.csv#val_loss";
  CHECK(in_file(rule, "epoch,val_loss\n1,0.5\n2,0.25\n").value == 0.25);
  CHECK(in_file(rule, "epoch,val_loss\n1,0.5\n2,0.25\n").source == "csv");
  CHECK(in_file(rule, "epoch,val_loss,x\r\n1,0.5,a\r\n2,,b\r\n").value == 0.5);
  CHECK(in_file(rule, "epoch;val_loss\n1;0.5\n").value == 0.5);
  CHECK(in_file(rule, "epoch\tval_loss\n1\t0.5 ms").unit == "ms");
  CHECK(in_file(rule, "\"a,b\",\"val_loss\"\n\"x \"\"y\"\"\n,z\",\"7\"\n").value == 7);
  CHECK(in_file(rule, "\xEF\xBB\xBFval_loss\n3\n").value == 3);
  const char* rows = "val_loss\n3\n1\n2\n";
  CHECK(in_file(rule, rows, metric_pick::first).value == 3);
  CHECK(in_file(rule, rows, metric_pick::min).value == 1);
  CHECK(in_file(rule, rows, metric_pick::max).value == 3);
  CHECK(in_file(rule, rows, metric_pick::median).value == 2);
  for (const char* bytes : {"", "val_loss\n", "val_loss\nsoon\n", "val_loss\n1\nsoon\n",
                            "a;val_loss\n1;0,98\n", "val_loss\nnan\n", "a\n1\n"}) {
    CAPTURE(bytes);
    auto reading = in_file(rule, bytes);
    CHECK(!reading.value);
    CHECK(!reading.missing.empty());
  }
  auto unknown = in_file(rule, "epoch,val-loss\n1,2\n");
  CHECK(contains(unknown.missing, "did you mean \"val-loss\"?"));
  CHECK(contains(unknown.hints.at(0), "epoch, val-loss"));
  CHECK(!in_file(rule, std::nullopt).value);
}
