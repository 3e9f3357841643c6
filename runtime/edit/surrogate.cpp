// SPDX-License-Identifier: MIT
#include "runtime/edit/surrogate.hpp"

#include <algorithm>
#include <cmath>

namespace ratchet {

namespace {

// One far outlier must not flatten the differences between the good ones: what is worse than the
// median is drawn in logarithmically, in units of the distance between the median and the best.
std::vector<double> standardised(std::vector<double> values) {
  double worst = 0;
  bool any = false;
  for (double v : values)
    if (std::isfinite(v)) worst = any ? std::max(worst, v) : v, any = true;
  for (double& v : values)
    if (!std::isfinite(v)) v = worst;
  auto sorted = values;
  std::sort(sorted.begin(), sorted.end());
  double middle = sorted[sorted.size() / 2], unit = middle - sorted.front();
  if (unit > 0)
    for (double& v : values)
      if (v > middle) v = middle + unit * std::log1p((v - middle) / unit);
  double mean = 0, square = 0;
  for (double v : values) mean += v / static_cast<double>(values.size());
  for (double v : values) square += (v - mean) * (v - mean) / static_cast<double>(values.size());
  double spread = square > 0 ? std::sqrt(square) : 1;
  for (double& v : values) v = (v - mean) / spread;
  return values;
}

// Four sums at once: a compiler may not reorder one.
double dot(const double* a, const double* b, std::size_t n) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  std::size_t k = 0;
  for (; k + 4 <= n; k += 4) {
    s0 += a[k] * b[k];
    s1 += a[k + 1] * b[k + 1];
    s2 += a[k + 2] * b[k + 2];
    s3 += a[k + 3] * b[k + 3];
  }
  for (; k < n; ++k) s0 += a[k] * b[k];
  return (s0 + s1) + (s2 + s3);
}

double solve_lower(const std::vector<double>& lower, std::size_t n, std::vector<double>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = (x[i] - dot(&lower[i * n], x.data(), i)) / lower[i * n + i];
    sum += x[i] * x[i];
  }
  return sum;
}

}  // namespace

double surrogate::kernel(const std::vector<double>& a, const std::vector<double>& b,
                         double length) const {
  double square = 0;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    double d = a[i] - b[i];
    square += axes_[i].ordered ? d * d : (d == 0 ? 0 : 0.16);
  }
  double r = std::sqrt(5 * square) / length;  // Matérn 5/2
  return (1 + r + r * r / 3) * std::exp(-r);
}

bool surrogate::factor(double length, double noise, std::vector<double>& lower) const {
  std::size_t n = places_.size();
  lower.assign(n * n, 0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = kernel(places_[i], places_[j], length) + (i == j ? noise : 0) -
                   dot(&lower[i * n], &lower[j * n], j);
      if (i == j && sum <= 0) return false;
      lower[i * n + j] = i == j ? std::sqrt(sum) : sum / lower[j * n + j];
    }
  return true;
}

surrogate::surrogate(std::vector<axis> axes, std::vector<std::vector<double>> places,
                     std::vector<double> values, double length, double noise)
    : axes_(std::move(axes)), places_(std::move(places)) {
  std::size_t n = places_.size();
  if (n < 2) return;
  scores_ = standardised(std::move(values));
  best_ = *std::min_element(scores_.begin(), scores_.end());
  double best_likelihood = -1e300;
  std::vector<double> lower, solved, lengths{0.15, 0.3, 0.6, 1.2, 2.4}, noises{1e-5, 1e-2, 0.2};
  if (length > 0) lengths = {length}, noises = {noise};
  for (double l : lengths)
    for (double own : noises) {
      if (!factor(l, own, lower)) continue;
      solved = scores_;
      double fit = solve_lower(lower, n, solved);
      double determinant = 0;
      for (std::size_t i = 0; i < n; ++i) determinant += std::log(lower[i * n + i]);
      // The variance of the process is taken at its most likely value, fit / n.
      double count = static_cast<double>(n);
      double likelihood = -0.5 * count * std::log(fit / count + 1e-12) - determinant;
      if (likelihood <= best_likelihood) continue;
      best_likelihood = likelihood;
      length_ = l;
      noise_ = own;
      lower_ = lower;
      weights_ = solved;
    }
}

double surrogate::promise(const std::vector<double>& place) const {
  std::size_t n = places_.size();
  if (lower_.empty()) return 1;
  std::vector<double> near(n);
  for (std::size_t i = 0; i < n; ++i) near[i] = kernel(place, places_[i], length_);
  double explained = solve_lower(lower_, n, near);
  double mean = 0, scale = 0;
  for (std::size_t i = 0; i < n; ++i) {
    mean += near[i] * weights_[i];
    scale += weights_[i] * weights_[i] / static_cast<double>(n);
  }
  double deviation = std::sqrt(std::max(1e-12, scale * (1 - explained)));
  double z = (best_ - mean) / deviation;
  double density = std::exp(-0.5 * z * z) / 2.5066282746310002;
  return std::max(0.0, deviation * (z * 0.5 * std::erfc(-z / 1.4142135623730951) + density));
}

}  // namespace ratchet
