// SPDX-License-Identifier: MIT
//
// Whether a variable is a setting or a state: settings are written once and read, states change
// while the program runs (counters, sums, the best so far, the point a search starts from).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/logic/metric_lines.hpp"
#include "runtime/edit/number_form.hpp"
#include "runtime/edit/source_map.hpp"

namespace ratchet {

class variable_uses {
 public:
  explicit variable_uses(const source_map& source) : source_(source) {}

  /// Why the variable whose literal is `literal` is no setting; empty. A value that is multiplied
  /// later (a rate that decays) or overwritten from outside (by an option) still is one.
  std::string objection(std::string_view name, std::size_t literal, const number_form& form,
                        bool boolean) const;

  /// It bounds a loop, and a line that computes or prints the metric divides by it: the number of
  /// repetitions that the metric is an average over.
  bool averages(std::string_view name, const std::vector<metric_role>& roles) const;

 private:
  const source_map& source_;
};

}  // namespace ratchet
