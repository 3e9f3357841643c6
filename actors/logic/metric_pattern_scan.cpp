// SPDX-License-Identifier: MIT
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <vector>

#include "actors/logic/literal_finder.hpp"
#include "actors/logic/metric_scan.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t npos = std::string_view::npos;

/// A match is first looked for in this many bytes after the last one. Without the bound a pattern
/// such as "(\d)(?:.*x)?" looks at the rest of the line for every digit in it, which is quadratic.
constexpr std::size_t near_bytes = 256;

/// A unit that follows a group may need so much of the line; an overlong one's window has it.
constexpr std::size_t unit_reach = 64;

bool ends_line(char c) { return c == '\n' || c == '\r'; }

std::size_t line_end(std::string_view text, std::size_t from) {
  std::size_t feed = std::min(text.find('\n', from), text.size());
  std::size_t carriage = text.substr(0, feed).find('\r', from);
  return carriage == npos ? feed : carriage;
}

std::size_t line_begin(std::string_view text, std::size_t at) {
  while (at > 0 && !ends_line(text[at - 1])) --at;
  return at;
}

/// Finds lines that may match, front to back.
class line_filter {
 public:
  explicit line_filter(const compiled_metric& metric) {
    for (const auto& text : metric.required_texts) texts_.emplace_back(text);
    if (!texts_.empty()) return;
    // Where no text is required, RE2 itself looks at many lines at once: with ^ and $ at every line
    // end the pattern finds at least the starts of all it finds line by line. What speaks of the
    // text's own ends, or switches (?m) off, would not.
    for (std::string_view no : {"\\A", "\\z", "(?-", "m-", "s-", "i-", "U-"})
      if (metric.rule.pattern.find(no) != std::string::npos) return;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    auto many = std::make_unique<RE2>("(?m:" + metric.rule.pattern + ")", options);
    if (many->ok()) many_lines_ = std::move(many);
  }

  /// Start a new text. (?m) knows nothing of '\r', so texts that have one go line by line.
  void reset(std::string_view text) {
    next_.assign(texts_.size(), unknown);
    use_many_lines_ = many_lines_ && text.find('\r') == npos;
  }

  /// How many bytes to give at once at most: bounds what one search may look at in vain.
  std::size_t span() const { return texts_.empty() ? 4096 : 64 * 1024; }

  /// Whether `text`, the rest of a line, may match at all.
  bool may_match(std::string_view text) const {
    if (texts_.empty()) return true;
    return std::any_of(texts_.begin(), texts_.end(),
                       [&](const auto& t) { return t.find(text) != literal_finder::npos; });
  }

  /// A place at or after `from` in a line that may match; no earlier line can. npos: none.
  std::size_t find(std::string_view text, std::size_t from) {
    if (texts_.empty()) {
      if (!use_many_lines_) return from < text.size() ? from : npos;
      re2::StringPiece found;
      if (!many_lines_->Match({text.data(), text.size()}, from, text.size(), RE2::UNANCHORED,
                              &found, 1))
        return npos;
      return static_cast<std::size_t>(found.data() - text.data());
    }
    std::size_t best = npos;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (next_[i] == unknown || (next_[i] != npos && next_[i] < from))
        next_[i] = texts_[i].find(text, from);
      best = std::min(best, next_[i]);
    }
    return best;
  }

 private:
  static constexpr std::size_t unknown = npos - 1;
  std::vector<literal_finder> texts_;
  std::vector<std::size_t> next_;  ///< where each text comes next
  std::unique_ptr<RE2> many_lines_;
  bool use_many_lines_ = false;
};

class pattern_scan : public metric_scanner::scan {
 public:
  pattern_scan(const compiled_metric& metric, std::size_t window)
      : pattern_(metric.pattern),
        name_(metric.rule.pattern),
        pick_(metric.rule.pick),
        comma_(metric.comma),
        window_(window),
        filter_(metric) {}

