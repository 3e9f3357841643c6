// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

namespace ratchet {

struct interval {
  double low = 0;
  double high = 0;
  double confidence = 0;  ///< what it truly covers; less than asked for when values are few
};

/// A distribution-free interval for the median: the k-th smallest and k-th largest value, with the
/// largest k whose coverage 1 - 2·P(Binomial(n, ½) < k) is at least `confidence`; the extremes when
/// even they cover less (n < 6 for 0.95). Source: order-statistic intervals, e.g. Conover,
/// "Practical Nonparametric Statistics", section 3.2.
interval median_interval(std::vector<double> values, double confidence = 0.95);

}  // namespace ratchet
