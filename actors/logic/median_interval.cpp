// SPDX-License-Identifier: MIT
#include "actors/logic/median_interval.hpp"

#include <algorithm>
#include <cmath>

namespace ratchet {

interval median_interval(std::vector<double> values, double confidence) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  // P(Binomial(n, 1/2) = i), from the one before: no factorial that overflows.
  double probability = std::pow(0.5, static_cast<double>(n));
  double below = probability;
  std::size_t rank = 1;
  for (std::size_t i = 1; 2 * (i + 1) <= n; ++i) {
    probability *= static_cast<double>(n - i + 1) / static_cast<double>(i);
    if (1 - 2 * (below + probability) < confidence) break;
    below += probability;
    rank = i + 1;
  }
  return {values[rank - 1], values[n - rank], 1 - 2 * below};
}

}  // namespace ratchet
