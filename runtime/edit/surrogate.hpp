// SPDX-License-Identifier: MIT
//
// A guess at the metric of a candidate that was never run, from those that were: a Gaussian process
// over the candidates' places, each coordinate in 0 … 1. Lower is better here, always.
#pragma once

#include <vector>

namespace ratchet {

/// One coordinate's part of the distance between two places.
struct axis {
  bool ordered = true;  ///< else: equal or not
};

class surrogate {
 public:
  /// At most some 150 places: the cost is cubic. A value that is not finite counts as the worst one
  /// seen. With fewer than two places it knows nothing, and says so by equal promises.
  /// Its two constants are fitted, fifteen factorisations, unless those of an earlier fit to nearly
  /// the same places are given (`length` > 0).
  surrogate(std::vector<axis> axes, std::vector<std::vector<double>> places,
            std::vector<double> values, double length = 0, double noise = 0);

  double length() const { return length_; }
  double noise() const { return noise_; }

  /// The improvement over the best value that is to be expected of a place, in units of the
  /// values' spread; larger is better, never negative.
  double promise(const std::vector<double>& place) const;

 private:
  double kernel(const std::vector<double>& a, const std::vector<double>& b, double length) const;
  bool factor(double length, double noise, std::vector<double>& lower) const;

  std::vector<axis> axes_;
  std::vector<std::vector<double>> places_;
  std::vector<double> scores_;  ///< standardised
  double best_ = 0;
  double length_ = 0.3, noise_ = 1e-2;
  std::vector<double> lower_;  ///< Cholesky factor, row by row
  std::vector<double> weights_;
};

}  // namespace ratchet
