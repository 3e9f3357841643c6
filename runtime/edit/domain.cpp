// SPDX-License-Identifier: MIT
#include "runtime/edit/domain.hpp"

#include <algorithm>
#include <cmath>

namespace ratchet {

domain domain::integers(double lo, double hi, bool log) {
  domain d;
  d.kind_ = kind::integer;
  d.lo_ = lo;
  d.hi_ = hi;
  d.log_ = log && lo > 0;
  return d;
}

domain domain::reals(double lo, double hi, bool log, const number_form& form) {
  domain d = integers(lo, hi, log);
  d.kind_ = kind::real;
  d.form_ = form;
  d.form_.real = true;  // an integer literal with a range of fractions takes fractions
  return d;
}

domain domain::steps(double lo, double hi, double step, const number_form& form) {
  std::vector<std::string> texts;
  for (double k = 0; k <= std::floor((hi - lo) / step + 1e-9) && texts.size() < 100'000; ++k)
    texts.push_back(format_number(form, std::stod(format_number({}, lo + k * step, 12)), 12));
  return choices(std::move(texts));
}

domain domain::powers_of_two(double lo, double hi, const number_form& form) {
  std::vector<std::string> texts;
  for (double v = 1; v <= hi; v *= 2)
    if (v >= lo) texts.push_back(format_number(form, v));
  return choices(std::move(texts));
}

domain domain::choices(std::vector<std::string> texts) {
  domain d;
  std::vector<std::string> distinct;
  for (auto& t : texts)
    if (std::find(distinct.begin(), distinct.end(), t) == distinct.end())
      distinct.push_back(std::move(t));
  d.texts_ = std::move(distinct);
  d.ordered_ = std::all_of(d.texts_.begin(), d.texts_.end(),
                           [](const auto& t) { return parse_number(t).has_value(); });
  if (d.ordered_)
    std::stable_sort(d.texts_.begin(), d.texts_.end(), [](const auto& a, const auto& b) {
      return parse_number(a)->value < parse_number(b)->value;
    });
  return d;
}

std::optional<std::uint64_t> domain::size() const {
  if (kind_ == kind::real) return std::nullopt;
  if (kind_ == kind::list) return texts_.size();
  return static_cast<std::uint64_t>(hi_ - lo_) + 1;
}

double domain::nth(std::uint64_t k) const {
  return kind_ == kind::integer ? lo_ + static_cast<double>(k) : static_cast<double>(k);
}

double domain::unit(double value) const {
  double u;
  if (kind_ == kind::list)
    u = texts_.size() < 2 ? 0 : value / static_cast<double>(texts_.size() - 1);
  else if (log_)
    u = value <= 0 ? 0 : std::log(value / lo_) / std::log(hi_ / lo_);
  else
    u = hi_ > lo_ ? (value - lo_) / (hi_ - lo_) : 0;
  return std::clamp(u, 0.0, 1.0);
}

double domain::at(double unit) const {
  unit = std::clamp(unit, 0.0, 1.0);
  if (kind_ == kind::list) return std::round(unit * static_cast<double>(texts_.size() - 1));
  double value = log_ ? lo_ * std::pow(hi_ / lo_, unit) : lo_ + unit * (hi_ - lo_);
  return snapped(value);
}

double domain::snapped(double value) const {
  if (kind_ == kind::list)
    return std::clamp(std::round(value), 0.0, static_cast<double>(texts_.size() - 1));
  if (kind_ == kind::integer) return std::clamp(std::round(value), lo_, hi_);
  value = std::clamp(value, lo_, hi_);
  auto written = parse_number(format_number(form_, value));
  return written ? std::clamp(written->value, lo_, hi_) : value;
}

double domain::neighbour(double value, int direction) const {
  double sign = direction > 0 ? 1 : -1;
  if (kind_ != kind::real) return snapped(value + sign);
  return at(unit(value) + sign * 0.01);
}

std::string domain::text(double value, const number_form& form) const {
  if (kind_ == kind::list) return texts_[static_cast<std::size_t>(snapped(value))];
  if (kind_ == kind::integer) return format_number(form, std::clamp(std::round(value), lo_, hi_));
  value = snapped(value);
  // A bound may need more digits than a value on the way.
  std::string out = format_number(form_, value);
  auto written = parse_number(out);
  if (written && (written->value < lo_ || written->value > hi_))
    out = format_number(form_, value, 15);
  return out;
}

std::optional<double> domain::value_of(const std::string& text) const {
  if (kind_ == kind::list) {
    auto it = std::find(texts_.begin(), texts_.end(), text);
    if (it != texts_.end()) return static_cast<double>(it - texts_.begin());
    auto wanted = parse_number(text);
    for (std::size_t i = 0; ordered_ && wanted && i < texts_.size(); ++i)
      if (parse_number(texts_[i])->value == wanted->value) return static_cast<double>(i);
    return std::nullopt;
  }
  auto form = parse_number(text);
  if (!form || form->value < lo_ || form->value > hi_) return std::nullopt;
  return form->value;
}

double domain::outside(const std::string& text) const {
  auto form = parse_number(text);
  if (kind_ != kind::list) return form ? form->value : lo_ - 1;
  if (!ordered_ || !form) return -1;
  for (std::size_t i = 0; i < texts_.size(); ++i)
    if (parse_number(texts_[i])->value > form->value) return static_cast<double>(i) - 0.5;
  return static_cast<double>(texts_.size()) - 0.5;
}

domain implied_domain(const number_form& form) {
  double v = form.value, size = std::fabs(v), lo, hi;
  if (size == 0) {
    lo = 0, hi = 1;
  } else if (size == 1 && !form.real) {
    lo = 1, hi = 4;
  } else {
    lo = form.real ? size / 16 : std::max(1.0, std::ceil(size / 16));
    hi = form.real && size < 1 ? std::min(1.0, size * 16) : size * 16;
  }
  if (v < 0) std::swap(lo, hi), lo = -lo, hi = -hi;
  return form.real ? domain::reals(lo, hi, true, form) : domain::integers(lo, hi, true);
}

std::pair<double, double> first_range(const number_form& form) {
  auto [lo, hi] = *implied_domain(form).bounds();
  double v = form.value;
  if (v == 0 || (v == 1 && !form.real)) return {lo, hi};
  double near = v / 4, far = v * 4;
  if (!form.real) near = v > 0 ? std::ceil(near) : std::floor(near);
  if (v < 0) std::swap(near, far);
  return {std::max(lo, near), std::min(hi, far)};
}

}  // namespace ratchet
