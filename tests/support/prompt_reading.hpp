// SPDX-License-Identifier: MIT
//
// What stands in a prompt, for a reader that is a program: its sections, found by the words with
// which prompts begin them, and what it makes of each. What is not there is not read.
#pragma once

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/logic/text.hpp"

namespace ratchet::testing {

/// The beginnings of the lines that begin a section, without what varies.
inline constexpr std::array section_heads{"INSTRUCTIONS of the user",
                                          "IDEA of the user",
                                          "RESULTS SO FAR",
                                          "THE LAST EDIT WAS NO USE",
                                          "CHANGES",
                                          "WHAT THE BEST CODE PRINTED LAST",
                                          "HOW ITERATION",
                                          "LESSONS of earlier replies",
                                          "ANOTHER ANGLE",
                                          "COMBINE",
                                          "TASK",
                                          "TARGET CONTENTS",
                                          "ANSWER"};

struct prompt_section {
  std::string head;  ///< one of section_heads; empty: what is before the first
  std::string text;  ///< with the line of the head
};

/// Together their texts are the prompt.
inline std::vector<prompt_section> sections_of(std::string_view prompt) {
  std::vector<prompt_section> found{{"", ""}};
  for (std::size_t at = 0; at < prompt.size();) {
    const auto end = std::min(prompt.find('\n', at), prompt.size() - 1) + 1;
    const auto line = prompt.substr(at, end - at);
    for (const char* head : section_heads)
      if (line.starts_with(head)) found.push_back({head, ""});
    found.back().text += line;
    at = end;
  }
  return found;
}

struct told_result {
  std::string words;  ///< the hypothesis
  std::optional<double> value;
  bool kept = false;
  bool crashed = false;
};

struct shown_change {
  std::string words;
  bool lost = false;
};

struct told_prompt {
  double baseline = 0;
  std::string target;  ///< what is to be edited
  std::vector<told_result> results;
  std::vector<shown_change> changes;
  std::string printed, failure, instructions, idea, unapplied;
  std::string lessons;
  bool combine = false;
  bool angle = false;
};

/// What is between two texts, from `from` on; empty when they are not there.
inline std::string between(const std::string& text, std::string_view before,
                           std::string_view after) {
  const auto begin = text.find(before);
  if (begin == std::string::npos) return "";
  const auto at = begin + before.size();
  const auto end = text.find(after, at);
  return end == std::string::npos ? "" : text.substr(at, end - at);
}

/// "N: WORDS | score V, kept", with or without what follows.
inline told_result result_in(const std::string& line) {
  told_result r;
  r.words = between(line, ": ", " | ");
  const auto ended = line.substr(std::min(line.size(), line.find(" | ")));
  r.crashed = ended.starts_with(" | CRASHED");
  r.kept = ended.find(", kept") != std::string::npos;
  if (const auto value = between(ended, "score ", ","); !value.empty())
    r.value = std::strtod(value.c_str(), nullptr);
  return r;
}

inline void read_section(const prompt_section& s, told_prompt& p) {
  const auto lines = lines_of(s.text);
  auto all_that_begin = [&](std::string_view mark, auto use) {
    for (const auto line : lines)
      if (line.starts_with(mark)) use(std::string(line.substr(mark.size())));
  };
  if (s.head.empty())
    all_that_begin("BASELINE: ", [&](const std::string& v) { p.baseline = std::atof(v.c_str()); });
  if (s.head == "RESULTS SO FAR")
    all_that_begin("- ", [&](const std::string& l) { p.results.push_back(result_in(l)); });
  if (s.head == "CHANGES")
    all_that_begin("Iteration ", [&](const std::string& l) {
      p.changes.push_back({result_in(l).words, l.find(", reverted") != std::string::npos});
    });
  if (s.head == "IDEA of the user") p.idea = between(s.text, "now: ", "\n");
  if (s.head == "INSTRUCTIONS of the user") p.instructions = s.text;
  if (s.head == "THE LAST EDIT WAS NO USE") p.unapplied = s.text;
  if (s.head == "WHAT THE BEST CODE PRINTED LAST") p.printed = s.text;
  if (s.head == "HOW ITERATION") p.failure = s.text;
  if (s.head == "LESSONS of earlier replies") p.lessons = s.text;
  if (s.head == "TARGET CONTENTS") p.target = s.text;
  p.combine = p.combine || s.head == "COMBINE";
  p.angle = p.angle || s.head == "ANOTHER ANGLE";
}

inline told_prompt read_prompt(std::string_view prompt) {
  told_prompt p;
  for (const auto& section : sections_of(prompt)) read_section(section, p);
  return p;
}

}  // namespace ratchet::testing
