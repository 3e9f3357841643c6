// SPDX-License-Identifier: MIT
#include "actors/logic/measured_metric.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

const std::vector<std::string> measured_names{"wall_s", "cpu_s", "max_rss_mb", "instructions"};

}  // namespace

bool is_measured(std::string_view pattern) {
  return pattern.starts_with('@') && pattern.find('(') == std::string_view::npos;
}

expected<compiled_metric> compile_measured(const metric_rule& rule) {
  compiled_metric metric;
  metric.rule = rule;
  metric.measured = rule.pattern.substr(1);
  if (std::find(measured_names.begin(), measured_names.end(), metric.measured) !=
      measured_names.end())
    return metric;
  const std::string near = nearest_word(metric.measured, measured_names);
  return fail(errc::invalid_argument,
              "metric_pattern " + shown(rule.pattern) +
                  " is nothing that is measured; there are \"@wall_s\", \"@cpu_s\", "
                  "\"@max_rss_mb\" and \"@instructions\"" +
                  (near.empty() ? "" : ". Did you mean \"@" + near + "\"?"),
              json{{"field", "metric_pattern"}});
}

metric_reading read_measured(const compiled_metric& metric, const run_usage& usage) {
  metric_reading reading;
  reading.source = "measured";
  reading.unit = unit_of_measured(metric);
  if (metric.measured == "wall_s")
    reading.value = usage.wall_s;
  else if (metric.measured == "cpu_s")
    reading.value = usage.cpu_s;
  else if (metric.measured == "max_rss_mb")
    reading.value = usage.max_rss_mb;
  else
    reading.value = usage.instructions;
  if (!reading.value)
    reading.missing =
        "the instructions of this run could not be counted (other programs may have held the "
        "processor's counters); \"@cpu_s\" can always be measured";
  return reading;
}

std::string_view unit_of_measured(const compiled_metric& metric) {
  if (metric.measured == "max_rss_mb") return "MB";
  return metric.measured.ends_with("_s") ? "s" : "";
}

}  // namespace ratchet
