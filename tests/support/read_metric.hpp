// SPDX-License-Identifier: MIT
//
// A metric read from a whole output in one call.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "actors/logic/metric.hpp"

namespace ratchet::testing {

inline metric_reading read(const metric_rule& rule, std::string_view output,
                           std::size_t window = 64 * 1024,
                           lone_comma comma = lone_comma::thousands) {
  auto metric = compile_metric(rule, comma);
  REQUIRE(metric.has_value());
  metric_scanner scanner(*metric, window);
  scanner.consume(output);
  return scanner.finish();
}

inline metric_reading by_name(const std::string& name, std::string_view output,
                              metric_pick pick = metric_pick::last) {
  return read({name, "", pick}, output);
}

inline metric_reading by_pattern(const std::string& pattern, std::string_view output,
                                 metric_pick pick = metric_pick::last) {
  return read({"score", pattern, pick}, output);
}

}  // namespace ratchet::testing
