// SPDX-License-Identifier: MIT
//
// Whether a candidate is truly better than the incumbent, from runs made in pairs.
//
// The test is Fisher's exact permutation test for paired observations (R. A. Fisher, The Design of
// Experiments, 1935, section 21), one-sided, on differences that are cut off at the middle one's
// size: were there no difference, each could as well have the other sign, so all 2^k choices of
// signs are equally likely. The p-value is the share of them whose sum is at least as great as the
// one seen. It assumes nothing of how the noise is distributed, and as no difference counts for
// more than the middle one, a single wild run decides nothing: six pairs of which one is wild give
// 7/64, whichever way it points. A zero keeps its place and can only make p greater.
//
// With k pairs p is never below 1/2^k: two pairs cannot reach 0.125 whatever they show, three can.
#pragma once

#include <cstddef>
#include <vector>

namespace ratchet {

/// One-sided p for "the differences tend to be above zero". 1 without differences, and when one is
/// not finite. Exact for up to 40 differences; beyond, the sign test is used, exact too but weaker.
double paired_p_value(const std::vector<double>& differences);

/// The fewest pairs that can be significant at this level: 3 for 0.125. 1 for a level ≥ 1/2; 1,000
/// for a level that no 1,000 pairs reach, 0 and below included.
int least_pairs(double significance);

double median(std::vector<double> values);                            ///< 0 for none
double sample_standard_deviation(const std::vector<double>& values);  ///< 0 for fewer than two

}  // namespace ratchet
