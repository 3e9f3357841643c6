// SPDX-License-Identifier: MIT
#include "actors/logic/best_record.hpp"

#include <doctest/doctest.h>

#include "actors/logic/noise.hpp"

using namespace ratchet;

namespace {

run_sample sample(double value, bool incumbent) {
  run_sample s;
  s.metric_value = value;
  s.incumbent = incumbent;
  return s;
}

run_result baseline_of(std::vector<double> values) {
  run_result r;
  r.noise = noise_of(values);
  r.metric_value = values.front();
  return r;
}

run_result beside(std::vector<double> incumbent) {
  run_result r;
  for (double v : incumbent) r.samples.push_back(sample(v, true));
  return r;
}

}  // namespace

TEST_CASE("the best's value is the median of its runs, and the baseline's while nothing was kept") {
  session_ledger s;
  session_settings settings;
  begin_record(s, baseline_of({10, 12, 11}), settings);
  extend_record(s, beside({30, 13}), settings);
  CHECK(s.best_values == std::vector<double>{10, 12, 11, 30, 13});
  CHECK(s.best_metric == 12);
  CHECK(s.baseline_metric == 12);
  run_result kept;
  kept.metric_value = 15;
  kept.samples = {sample(19, false), sample(15, false), sample(12, true), sample(14, false),
                  sample(16, false)};
  s.total_improvements = 1;
  renew_record(s, kept);
  CHECK(s.best_values == std::vector<double>{15, 14, 16});  // 19 had been selected for being good
  CHECK(s.best_metric == 15);
  extend_record(s, beside({14, 14}), settings);
  CHECK(s.best_metric == 14);
  CHECK(s.baseline_metric == 12);
  CHECK(s.warnings.empty());
}

TEST_CASE("a kept candidate of one run is known by that run") {
  session_ledger s;
  run_result kept;
  kept.metric_value = 15;
  renew_record(s, kept);
  CHECK(s.best_values == std::vector<double>{15});
}

TEST_CASE("only the newest 64 runs of the best count") {
  session_ledger s;
  session_settings settings;
  begin_record(s, baseline_of({10, 12}), settings);
  for (int i = 0; i < 80; ++i) extend_record(s, beside({20.0 + i}), settings);
  CHECK(s.best_values.size() == 64);
  CHECK(s.best_values.back() == 99);
}

TEST_CASE("runs on another class of machine are not the record's") {
  session_ledger s;
  session_settings settings;
  begin_record(s, baseline_of({10, 12}), settings);
  s.home_class = "small";
  auto elsewhere = beside({40, 41});
  elsewhere.machine = "big";
  extend_record(s, elsewhere, settings);
  CHECK(s.best_values.size() == 2);
}

TEST_CASE("a metric that was taken for deterministic and differs is noisy from then on") {
  session_ledger s;
  session_settings settings;
  begin_record(s, baseline_of({10, 10}), settings);
  CHECK(s.noise.deterministic());
  CHECK(deciding_pairs(settings, s.noise) == 1);
  extend_record(s, beside({10.4}), settings);
  CHECK(!s.noise.deterministic());
  CHECK(deciding_pairs(settings, s.noise) == 3);
}

TEST_CASE(
    "one run that decides on a noisy metric is warned of, and so is noise that is not known") {
  session_settings settings;
  settings.repeats = 1;
  session_ledger noisy, same, once;
  begin_record(noisy, baseline_of({10, 12}), settings);
  REQUIRE(noisy.warnings.size() == 1);
  CHECK(noisy.warnings[0].find("may be luck") != std::string::npos);
  begin_record(same, baseline_of({10, 10}), settings);
  CHECK(same.warnings.empty());
  settings.repeats = 0;
  begin_record(once, baseline_of({10}), settings);
  REQUIRE(once.warnings.size() == 1);
  CHECK(once.warnings[0].find("is not known") != std::string::npos);
}

TEST_CASE("a best that turns out no better than the baseline is said so, once") {
  session_ledger s;
  session_settings settings;
  settings.metric_direction = metric_direction::lower_is_better;
  begin_record(s, baseline_of({10, 10.2, 10.1}), settings);
  s.total_improvements = 1;
  run_result kept;
  kept.metric_value = 9.8;
  renew_record(s, kept);
  for (int i = 0; i < 8; ++i) extend_record(s, beside({10.3}), settings);
  REQUIRE(s.warnings.size() == 1);
  CHECK(s.warnings[0].find("no better than the baseline") != std::string::npos);
}

TEST_CASE("where the baseline had no metric the noise is known once the first best ran twice") {
  session_ledger s;
  session_settings settings;
  begin_record(s, run_result{}, settings);
  CHECK(!best_is_due(settings, s.noise, s.best_values, 1));
  run_result kept;
  kept.metric_value = 10;
  s.total_improvements = 1;
  renew_record(s, kept);
  CHECK(best_is_due(settings, s.noise, s.best_values, 2));
  extend_record(s, beside({10.5}), settings);
  CHECK(deciding_pairs(settings, s.noise) == 3);
}
