// SPDX-License-Identifier: MIT
#include "actors/logic/gate_command.hpp"

#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/failed_tests.hpp"
#include "actors/logic/plain_output.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_reason = 300;

std::string telling_line(const std::string& text) {
  std::string_view last;
  for (auto line : lines_of(text)) {
    if (tells_of_failed_test(line)) return one_line(line, longest_reason);
    if (!one_line(line).empty()) last = line;
  }
  return one_line(last, longest_reason);
}

std::string how_it_ended(const external_gate& gate, const command_end& end) {
  if (end.timed_out) return "took longer than " + shortest(gate.timeout_s) + " s";
  if (end.exit_code)
    return *end.exit_code == 1 ? "" : "exit code " + std::to_string(*end.exit_code);
  if (!end.signal) return "could not be run";
  const auto name = signal_name(*end.signal);
  return "ended by signal " + std::to_string(*end.signal) +
         (name.empty() ? "" : " (" + std::string(name) + ")");
}

}  // namespace

gate_verdict command_verdict(const external_gate& gate, const command_end& end) {
  gate_verdict verdict{gate.name};
  if (end.exit_code == 0 && !end.timed_out) return verdict;
  verdict.allowed = false;
  const std::string text = plain_output(end.output);
  const std::string how = how_it_ended(gate, end);
  const std::string said = telling_line(text);
  verdict.reason = how.empty() ? said : said.empty() ? how : how + ": " + said;
  if (verdict.reason.empty()) verdict.reason = "refused without a reason";
  verdict.output_tail = plain_tail(text, max_gate_tail);
  return verdict;
}

std::string baseline_refusal(const judgement& j) {
  if (j.allowed()) return "";
  const auto& v = j.verdicts.back();
  std::string text = "gate \"" + v.gate + "\" does not pass on the unmodified code: " + v.reason +
                     "; mend that, or take the gate out, and set up again";
  // A single line is the reason already.
  if (v.output_tail.find('\n') == std::string::npos) return text;
  std::string tail =
      plain_tail(v.output_tail, max_excerpt_bytes - std::min<std::size_t>(text.size() + 1, 2000));
  const auto lines = lines_of(tail);
  const std::size_t from =
      lines.size() < max_excerpt_lines ? 0 : lines.size() - max_excerpt_lines + 1;
  for (std::size_t i = from; i < lines.size(); ++i) text += "\n" + std::string(lines[i]);
  return text;
}

std::vector<std::string> not_enforced(const judgement& j) {
  std::vector<std::string> all;
  for (const auto& v : j.verdicts)
    if (v.allowed && !v.enforced) all.push_back(v.gate + ": " + one_line(v.reason, longest_reason));
  return all;
}

}  // namespace ratchet
