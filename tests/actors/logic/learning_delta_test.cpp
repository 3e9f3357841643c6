// SPDX-License-Identifier: MIT
#include "actors/logic/learning_delta.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace ratchet {
namespace {

progress improved() {
  progress p;
  p.session_id = "0123456789ab";
  p.baseline_metric = 1.5;
  p.best_metric = 2.5;
  p.total_improvements = 3;
  p.iteration = 40;
  p.constitutional_rejections = 1;
  p.baseline_rejections = 2;
  return p;
}
session_settings settings() {
  session_settings s;
  s.experiment_id = "exp";
  s.metric_name = "accuracy";
  return s;
}

TEST_CASE("a delta holds the nine fields, its version and its time") {
  auto delta = learning_delta(improved(), settings(), {}, 1'700'000'000'123);
  REQUIRE(delta);
  CHECK((*delta)["version"] == 1);
  CHECK((*delta)["node_id"] == "");
  CHECK((*delta)["time"] == "2023-11-14T22:13:20.123Z");
  CHECK((*delta)["ts"] == 1'700'000'000.123);
  CHECK((*delta)["autoresearch"] == json{{"session_id", "0123456789ab"},
                                         {"experiment_id", "exp"},
                                         {"metric_name", "accuracy"},
                                         {"baseline", 1.5},
                                         {"best", 2.5},
                                         {"total_improvements", 3},
                                         {"iterations", 40},
                                         {"constitutional_rejections", 1},
                                         {"baseline_rejections", 2}});
  CHECK(!delta->contains("coding_benchmarks"));
}

TEST_CASE("a session that did not improve teaches nothing") {
  auto p = improved();
  p.total_improvements = 0;
  CHECK(!learning_delta(p, settings(), {}, 0));
}

TEST_CASE("benchmarks need five samples; rates have three decimals and times two") {
  std::vector<tool_score> scores{{"autoresearch", "llm", 2.0 / 3, 1.23456, 6},
                                 {"autoresearch", "mutate", 1, 1, 4},
                                 {"review", "llm", 0.5, 2, 5}};
  auto delta = learning_delta(improved(), settings(), scores, 0);
  REQUIRE(delta);
  CHECK((*delta)["coding_benchmarks"] ==
        json{{"autoresearch",
              {{"llm", {{"success_rate", 0.667}, {"avg_time_s", 1.23}, {"sample_count", 6}}}}},
             {"review",
              {{"llm", {{"success_rate", 0.5}, {"avg_time_s", 2.0}, {"sample_count", 5}}}}}});
}

TEST_CASE("numbers that are none do not leave the node") {
  auto p = improved();
  p.baseline_metric = std::numeric_limits<double>::quiet_NaN();
  p.best_metric.reset();
  std::vector<tool_score> scores{
      {"autoresearch", "llm", 0.5, std::numeric_limits<double>::infinity(), 6}};
  auto delta = learning_delta(p, settings(), scores, 0);
  REQUIRE(delta);
  CHECK((*delta)["autoresearch"]["baseline"].is_null());
  CHECK((*delta)["autoresearch"]["best"].is_null());
  CHECK(!delta->contains("coding_benchmarks"));
}

}  // namespace
}  // namespace ratchet
