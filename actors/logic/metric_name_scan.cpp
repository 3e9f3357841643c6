// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <vector>

#include "actors/logic/literal_finder.hpp"
#include "actors/logic/metric_scan.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_separator = 128;
constexpr std::size_t kept_for_fallback = 8 * 1024;

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

/// Length of a terminal colour ("\x1b[1;32m") at the start of `text`, else 0.
std::size_t colour_length(std::string_view text) {
  if (text.size() < 3 || text[0] != '\x1b' || text[1] != '[') return 0;
  std::size_t i = 2;
  while (i < text.size() && (is_digit(text[i]) || text[i] == ';')) ++i;
  return i < text.size() && text[i] == 'm' ? i + 1 : 0;
}

bool ends_with_colour(std::string_view before) {
  if (before.empty() || before.back() != 'm') return false;
  std::size_t i = before.size() - 1;
  while (i > 0 && (is_digit(before[i - 1]) || before[i - 1] == ';')) --i;
  return i >= 2 && before[i - 1] == '[' && before[i - 2] == '\x1b';
}

/// Past blanks and colours; never past `limit`.
std::size_t skip_blanks(std::string_view text, std::size_t i, std::size_t limit) {
  while (i < limit && i < text.size()) {
    if (text[i] == ' ' || text[i] == '\t')
      ++i;
    else if (std::size_t n = colour_length(text.substr(i, limit - i)))
      i += n;
    else
      break;
  }
  return i;
}

}  // namespace

named_number number_named_at(std::string_view text, std::size_t at, std::size_t name_length) {
  const std::size_t begin = at > named_before ? at - named_before : 0;
  std::string_view before = text.substr(begin, at - begin);
  std::string_view ahead = text.substr(at, name_length + named_after);
  named_number result{false, {}, at + 1};

  char quote = !before.empty() && is_quote(before.back()) ? before.back() : '\0';
  bool starts = before.empty() || !is_token_char(before.back()) || ends_with_colour(before);
  if (!starts) return result;

  std::size_t i = name_length;
  if (quote != '\0' && i < ahead.size() && ahead[i] == quote) ++i;
  const std::size_t name_end = i;
  const std::size_t limit = std::min(ahead.size(), name_end + longest_separator);
  i = skip_blanks(ahead, i, limit);
  const bool blanks = i > name_end;
  bool mark = false;
  if (ahead.substr(i, 2) == "->" || ahead.substr(i, 2) == "=>") {
    mark = true;
    i += 2;
  } else {
    while (i < limit && (ahead[i] == ':' || ahead[i] == '=')) {
      mark = true;
      ++i;
    }
  }
  if (mark) i = skip_blanks(ahead, i, limit);
  // Without a mark the name must end here as a token: "score_2", "scores" are other names.
  if (!mark && !blanks) return result;
  result.named = mark;

  char around = i < ahead.size() && is_quote(ahead[i]) ? ahead[i] : '\0';
  std::size_t start = around != '\0' ? i + 1 : i;
  if (start >= ahead.size()) return result;
  number_text number = leading_number(ahead.substr(start));
  if (number.kind == number_kind::none) return result;
  if (around != '\0') {
    std::size_t close = start + number.length;
    if (close < ahead.size() && ahead[close] == '%') ++close;
    if (close >= ahead.size() || ahead[close] != around) return result;
  }
  result.named = true;
  result.number = number;
  result.end = at + start + number.length;
  return result;
}

