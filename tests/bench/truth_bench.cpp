// SPDX-License-Identifier: MIT
//
// Is what is kept better, and is what is told true? Streams of 120 edits of which 12 are truly
// better by two standard deviations of a run and 24 truly worse, through a session's own steps with
// the default settings, on several noises; beside them fixed rules as they were before "auto": one
// run against the remembered best, and k pairs of which the sum decides.
//
//   truth_bench [seeds]     medians over the seeds; 300 unless told
#include <cstdio>
#include <cstdlib>

#include "tests/support/noisy_night.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

// -- the fixed rules of before, for comparison ----------------------------------------------------

double sum_p_value(const std::vector<double>& differences) {
  const std::size_t k = differences.size();
  double total = 0, size = 0, count = 0;
  for (double d : differences) total += d, size += std::abs(d);
  if (size == 0) return 1;
  for (std::size_t signs = 0; signs < (std::size_t{1} << k); ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < k; ++i)
      sum += (signs >> i & 1) != 0 ? std::abs(differences[i]) : -std::abs(differences[i]);
    count += sum >= total - 1e-9 * size ? 1 : 0;
  }
  return count / std::ldexp(1.0, static_cast<int>(k));
}

/// Whether `k` pairs keep a candidate of this truth; its median and its gain by the way.
bool pairs_keep(noisy_night& night, double truth, std::size_t k, double significance,
                double& metric, double& told) {
  std::vector<double> candidate, gains;
  std::size_t bad = 0;
  while (gains.size() < k) {
    const double before = night.run(night.truth);
    candidate.push_back(night.run(truth));
    gains.push_back(candidate.back() - before);
    bad += gains.back() > 0 ? 0 : 1;
    const double reachable =
        std::ldexp(sum_p_value(gains), static_cast<int>(gains.size()) - static_cast<int>(k));
    if (reachable > significance || bad > k / 2) return false;
  }
  metric = median(candidate);
  told = median(gains);
  return told > 0;
}

void search_fixed(noisy_night& night, std::size_t k, double significance) {
  const double baseline = night.run(night.truth);
  double best = baseline;
  for (double by : night.effects) {
    double metric = night.run(night.truth + by), told = metric - best;
    if (!(metric > best)) continue;
    if (k > 1 && !pairs_keep(night, night.truth + by, k, significance, metric, told)) continue;
    best = metric;
    night.keep(by, told);
  }
  night.told = best - baseline;
}

// -- the table ------------------------------------------------------------------------------------

struct rule {
  const char* name;
  std::function<void(noisy_night&)> search;
};

void print_row(const rule& r, const noise_model& noise, int seeds) {
  std::vector<double> gain, found, falsely, told, sum, compared, error, compared_error, runs;
  double all_gain = 0, all_runs = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    noisy_night night(noise, static_cast<std::uint64_t>(seed) + 1);
    r.search(night);
    const double truly = night.truth - noisy_night::level;
    gain.push_back(truly);
    found.push_back(night.found);
    falsely.push_back(night.kept_falsely);
    told.push_back(night.told);
    sum.push_back(night.told_sum);
    runs.push_back(night.runs);
    all_gain += truly;
    all_runs += night.runs;
    compared.push_back(night.compared());
    const double size = std::max(truly, noisy_night::effect);
    error.push_back(std::abs(night.told - truly) / size * 100);
    compared_error.push_back(std::abs(compared.back() - truly) / size * 100);
  }
  std::printf(
      "  %-22s %5.1f of %.0f  %4.0f of 12  %4.0f   %6.1f (%3.0f %%)  %6.1f (%3.0f %%)  "
      "%6.1f   %4.0f   %5.2f\n",
      r.name, median(gain), noisy_night::planted, median(found), median(falsely), median(told),
      median(error), median(compared), median(compared_error), median(sum), median(runs),
      all_gain / all_runs * 100);
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 300;
  const std::vector<rule> rules{
      {"default settings", [](noisy_night& n) { search(n, {}); }},
      {"one run, before", [](noisy_night& n) { search_fixed(n, 1, 1); }},
      {"3 pairs 0.125, before", [](noisy_night& n) { search_fixed(n, 3, 0.125); }},
      {"5 pairs 0.05, before", [](noisy_night& n) { search_fixed(n, 5, 0.05); }},
  };
  std::printf("%d seeds; a run's standard deviation is %.0f at %.0f, effects are +-%.0f\n", seeds,
              noisy_night::deviation, noisy_night::level, noisy_night::effect);
  for (const auto& [name, noise] : noise_models()) {
    std::printf(
        "%s\n  %-22s true gain     found      false  best - baseline  in 6 pairs       "
        "sum told   runs   gain a 100 runs\n",
        name, "");
    for (const auto& r : rules) print_row(r, noise, seeds);
  }
}
