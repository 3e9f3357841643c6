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

TEST_CASE("a worker may take as long as everything it may have to do") {
  session_settings s;
  s.time_budget_s = 3;
  s.repeats.pairs = 1;
  run_experiment m;
  m.iteration = 1;
  m.best_metric = 1;
  m.settings = s;
  const double plain = longest_answer_s(m, false);
  CHECK(plain > 3);
  CHECK(plain < 300);
  // The base of the repository, the first time.
  CHECK(longest_answer_s(m, true) == plain + 600);
  // Another work tree of the session may stand there already: this run may need one of its own.
  s.setup_command.shell = "make deps";
  m.settings = s;
  CHECK(longest_answer_s(m, false) >= plain + 2 * 3'600);
  s.build_command.shell = "make";
  s.build_time_budget_s = 100;
  m.settings = s;
  CHECK(longest_answer_s(m, false) >= plain + 2 * 3'600 + 2 * 100);
  // Pairs are many runs.
  s = {};
  s.time_budget_s = 3;
  s.repeats.pairs = 5;
  m.settings = s;
  CHECK(longest_answer_s(m, false) >= plain + 2 * 10 * 3 - 3 * 3);
}