metric_reading fallback_reading(std::string_view head, std::string_view tail, metric_pick pick) {
  static const literal_finder passed("passed");
  metric_choice counts;
  for (std::string_view text : {head, tail}) {
    for (std::size_t at = passed.find(text); at != literal_finder::npos;
         at = passed.find(text, at + 1)) {
      std::size_t after = at + passed.literal().size();
      if (after < text.size() && is_token_char(text[after]) && text[after] != '.') continue;
      std::size_t end = at;
      while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
      if (end == at) continue;
      std::size_t begin = end;
      while (begin > 0 && (is_digit(text[begin - 1]) || text[begin - 1] == ',')) --begin;
      while (begin < end && text[begin] == ',') ++begin;
      if (begin == end || (begin > 0 && is_token_char(text[begin - 1]))) continue;
      if (end - begin > max_number_length) continue;
      counts.take(whole_number(text.substr(begin, end - begin)), pick);
    }
  }
  if (counts.any()) return counts.reading("fallback:passed");

  static const std::array<literal_finder, 6> words{
      literal_finder("score"),    literal_finder("result"), literal_finder("metric"),
      literal_finder("accuracy"), literal_finder("loss"),   literal_finder("bpb")};
  // All words together, in the order in which they were printed, so that the pick means the same.
  struct found {
    std::size_t text, at;
    const literal_finder* word;
    number_text number;
  };
  std::vector<found> all;
  std::size_t which = 0;
  for (std::string_view text : {head, tail}) {
    for (const auto& word : words)
      for (std::size_t at = word.find(text); at != literal_finder::npos;
           at = word.find(text, at + 1)) {
        named_number named = number_named_at(text, at, word.literal().size());
        if (named.number.kind != number_kind::none) all.push_back({which, at, &word, named.number});
      }
    ++which;
  }
  std::sort(all.begin(), all.end(), [](const found& a, const found& b) {
    return std::pair(a.text, a.at) < std::pair(b.text, b.at);
  });
  if (all.empty()) return {};
  metric_choice choice;
  for (const auto& f : all) choice.take(f.number, pick);
  metric_reading reading = choice.reading("");
  // The word whose number it is; for the same number twice the later or first one, as picked.
  const found* source = pick == metric_pick::first ? &all.front() : &all.back();
  if (pick == metric_pick::max || pick == metric_pick::min)
    for (const auto& f : all)
      if (reading.value && f.number.kind == number_kind::finite && f.number.value == *reading.value)
        source = &f;
  reading.source = "fallback:" + source->word->literal();
  return reading;
}

namespace {

class name_scan : public metric_scanner::scan {
 public:
  explicit name_scan(const compiled_metric& metric)
      : name_(metric.rule.name), finder_(metric.rule.name), pick_(metric.rule.pick) {}

  void consume(std::string_view chunk) override {
    if (chunk.empty() || choice_.settled(pick_)) return;
    if (!named_) keep_for_fallback(chunk);
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
        if (done > named_before + 16 * 1024) kept_.erase(0, done - named_before);
        return;
      }
      scan_bytes(chunk, chunk_begin_, false);
    }
    std::size_t wanted = next_ > named_before ? next_ - named_before : 0;
    kept_.assign(chunk.substr(wanted > chunk_begin_ ? wanted - chunk_begin_ : 0));
    chunk_begin_ += chunk.size();
  }

  metric_reading finish() override {
    scan_bytes(kept_, chunk_begin_ - kept_.size(), true);
    if (choice_.any()) return choice_.reading("name");
    if (named_) return {{}, "", shown(name_) + " is in the output, but no number follows it"};
    metric_reading fallback = read_fallback();
    if (!fallback.source.empty()) return fallback;
    return {{}, "", shown(name_) + " with a number after it is nowhere in the output"};
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
      named_number found = number_named_at(text, at, name_.size());
      named_ |= found.named;
      choice_.take(found.number, pick_);
      from = found.end;
    }
    std::size_t searched = text.size() >= name_.size() ? text.size() - name_.size() + 1 : 0;
    next_ = std::max({next_, begin + from, begin + searched});
  }

  void keep_for_fallback(std::string_view chunk) {
    std::size_t missing = kept_for_fallback - std::min(kept_for_fallback, head_.size());
    head_ += chunk.substr(0, missing);
    chunk.remove_prefix(std::min(missing, chunk.size()));
    if (chunk.size() > kept_for_fallback) chunk.remove_prefix(chunk.size() - kept_for_fallback);
    tail_ += chunk;
    if (tail_.size() > 4 * kept_for_fallback) tail_.erase(0, tail_.size() - kept_for_fallback);
  }

  metric_reading read_fallback() const {
    std::size_t beyond = chunk_begin_ - head_.size();
    std::string_view tail = tail_;
    if (beyond <= kept_for_fallback) {
      // Nothing is missing between the two: one text.
      std::string whole = head_ + std::string(tail.substr(tail.size() - beyond));
      return fallback_reading(whole, {}, pick_);
    }
    // A word cut in two at either edge would read as another number: leave it out.
    tail = tail.substr(tail.size() - kept_for_fallback);
    auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    std::string_view head = head_;
    while (!head.empty() && !blank(head.back())) head.remove_suffix(1);
    while (!tail.empty() && !blank(tail.front())) tail.remove_prefix(1);
    return fallback_reading(head, tail, pick_);
  }

  std::string name_;
  literal_finder finder_;
  metric_pick pick_;
  metric_choice choice_;
  bool named_ = false;
  std::string kept_;             ///< the end of what was consumed, still needed
  std::size_t chunk_begin_ = 0;  ///< bytes consumed so far
  std::size_t next_ = 0;         ///< the byte of the output to look at next
  std::string head_, tail_;
};

}  // namespace

std::unique_ptr<metric_scanner::scan> make_name_scan(const compiled_metric& metric) {
  return std::make_unique<name_scan>(metric);
}

}  // namespace ratchet
