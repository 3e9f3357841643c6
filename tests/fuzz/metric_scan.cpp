// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "actors/logic/metric.hpp"
#include "tests/fuzz/targets.hpp"

namespace ratchet::fuzz {

namespace {

/// "name", "last name", "max pattern:(..)": which match counts, then name or pattern.
metric_rule rule_of(std::string_view line) {
  metric_rule rule;
  for (auto [word, pick] : {std::pair{"first ", metric_pick::first},
                            {"max ", metric_pick::max},
                            {"median ", metric_pick::median}})
    if (line.starts_with(word)) {
      rule.pick = pick;
      line.remove_prefix(std::string_view(word).size());
    }
  constexpr std::string_view pattern = "pattern:";
  if (line.starts_with(pattern))
    rule.pattern = line.substr(pattern.size());
  else
    rule.name = line;
  return rule;
}

metric_reading read_in_pieces(const compiled_metric& metric, std::string_view output,
                              std::size_t piece) {
  metric_scanner scanner(metric, 256);
  for (; !output.empty(); output.remove_prefix(std::min(piece, output.size())))
    scanner.consume(output.substr(0, piece));
  return scanner.finish();
}

void check_reading(const metric_reading& r) {
  require(!r.value || std::isfinite(*r.value), "a metric is finite");
  require(r.value || !r.missing.empty(), "no metric has its reason");
  in_unit(r, "ms");
  in_unit(r, "");
}

}  // namespace

void metric_scan(std::string_view bytes) {
  const auto end = std::min(bytes.find('\n'), bytes.size());
  const auto output = bytes.substr(std::min(end + 1, bytes.size()));
  const auto metric = compile_metric(rule_of(bytes.substr(0, end)));
  if (!metric) return;
  if (metric->reads_file()) return check_reading(read_file_metric(*metric, output));
  const auto whole = read_in_pieces(*metric, output, bytes.size() + 1);
  check_reading(whole);
  require(no_metric_text(whole, output).size() <= 4096, "a reason is short");
  for (std::size_t piece : {1, 7, 300}) {
    const auto cut = read_in_pieces(*metric, output, piece);
    require(cut.value == whole.value && cut.unit == whole.unit && cut.source == whole.source,
            "any cut of the output gives the same reading");
  }
}

}  // namespace ratchet::fuzz
