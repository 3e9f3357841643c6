// SPDX-License-Identifier: MIT
//
// What is read when the metric's name is nowhere in the output.
#include <algorithm>
#include <array>

#include "actors/logic/literal_finder.hpp"
#include "actors/logic/metric_scan.hpp"

namespace ratchet {

metric_reading passed_reading(std::string_view head, std::string_view tail, metric_pick pick) {
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
      auto count = text.substr(begin, end - begin);
      counts.take(whole_value(count), count, pick);
    }
  }
  return counts.any() ? counts.reading("fallback:passed") : metric_reading{};
}

metric_reading fallback_reading(std::string_view head, std::string_view tail,
                                const compiled_metric& metric) {
  const metric_pick pick = metric.rule.pick;
  if (auto passed = passed_reading(head, tail, pick); !passed.source.empty()) return passed;
  static const std::array<literal_finder, 6> words{
      literal_finder("score"),    literal_finder("result"), literal_finder("metric"),
      literal_finder("accuracy"), literal_finder("loss"),   literal_finder("bpb")};
  // All words together, in the order in which they were printed, so that the pick means the same.
  struct found {
    std::size_t text, at;
    const literal_finder* word;
    named_value named;
  };
  std::vector<found> all;
  std::size_t which = 0;
  for (std::string_view text : {head, tail}) {
    for (const auto& word : words)
      for (std::size_t at = word.find(text); at != literal_finder::npos;
           at = word.find(text, at + 1)) {
        auto named = value_named_at(text, at, word.literal().size(), metric.comma);
        if (named.value.kind != number_kind::none)
          all.push_back({which, at, &word, std::move(named)});
      }
    ++which;
  }
  std::sort(all.begin(), all.end(), [](const found& a, const found& b) {
    return std::pair(a.text, a.at) < std::pair(b.text, b.at);
  });
  if (all.empty()) return {};
  metric_choice choice;
  for (const auto& f : all) choice.take(f.named.value, f.named.printed, pick);
  metric_reading reading = choice.reading("");
  // The word whose number it is; for the same number twice the later or first one, as picked.
  const found* source = pick == metric_pick::first ? &all.front() : &all.back();
  if (pick == metric_pick::max || pick == metric_pick::min)
    for (const auto& f : all)
      if (reading.value && f.named.value.kind == number_kind::finite &&
          f.named.value.value == *reading.value)
        source = &f;
  reading.source = "fallback:" + source->word->literal();
  return reading;
}

}  // namespace ratchet
