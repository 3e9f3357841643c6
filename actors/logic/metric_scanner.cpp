// SPDX-License-Identifier: MIT
//
// The two ways to read a metric from a stream: by name, where every decision needs only a bounded
// stretch of bytes around the name; and by pattern, line by line. Both keep just those bytes.
#include "actors/logic/metric_scan.hpp"

namespace ratchet {

void metric_choice::take(const number_text& number, metric_pick pick) {
  if (number.kind == number_kind::none) return;
  bool finite = number.kind == number_kind::finite;
  std::optional<double> value;
  if (finite) value = number.value;
  switch (pick) {
    case metric_pick::first:
      if (!any_) value_ = value;
      break;
    case metric_pick::median:
    case metric_pick::last:
      value_ = value;
      break;
    case metric_pick::max:
      if (finite && (!value_ || *value > *value_)) value_ = value;
      break;
    case metric_pick::min:
      if (finite && (!value_ || *value < *value_)) value_ = value;
      break;
  }
  any_ = true;
}

metric_reading metric_choice::reading(std::string source) const {
  metric_reading result{value_, std::move(source), ""};
  if (!value_) result.missing = "the metric was printed, but not as a finite number";
  return result;
}

namespace {

/// A JSON metric is not in the output, nor is one that is measured.
class no_scan : public metric_scanner::scan {
 public:
  void consume(std::string_view) override {}
  metric_reading finish() override {
    return {{}, "", "the metric is read from a JSON file, not from the output"};
  }
};

}  // namespace

metric_scanner::metric_scanner(const compiled_metric& metric, std::size_t window) {
  if (metric.reads_json() || !metric.measured.empty())
    scan_ = std::make_unique<no_scan>();
  else if (metric.pattern)
    scan_ = make_pattern_scan(metric, window);
  else
    scan_ = make_name_scan(metric);
}

metric_scanner::~metric_scanner() = default;
metric_scanner::metric_scanner(metric_scanner&&) noexcept = default;
metric_scanner& metric_scanner::operator=(metric_scanner&&) noexcept = default;

void metric_scanner::consume(std::string_view chunk) { scan_->consume(chunk); }
metric_reading metric_scanner::finish() { return scan_->finish(); }

}  // namespace ratchet