  void consume(std::string_view chunk) override {
    if (choice_.settled(pick_)) return;
    if (!kept_.empty()) {
      std::size_t end = line_end(chunk, 0);
      keep(chunk.substr(0, end));
      if (end == chunk.size()) return;
      finish_line();
      chunk.remove_prefix(end);
    }
    std::size_t end = line_begin(chunk, chunk.size());
    scan_lines(chunk.substr(0, end));
    keep(chunk.substr(end));
  }

  metric_reading finish() override {
    finish_line();
    if (choice_.any()) {
      auto reading = choice_.reading("pattern");
      if (!reading.value)
        reading.missing = "metric_pattern " + shown(name_) + ": " + reading.missing;
      return reading;
    }
    metric_reading reading;
    reading.missing =
        matched_
            ? "what metric_pattern " + shown(name_) + " captured is no number: " + shown(captured_)
            : "metric_pattern " + shown(name_) + " matches no line of the output";
    return reading;
  }

 private:
  /// The beginning of a line whose end is not there yet; windows of an overlong one are read and
  /// dropped at once.
  void keep(std::string_view bytes) {
    while (!bytes.empty()) {
      std::size_t n = std::min(bytes.size(), window_);
      kept_ += bytes.substr(0, n);
      bytes.remove_prefix(n);
      kept_.erase(0, scan_windows(kept_, false));
    }
  }

  void finish_line() {
    scan_windows(kept_, true);
    kept_.clear();
    before_ = 0;
  }

  /// Whole lines, each with its end.
  void scan_lines(std::string_view text) {
    while (text.size() > filter_.span()) {
      std::size_t cut = line_begin(text, filter_.span());
      if (cut == 0) cut = std::min(line_end(text, 0) + 1, text.size());
      scan_span(text.substr(0, cut));
      text.remove_prefix(cut);
    }
    scan_span(text);
  }

  void scan_span(std::string_view text) {
    filter_.reset(text);
    lines_.clear();
    for (std::size_t at = 0; at < text.size(); ++at) {
      at = filter_.find(text, at);
      if (at >= text.size()) break;
      std::size_t begin = line_begin(text, at), end = line_end(text, at);
      lines_.push_back(text.substr(begin, end - begin));
      at = end;
    }
    // Of many lines the last that has a number settles what came before it.
    if (pick_ == metric_pick::last) std::reverse(lines_.begin(), lines_.end());
    for (std::string_view line : lines_) {
      std::size_t numbers = numbers_;
      before_ = 0;
      scan_windows(line, true);
      before_ = 0;
      bool found = numbers_ > numbers;
      if (found && (pick_ == metric_pick::last || pick_ == metric_pick::first)) break;
    }
  }

  /// Reads the windows of a line that are complete, and all of it when the line is. The first
  /// before_ bytes are context only. Returns how many bytes are needed no more.
  std::size_t scan_windows(std::string_view line, bool complete) {
    std::size_t done = 0;
    while (line.size() - done - before_ > window_) {
      scan_window(line.substr(done, before_ + window_ + 1), before_ + window_, true);
      done += before_ + window_ / 2 - 1;
      before_ = 1;
    }
    if (complete && line.size() > done + before_)
      scan_window(line.substr(done), line.size() - done, false);
    return done;
  }

  /// All matches in `text` between before_ and `end`; what lies around is context.
  void scan_window(std::string_view text, std::size_t end, bool goes_on) {
    const re2::StringPiece piece(text.data(), text.size());
    std::size_t from = before_;
    while (from <= end) {
      std::array<re2::StringPiece, 2> groups;
      std::size_t near_end = std::min(end, from + near_bytes);
      bool found = near_end < end && match(piece, from, near_end, groups) &&
                   offset(text, groups[0]) + groups[0].size() < near_end;
      if (!found && !match(piece, from, end, groups)) return;
      std::size_t begin = offset(text, groups[0]), length = groups[0].size();
      take(text, groups, end, goes_on);
      from = std::max(begin + length, from + (length == 0 ? 1 : 0));
      if (length == 0) from = std::max(from, begin + 1);
      if (from > end || !filter_.may_match(text.substr(from, end - from))) return;
    }
  }

