// SPDX-License-Identifier: MIT
//
// The two ways to read a metric from a stream: by name, where every decision needs only a bounded
// stretch of bytes around the name; and by pattern, line by line. Both keep just those bytes.
#include <algorithm>

#include "actors/logic/metric_scan.hpp"
#include "actors/logic/metric_unit.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/logic/terminal_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t exact_median_of = 100'000;

}  // namespace

void metric_choice::choose(const printed_value& value, std::string_view printed) {
  kind_ = value.kind;
  value_.reset();
  if (value.kind == number_kind::finite) value_ = value.value;
  unit_ = value.unit;
  printed_ = printed.substr(0, 64);
}

void metric_choice::keep_for_median(double value) {
  if (seen_++ % stride_ != 0) return;
  values_.push_back(value);
  if (values_.size() < exact_median_of) return;
  // Too many to keep: from here on every second of those kept so far.
  for (std::size_t i = 0; 2 * i < values_.size(); ++i) values_[i] = values_[2 * i];
  values_.resize(values_.size() / 2);
  stride_ *= 2;
}

void metric_choice::take(const printed_value& value, std::string_view printed, metric_pick pick) {
  if (value.kind == number_kind::none) return;
  const bool was_any = any_;
  any_ = true;
  if (pick == metric_pick::last || (pick == metric_pick::first && !was_any))
    return choose(value, printed);
  if (pick == metric_pick::first) return;
  if (value.kind != number_kind::finite) {
    if (!value_) choose(value, printed);
    return;
  }
  printed_value same = value;
  if (value_ && value.unit != unit_) {
    auto in_unit = converted(value.value, value.unit, unit_);
    if (!in_unit) {
      if (other_.empty()) other_ = printed.substr(0, 64);
      return;
    }
    same.value = *in_unit;
    same.unit = unit_;
  }
  if (pick == metric_pick::median) keep_for_median(same.value);
  if (!value_ || (pick == metric_pick::max && same.value > *value_) ||
      (pick == metric_pick::min && same.value < *value_))
    choose(same, printed);
}

metric_reading metric_choice::reading(std::string source) const {
  metric_reading result;
  result.source = std::move(source);
  result.printed = one_line(printed_);
  if (!other_.empty()) {
    result.missing = "the metric was printed as " + shown(printed_) + " and as " + shown(other_) +
                     ": another kind of unit, which cannot be compared";
    return result;
  }
  if (!value_) {
    result.missing = "the metric was printed, but not as a finite number";
    if (kind_ != number_kind::ambiguous) return result;
    result.missing = "the metric was printed as " + shown(printed_) + ", which ";
    result.missing += printed_.find(',') != std::string::npos
                          ? "is ambiguous: the comma may be a decimal comma or separate "
                            "thousands. Print it with a dot and without separators (the C numeric "
                            "locale does)"
                          : "is not one plain number";
    return result;
  }
  result.value = value_;
  result.unit = unit_;
  if (!values_.empty()) result.value = median(values_);
  return result;
}

namespace {

/// A metric in a file is not in the output, nor is one that is measured.
class no_scan : public metric_scanner::scan {
 public:
  void consume(std::string_view) override {}
  metric_reading finish() override {
    return {{}, "", "the metric is read from a file, not from the output"};
  }
};

/// Hands a stream on without terminal control sequences.
class plain_scan : public metric_scanner::scan {
 public:
  plain_scan(std::unique_ptr<scan> inner, std::string instead)
      : inner_(std::move(inner)), filter_(std::move(instead)) {}
  void consume(std::string_view chunk) override { inner_->consume(filter_.plain(chunk)); }
  metric_reading finish() override { return inner_->finish(); }

 private:
  std::unique_ptr<scan> inner_;
  terminal_filter filter_;
};

/// Whether a pattern looks for control sequences itself.
bool speaks_of_escapes(const std::string& pattern) {
  for (std::string_view text : {"\x1b", "\\x1b", "\\x1B", "\\x{1b}", "\\x{1B}", "\\033", "cntrl"})
    if (pattern.find(text) != std::string::npos) return true;
  return false;
}

}  // namespace

metric_scanner::metric_scanner(const compiled_metric& metric, std::size_t window) {
  if (metric.reads_file() || !metric.measured.empty()) {
    scan_ = std::make_unique<no_scan>();
  } else if (!metric.pattern) {
    scan_ = std::make_unique<plain_scan>(make_name_scan(metric), " ");
  } else {
    scan_ = make_pattern_scan(metric, window);
    if (!speaks_of_escapes(metric.rule.pattern))
      scan_ = std::make_unique<plain_scan>(std::move(scan_), "");
  }
}

metric_scanner::~metric_scanner() = default;
metric_scanner::metric_scanner(metric_scanner&&) noexcept = default;
metric_scanner& metric_scanner::operator=(metric_scanner&&) noexcept = default;

void metric_scanner::consume(std::string_view chunk) { scan_->consume(chunk); }
metric_reading metric_scanner::finish() { return scan_->finish(); }

}  // namespace ratchet
