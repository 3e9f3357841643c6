// SPDX-License-Identifier: MIT
//
// With the default settings, what is kept over a night is better and what is told of it is true.
// Generous bounds on medians of fixed seeds; tests/bench/truth_bench has the whole table.
#include <doctest/doctest.h>

#include "tests/support/noisy_night.hpp"

using namespace ratchet;
using namespace ratchet::testing;

TEST_CASE("what is kept over a noisy night is better, and its gain is told truly") {
  for (const auto& [name, noise] : noise_models()) {
    CAPTURE(name);
    std::vector<double> gain, falsely, error, runs;
    for (std::uint64_t seed = 1; seed <= 15; ++seed) {
      noisy_night night(noise, seed);
      search(night, {});
      const double truly = night.truth - noisy_night::level;
      gain.push_back(truly);
      falsely.push_back(night.kept_falsely);
      runs.push_back(night.runs);
      error.push_back(std::abs(night.told - truly) / std::max(truly, noisy_night::effect));
    }
    CHECK(median(gain) >= 0.55 * noisy_night::planted);
    CHECK(median(falsely) <= 8);
    CHECK(median(error) <= 0.1);
    CHECK(median(runs) <= 450);
  }
}

TEST_CASE("a deterministic metric costs one run a candidate and no gain is missed") {
  noisy_night night([](std::mt19937_64&) { return 0.0; }, 7);
  const auto d = search(night, {});
  CHECK(night.found == noisy_night::better);
  CHECK(night.kept_falsely == 0);
  CHECK(night.told == doctest::Approx(noisy_night::planted));
  CHECK(night.runs <= noisy_night::edits + 2 + 4);
  for (const auto& warning : d.state.warnings)
    CHECK_MESSAGE(warning.find("no gate, no check") == 0, warning);
}

TEST_CASE("one run on a noisy metric is allowed, and warned of") {
  noisy_night night(noise_models()[1].second, 7);
  session_settings settings;
  settings.repeats = 1;
  const auto d = search(night, settings);
  CHECK(night.runs == noisy_night::edits + 2);
  REQUIRE(!d.state.warnings.empty());
  CHECK(d.state.warnings[0].find("may be luck") != std::string::npos);
}
