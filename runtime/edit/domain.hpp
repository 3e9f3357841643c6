// SPDX-License-Identifier: MIT
//
// The values one literal may take, seen as a line of length 1 so that steps of different literals
// compare: a number's range (even or logarithmic), or a list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/edit/number_form.hpp"

namespace ratchet {

/// A value is a number; of a list it is the index.
class domain {
 public:
  /// Whole numbers lo … hi.
  static domain integers(double lo, double hi, bool log);
  static domain reals(double lo, double hi, bool log, const number_form& form);
  /// lo, lo+step … ≤ hi.
  static domain steps(double lo, double hi, double step, const number_form& form);
  static domain powers_of_two(double lo, double hi, const number_form& form);
  /// As written in the file. Numbers are put in order and neighbours tried first; other texts have
  /// no order.
  static domain choices(std::vector<std::string> texts);

  /// How many values there are; nothing for real numbers.
  std::optional<std::uint64_t> size() const;
  /// Lowest and highest value of a range; nothing for a list.
  std::optional<std::pair<double, double>> bounds() const {
    if (kind_ == kind::list) return std::nullopt;
    return std::pair{lo_, hi_};
  }
  /// Of a list, in its order; empty for a range.
  const std::vector<std::string>& texts() const { return texts_; }
  bool ordered() const { return kind_ != kind::list || ordered_; }
  /// The k-th value of a finite domain.
  double nth(std::uint64_t k) const;

  /// 0 … 1, clamped.
  double unit(double value) const;
  /// The value nearest to a place on the line.
  double at(double unit) const;
  /// The next value up (`direction` > 0) or down; the same at the end of the line.
  double neighbour(double value, int direction) const;

  /// As it is written in the file; `form` is how the literal is written now.
  std::string text(double value, const number_form& form) const;
  /// The value of a literal that is written so; nothing when it is none of these values.
  std::optional<double> value_of(const std::string& text) const;
  /// The place of a literal that is none of the values: near the next one, equal to none.
  double outside(const std::string& text) const;
  /// What text() and value_of() agree upon, inside the bounds.
  double snapped(double value) const;

 private:
  enum class kind { integer, real, list };
  kind kind_ = kind::list;
  double lo_ = 0, hi_ = 1;
  bool log_ = false, ordered_ = false;
  number_form form_;
  std::vector<std::string> texts_;
};

/// What a number may become that nobody gave a range for: v/16 … 16 v with its sign, a share at
/// most 1, 0 up to 1, and 1 up to 4.
domain implied_domain(const number_form& form);

/// How far of that line the first steps go: a quarter of it is v/4 … 4 v.
inline constexpr double first_reach = 0.25;
/// The part of an implied domain that is searched first.
std::pair<double, double> first_range(const number_form& form);

}  // namespace ratchet
