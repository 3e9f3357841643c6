// SPDX-License-Identifier: MIT
#include "actors/logic/candidate_plan.hpp"

#include <doctest/doctest.h>

#include "actors/logic/noise.hpp"
#include "tests/support/changed.hpp"

using namespace ratchet;
using ratchet::testing::changed;

namespace {

/// A candidate of a noisy session whose best has been run twice, where any gain is to be above 2.
run_experiment noisy_job() {
  run_experiment job;
  changed(job.settings)->min_delta = 2;
  job.iteration = 8;
  job.best_metric = 10;
  job.noise = noise_of({9, 10, 11});
  job.best_values = {10, 11};
  return job;
}

}  // namespace

TEST_CASE("a candidate is measured as often as the settings ask, and has to win by min_delta") {
  auto plan = plan_of(noisy_job(), "");
  CHECK(plan.repeats == 3);
  CHECK(plan.min_delta == 2);
  CHECK(plan.incumbent_due);
}

TEST_CASE("a single run is one, whatever the settings ask, and its least gain counts") {
  for (int repeats : {0, 1, 5}) {
    CAPTURE(repeats);
    auto job = noisy_job();
    changed(job.settings)->repeats = repeats;
    job.single_run = true;
    auto plan = plan_of(job, "");
    CHECK(plan.repeats == 1);
    CHECK(plan.min_delta == 0);
    CHECK(!plan.incumbent_due);
  }
}

TEST_CASE("a single run elsewhere measures the best there first, like any other") {
  auto job = noisy_job();
  job.single_run = true;
  job.home_class = "here";
  CHECK(plan_of(job, "there").incumbent_first);
  job.class_best["there"] = 12;
  CHECK(plan_of(job, "there").best == 12);
}
