// SPDX-License-Identifier: MIT
#include "runtime/report/chart_labels.hpp"

#include <algorithm>

namespace ratchet::chart {

namespace {

constexpr double character_width = 5.9;  // of 11 units high text, about
constexpr double text_height = 13;
constexpr double aside = 7;   // of a label's end from its dot
constexpr double above = 11;  // of its middle
constexpr std::size_t most_characters = 34;

std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Characters outside ASCII may be twice as wide.
double width_of(const std::string& text) {
  const auto ascii = std::count_if(text.begin(), text.end(), [](char c) { return !(c & 0x80); });
  const auto wide = static_cast<double>(characters_of(text)) - static_cast<double>(ascii);
  return character_width * (static_cast<double>(ascii) + 1.8 * wide);
}

frame box_of(const label& l) {
  const double width = width_of(l.text), left = l.ends_here ? l.at.x - width : l.at.x;
  return {left, l.at.y - text_height / 2, left + width, l.at.y + text_height / 2};
}

bool contains(const frame& f, const frame& inner) {
  return inner.left > f.left && inner.right < f.right && inner.top > f.top &&
         inner.bottom < f.bottom;
}

bool overlap(const frame& a, const frame& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

bool covers(const frame& f, const point& p) {
  return p.x > f.left && p.x < f.right && p.y > f.top && p.y < f.bottom;
}

/// Before the dot and above it first: a line that rises has not been there.
std::vector<label> places_of(const wish& w) {
  std::vector<label> places;
  for (double y : {-above, above})
    for (bool ends_here : {true, false})
      places.push_back({{w.at.x + (ends_here ? -aside : aside), w.at.y + y},
                        shortened(w.text, most_characters),
                        ends_here});
  return places;
}

}  // namespace

std::string shortened(const std::string& text, std::size_t characters) {
  if (characters_of(text) <= characters) return text;
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end)
    if ((text[end] & 0xc0) != 0x80 && ++count > characters) break;
  auto out = text.substr(0, end);
  while (out.ends_with(' ')) out.pop_back();
  return out + "…";
}

std::vector<label> place_labels(std::vector<wish> wishes, const frame& inside,
                                const std::vector<point>& dots) {
  std::stable_sort(wishes.begin(), wishes.end(),
                   [](const wish& a, const wish& b) { return a.weight > b.weight; });
  std::vector<label> placed;
  const auto is_free = [&](const label& l) {
    const auto box = box_of(l);
    return contains(inside, box) &&
           std::none_of(dots.begin(), dots.end(), [&](auto& dot) { return covers(box, dot); }) &&
           std::none_of(placed.begin(), placed.end(),
                        [&](auto& other) { return overlap(box, box_of(other)); });
  };
  for (const auto& w : wishes) {
    const auto places = places_of(w);
    const auto place = std::find_if(places.begin(), places.end(), is_free);
    if (place != places.end() && !w.text.empty()) placed.push_back(*place);
  }
  return placed;
}

}  // namespace ratchet::chart
