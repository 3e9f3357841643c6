// SPDX-License-Identifier: MIT
#include "actors/logic/session_wishes.hpp"

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t most_told = 20;
constexpr std::size_t told_bytes = 2'000;

}  // namespace

void take_instructions(session_document& d, const std::string& text, const std::string& time) {
  auto& s = d.state;
  if (text == s.instructions) return;
  s.instructions = text;
  s.steered.push_back({s.iteration, std::string(utf8_prefix(text, told_bytes)), time});
  if (s.steered.size() > most_told) s.steered.erase(s.steered.begin());
}

void take_wishes(session_document& d, const std::vector<session_wish>& wishes) {
  for (const auto& wish : wishes) {
    if (wish.what.instructions) take_instructions(d, *wish.what.instructions, wish.time);
    if (wish.what.pause) d.state.paused = *wish.what.pause;
  }
}

}  // namespace ratchet
