// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cctype>
#include <deque>

#include "actors/logic/literal_finder.hpp"
#include "actors/logic/metric_near_names.hpp"
#include "actors/logic/metric_scan.hpp"
#include "actors/logic/metric_unit.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t kept_for_fallback = 8U << 10;
constexpr std::size_t kept_for_names = 32U << 10;  ///< at the beginning, and at the end
constexpr std::size_t most_lines = 3;

/// What is measured has a unit, or a fraction at least; what does not differ is a whole number.
int likeness(std::string_view printed) {
  const bool unit =
      printed.find_first_of(" %") != printed.npos ||
      std::isalpha(static_cast<unsigned char>(printed.empty() ? '0' : printed.back()));
  return unit ? 2 : printed.find('.') != printed.npos ? 1 : 0;
}

/// "Name (time in us)": the unit of all the rows below it, which such tables choose anew each time.
class time_headers {
 public:
  /// `begin`: where `chunk` stands in the output.
  void consume(std::string_view chunk, std::size_t begin) {
    if (!tail_.empty()) {
      std::size_t tail_begin = begin - tail_.size();
      std::string joint = tail_ + std::string(chunk.substr(0, width));
      std::size_t last =
          chunk.size() < width ? joint.size() - std::min(joint.size(), width) : tail_.size();
      scan(joint, tail_begin, last);
    }
    if (chunk.size() >= width) {
      scan(chunk, begin, chunk.size() - width);
      tail_ = chunk.substr(chunk.size() - width);
    } else {
      tail_ += chunk;
      if (tail_.size() > width) tail_.erase(0, tail_.size() - width);
    }
  }
  void finish(std::size_t end) { scan(tail_, end - tail_.size(), tail_.size()); }

  /// The unit that the last header before `at` names; "" when there was none.
  std::string unit_before(std::size_t at) {
    while (units_.size() > 1 && units_[1].first < at) units_.pop_front();
    return units_.empty() || units_[0].first >= at ? std::string() : units_[0].second;
  }

 private:
  static constexpr std::size_t width = 24;  ///< no header is longer

  /// Headers that begin before `last` in `text`.
  void scan(std::string_view text, std::size_t begin, std::size_t last) {
    static const literal_finder finder("(time in ");
    const std::size_t length = finder.literal().size();
    for (std::size_t at = finder.find(text); at < last; at = finder.find(text, at + 1)) {
      std::string_view rest = text.substr(at + length, width - length);
      std::size_t close = rest.find(')');
      if (close == std::string_view::npos || seconds_of(rest.substr(0, close)) == 0) continue;
      if (!units_.empty() && units_.back().first >= begin + at) continue;
      units_.emplace_back(begin + at, rest.substr(0, close));
    }
  }

  std::string tail_;
  std::deque<std::pair<std::size_t, std::string>> units_;  ///< and where they stand
};

/// The beginning and the end of the output, for what is looked at once it is all there.
class output_ends {
 public:
  void consume(std::string_view chunk) {
    size_ += chunk.size();
    std::size_t missing = kept_for_names - std::min(kept_for_names, head_.size());
    head_ += chunk.substr(0, missing);
    chunk.remove_prefix(std::min(missing, chunk.size()));
    if (chunk.size() > kept_for_names) chunk.remove_prefix(chunk.size() - kept_for_names);
    tail_ += chunk;
    if (tail_.size() > 4 * kept_for_names) tail_.erase(0, tail_.size() - kept_for_names);
  }

  /// At most `most` bytes of each end, without a word that is cut in two; all in the first when
  /// nothing is missing between the two.
  std::pair<std::string, std::string> ends(std::size_t most) const {
    std::size_t beyond = size_ - head_.size();  // bytes that are in the tail only
    if (size_ <= 2 * most && beyond <= tail_.size())
      return {head_ + tail_.substr(tail_.size() - beyond), ""};
    std::string all_tail = beyond >= most ? tail_ : head_ + tail_.substr(tail_.size() - beyond);
    std::string_view head = std::string_view(head_).substr(0, most), tail = all_tail;
    tail = tail.substr(tail.size() - most);
    auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!head.empty() && !blank(head.back())) head.remove_suffix(1);
    while (!tail.empty() && !blank(tail.front())) tail.remove_prefix(1);
    return {std::string(head), std::string(tail)};
  }

 private:
  std::size_t size_ = 0;
  std::string head_, tail_;
};

class name_scan : public metric_scanner::scan {
 public:
  explicit name_scan(const compiled_metric& metric)
      : metric_(metric),
        name_(metric.rule.name),
        finder_(metric.rule.name),
        pick_(metric.rule.pick) {}

  void consume(std::string_view chunk) override {
    if (chunk.empty() || choice_.settled(pick_)) return;
    if (!choice_.any()) ends_.consume(chunk);
    headers_.consume(chunk, chunk_begin_);
    if (kept_.empty()) {
      scan_bytes(chunk, chunk_begin_, false);
    } else {
      // The bytes kept, and as many of the chunk as any decision on them can need.
      std::size_t needed = named_before + name_.size() + named_after;
      std::size_t kept_begin = chunk_begin_ - kept_.size();
      kept_ += chunk.substr(0, needed);
      scan_bytes(kept_, kept_begin, false);
      if (chunk.size() <= needed) {
        chunk_begin_ += chunk.size();
        // Erasing from the front only now and then keeps many tiny chunks linear.
        std::size_t done = next_ - kept_begin;
        if (done > named_before + (16U << 10)) kept_.erase(0, done - named_before);
        return;
      }
      scan_bytes(chunk, chunk_begin_, false);
    }
    std::size_t wanted = next_ > named_before ? next_ - named_before : 0;
    kept_.assign(chunk.substr(wanted > chunk_begin_ ? wanted - chunk_begin_ : 0));
    chunk_begin_ += chunk.size();
  }

