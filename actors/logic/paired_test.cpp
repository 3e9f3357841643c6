// SPDX-License-Identifier: MIT
#include "actors/logic/paired_test.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace ratchet {

namespace {

constexpr std::size_t longest_exact = 40;

/// The sums of `values` under every choice of signs, ascending.
std::vector<double> signed_sums(std::span<const double> values) {
  std::vector<double> sums{0};
  sums.reserve(std::size_t{1} << values.size());
  for (double value : values) {
    // Two ascending lists, one shifted up and one down, merged.
    double size = std::abs(value);
    std::vector<double> next(sums.size() * 2);
    std::size_t up = 0, down = 0;
    for (double& slot : next) {
      bool take_down =
          down < sums.size() && (up == sums.size() || sums[down] - size <= sums[up] + size);
      slot = take_down ? sums[down++] - size : sums[up++] + size;
    }
    sums = std::move(next);
  }
  return sums;
}

/// No difference counts for more than the middle one. (All of them where most are zero.)
std::vector<double> cut_off(std::vector<double> differences) {
  std::vector<double> sizes;
  for (double d : differences) {
    if (!std::isfinite(d)) return differences;
    sizes.push_back(std::abs(d));
  }
  if (const double most = median(sizes); most > 0)
    for (double& d : differences) d = std::clamp(d, -most, most);
  return differences;
}

double sign_test(const std::vector<double>& differences) {
  // A zero counts as a difference of the wrong sign: p can only become greater.
  const auto n = static_cast<double>(differences.size());
  const auto positive =
      std::count_if(differences.begin(), differences.end(), [](double d) { return d > 0; });
  double p = 0;
  for (auto i = positive; i <= std::ssize(differences); ++i) {
    const auto k = static_cast<double>(i);
    p += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                  n * std::log(2.0));
  }
  return std::min(1.0, p);
}

}  // namespace

double paired_p_value(const std::vector<double>& given) {
  const auto differences = cut_off(given);
  const std::size_t k = differences.size();
  if (k == 0) return 1;
  double total = 0, size = 0;
  for (double d : differences) {
    if (!std::isfinite(d)) return 1;
    total += d;
    size += std::abs(d);
  }
  if (!std::isfinite(size)) return 1;
  if (size == 0) return 1;
  if (k > longest_exact) return sign_test(differences);
  // Rounding must not tell apart sums that are equal: near equal counts as at least as great.
  const double least = total - 1e-9 * size;
  // Half the differences each: every sum is one of the left plus one of the right.
  std::span<const double> all(differences);
  const auto left = signed_sums(all.first(k / 2)), right = signed_sums(all.subspan(k / 2));
  double count = 0;
  std::size_t enough = right.size();  // right[enough…] suffice, with the left sum at hand
  for (double sum : left) {
    while (enough > 0 && sum + right[enough - 1] >= least) --enough;
    count += static_cast<double>(right.size() - enough);
  }
  return count / std::ldexp(1.0, static_cast<int>(k));
}

int least_pairs(double significance) {
  int k = 1;
  while (k < 1000 && !(std::ldexp(1.0, -k) <= significance)) ++k;
  return k;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  std::size_t half = values.size() / 2;
  if (values.size() % 2 == 1) return values[half];
  return values[half - 1] + (values[half] - values[half - 1]) / 2;
}

double sample_standard_deviation(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  double mean = 0;
  for (double v : values) mean += v / static_cast<double>(values.size());
  double squares = 0;
  for (double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace ratchet