  bool match(const re2::StringPiece& text, std::size_t from, std::size_t end,
             std::array<re2::StringPiece, 2>& groups) const {
    return pattern_->Match(text, from, end, RE2::UNANCHORED, groups.data(), 2);
  }

  static std::size_t offset(std::string_view text, const re2::StringPiece& part) {
    return static_cast<std::size_t>(part.data() - text.data());
  }

  void take(std::string_view text, const std::array<re2::StringPiece, 2>& groups, std::size_t end,
            bool goes_on) {
    matched_ = true;
    const auto& group = groups[1];
    if (group.data() == nullptr) return;  // an optional group that took no part
    // In a window of an overlong line, a group at an edge may be cut; the next window or the one
    // before has it whole, and the unit behind it.
    std::size_t begin = offset(text, group), group_end = begin + group.size();
    if (goes_on && group_end == end) return;
    bool seen_again = offset(text, groups[0]) > before_ + window_ / 2;
    if (goes_on && seen_again && group_end + unit_reach > end) return;
    if (before_ > 0 && begin == before_) return;
    const std::string_view caught(group.data(), group.size());
    printed_value value = whole_value(caught, comma_);
    if (value.kind == number_kind::none) {
      captured_ = one_line(caught, 80);
      return;
    }
    std::string_view printed = caught;
    if (value.kind == number_kind::finite && value.unit.empty())
      printed = with_unit(text, caught, groups[0].data() + groups[0].size(), value);
    ++numbers_;
    choice_.take(value, printed, pick_);
  }

  /// A number whose unit stands behind the group, or whose exponent does when the pattern ends with
  /// the group: "([0-9.]+) ms", "loss=([0-9.]+)" on "loss=1e-5".
  std::string_view with_unit(std::string_view text, std::string_view caught, const char* match_end,
                             printed_value& value) const {
    std::string_view number = caught;
    while (std::size_t n = blank_length(number)) number.remove_prefix(n);
    const std::size_t begin = static_cast<std::size_t>(number.data() - text.data());
    while (!number.empty() && blank_length(number.substr(number.size() - 1)) > 0)
      number.remove_suffix(1);
    std::string_view rest = text.substr(begin);
    // Of a number that the group cuts in two, what follows is no unit.
    if (number.size() < rest.size() && is_digit(rest[number.size()])) return caught;
    printed_value full = leading_value(rest, comma_);
    if (full.kind != number_kind::finite || full.length <= number.size()) return caught;
    bool exponent = full.number_length > number.size() && ascii_lower(rest[number.size()]) == 'e' &&
                    match_end == caught.data() + caught.size();
    // "3.4k" in the group is 3400 already; a unit further on is still the value's.
    if (!exponent && full.number_length > number.size()) return caught;
    value = full;
    return rest.substr(0, full.length);
  }

  std::shared_ptr<const RE2> pattern_;
  std::string name_;
  metric_pick pick_;
  lone_comma comma_;
  std::size_t window_;
  line_filter filter_;
  metric_choice choice_;
  bool matched_ = false;
  std::string captured_;                 ///< what a group held that is no number
  std::size_t numbers_ = 0;              ///< matches that counted
  std::vector<std::string_view> lines_;  ///< of the span at hand, those that may match
  std::string kept_;                     ///< a line so far
  std::size_t before_ = 0;               ///< 1 when the first byte of the text is context, else 0
};

}  // namespace

std::unique_ptr<metric_scanner::scan> make_pattern_scan(const compiled_metric& metric,
                                                        std::size_t window) {
  return std::make_unique<pattern_scan>(metric, window);
}

}  // namespace ratchet