  metric_reading finish() override {
    headers_.finish(chunk_begin_);
    scan_bytes(kept_, chunk_begin_ - kept_.size(), true);
    if (choice_.any()) {
      auto reading = choice_.reading("name");
      if (!reading.value) reading.missing = shown(name_) + ": " + reading.missing;
      return reading;
    }
    if (ascii_lower(std::string_view(name_)) == "passed") {
      auto [head, tail] = ends_.ends(kept_for_fallback);
      if (auto passed = passed_reading(head, tail, pick_); !passed.source.empty()) {
        passed.source = "name";
        return passed;
      }
    }
    return without_value();
  }

 private:
  /// Looks at `text`, whose first byte is byte `begin` of the output, from next_ on; stops where a
  /// decision needs bytes that are not there yet.
  void scan_bytes(std::string_view text, std::size_t begin, bool ended) {
    std::size_t from = next_ > begin ? next_ - begin : 0;
    const std::size_t ahead = name_.size() + named_after;
    while (true) {
      std::size_t at = finder_.find(text, from);
      if (at == literal_finder::npos) break;
      if (!ended && text.size() - at < ahead) {
        next_ = begin + at;
        return;
      }
      take(text, at, begin);
      from = std::max(from + 1, from_);
    }
    std::size_t searched = text.size() >= name_.size() ? text.size() - name_.size() + 1 : 0;
    next_ = std::max({next_, begin + from, begin + searched});
  }

  void take(std::string_view text, std::size_t at, std::size_t begin) {
    named_value found = value_named_at(text, at, name_.size(), metric_.comma);
    from_ = found.end;
    if (!found.token) return;
    named_ = true;
    if (found.value.kind == number_kind::none) {
      if (choice_.any()) return;
      alone_ = found.ends_line;
      std::string line = one_line(line_around(text, at, name_.size()), 160);
      if (!lines_.empty() && lines_.back() == line) return;
      if (lines_.size() == most_lines) lines_.erase(lines_.begin() + 1);
      lines_.push_back(std::move(line));
      return;
    }
    if (found.table_row && found.value.unit.empty())
      found.value.unit = headers_.unit_before(begin + at);
    choice_.take(found.value, found.printed, pick_);
  }

  metric_reading without_value() const {
    metric_reading reading;
    auto [head, tail] = ends_.ends(kept_for_names);
    auto names = names_with_numbers(head, name_);
    for (auto& one : names_with_numbers(tail, name_)) {
      auto same = [&](const numbered_name& n) { return n.name == one.name; };
      std::erase_if(names, same);
      names.push_back(std::move(one));
    }
    std::stable_sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
      return std::pair(!a.near, a.distance) < std::pair(!b.near, b.distance);
    });
    const numbered_name* near = !names.empty() && names.front().near ? &names.front() : nullptr;
    if (!named_ && !near) {
      auto [first, last] = ends_.ends(kept_for_fallback);
      metric_reading fallback = fallback_reading(first, last, metric_);
      if (!fallback.source.empty()) {
        fallback.warning = "metric " + shown(name_) + " is nowhere in the output; " +
                           shown(fallback.source.substr(9)) +
                           " was taken instead. Name it with metric_name, or say with "
                           "metric_pattern where the number stands";
        return fallback;
      }
    }
    if (alone_)
      reading.missing = shown(name_) +
                        " stands on a line without a number after it; print the number behind it "
                        "on the same line";
    else if (named_)
      reading.missing = shown(name_) + " is in the output, but no number follows it: " +
                        shown(lines_.empty() ? "" : lines_.back());
    else
      reading.missing = shown(name_) + " with a number after it is nowhere in the output";
    if (near)
      reading.missing +=
          "; did you mean " + shown(near->name) + " (" + near->name + ": " + near->printed + ")?";
    for (const auto& line : lines_) reading.hints.push_back("it stands in: " + line);
    std::vector<std::string> others;
    for (const auto& one : names)
      if (&one != near) others.push_back(one.name + " (" + one.printed + ")");
    if (!others.empty()) reading.hints.push_back("names that have numbers: " + listed(others, 6));
    std::string pattern;
    for (auto line = lines_.rbegin(); line != lines_.rend() && pattern.empty(); ++line)
      pattern = pattern_for(*line, name_);
    if (pattern.empty() && near) pattern = pattern_for(near->line, near->name);
    if (pattern.empty() && !names.empty()) {
      const auto& likely = *std::max_element(names.begin(), names.end(), [](auto& a, auto& b) {
        return likeness(a.printed) < likeness(b.printed);
      });
      pattern = pattern_for(likely.line, likely.name);
    }
    if (!pattern.empty()) reading.hints.push_back("a metric_pattern that would match: " + pattern);
    return reading;
  }

  compiled_metric metric_;
  std::string name_;
  literal_finder finder_;
  metric_pick pick_;
  metric_choice choice_;
  bool named_ = false;              ///< the name was there as a whole token
  bool alone_ = false;              ///< the last time at the end of its line
  std::vector<std::string> lines_;  ///< some that hold the name without a number
  std::string kept_;                ///< the end of what was consumed, still needed
  std::size_t chunk_begin_ = 0;     ///< bytes consumed so far
  std::size_t next_ = 0;            ///< the byte of the output to look at next
  std::size_t from_ = 0;            ///< where to look on in the text at hand
  output_ends ends_;
  time_headers headers_;
};

}  // namespace

std::unique_ptr<metric_scanner::scan> make_name_scan(const compiled_metric& metric) {
  return std::make_unique<name_scan>(metric);
}

}  // namespace ratchet
