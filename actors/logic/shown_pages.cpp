// SPDX-License-Identifier: MIT
#include "actors/logic/shown_pages.hpp"

#include <algorithm>

#include "actors/logic/history_line.hpp"
#include "actors/logic/plain_output.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// Where the last page begins: with a line, if one begins there at all.
std::size_t last_page(const std::string& whole) {
  if (whole.size() <= page_bytes) return 0;
  const std::size_t first = whole.size() - utf8_suffix(whole, page_bytes).size();
  const std::size_t line = whole.find('\n', first);
  return line == std::string::npos || line + 1 >= whole.size() ? first : line + 1;
}

/// A page's end: that of a line, if more than half of the page is left.
std::string_view page_at(std::string_view rest) {
  std::string_view page = utf8_prefix(rest, page_bytes);
  if (page.size() == rest.size()) return page;
  const std::size_t line = page.rfind('\n');
  return line != page.npos && line >= page_bytes / 2 ? page.substr(0, line + 1) : page;
}

session_shown answer_to(const show_session& asked) {
  session_shown shown;
  shown.session_id = asked.session_id;
  shown.what = asked.what;
  shown.iteration = asked.iteration;
  shown.file = asked.file;
  return shown;
}

std::string number(const std::optional<double>& value) {
  return value ? shortest(*value) : "unknown";
}

std::string in_unit(const std::optional<double>& value, const std::string& unit) {
  return number(value) + (value && !unit.empty() ? " " + unit : "");
}

}  // namespace

expected<session_shown> page_of(const show_session& asked, const std::string& whole,
                                bool from_end) {
  session_shown shown = answer_to(asked);
  shown.total = static_cast<long long>(whole.size());
  const auto from = asked.offset.value_or(from_end ? static_cast<long long>(last_page(whole)) : 0);
  if (from > shown.total)
    return fail(errc::invalid_argument,
                "offset " + std::to_string(from) + " is beyond the end: there are " +
                    std::to_string(shown.total) +
                    " bytes; begin with 0, and go on with the "
                    "next_offset of the page before",
                {{"field", "offset"}});
  // An offset within a character begins with the next one.
  auto at = static_cast<std::size_t>(from);
  while (at < whole.size() && (static_cast<unsigned char>(whole[at]) & 0xC0) == 0x80) ++at;
  shown.offset = static_cast<long long>(at);
  const auto page = page_at(std::string_view(whole).substr(at));
  shown.text = page;
  if (at + page.size() < whole.size()) shown.next_offset = static_cast<long long>(at + page.size());
  return shown;
}

session_shown history_page(const show_session& asked, const std::vector<iteration_record>& rows,
                           const std::string& metric_name, int all) {
  session_shown shown = answer_to(asked);
  shown.total = all;
  if (!rows.empty()) shown.offset = rows.front().iteration;
  for (const auto& row : rows) {
    std::string line = history_line(row, metric_name) + "\n";
    if (!shown.text.empty() && shown.text.size() + line.size() > page_bytes) {
      shown.next_offset = row.iteration;
      return shown;
    }
    shown.text += line;
  }
  if (!rows.empty() && rows.back().iteration + 1 < all)
    shown.next_offset = rows.back().iteration + 1;
  return shown;
}

namespace {

std::string shown_command(const command_line& c) {
  return one_line(valid_utf8(c.shell.empty() ? json(c.argv).dump() : c.shell), 1'000);
}

}  // namespace

std::string summary_text(const progress& p, const session_settings& s) {
  std::string out = "session " + p.session_id + ": " + std::string(name_of(p.status)) +
                    (p.state.empty() ? "" : ", " + p.state) +
                    (p.step == session_step::none ? "" : ", next " + std::string(name_of(p.step)));
  out +=
      "\nmetric " + one_line(s.metric_name, 128) + ", " + std::string(name_of(s.metric_direction)) +
      ": baseline " + in_unit(p.baseline_metric, p.metric_unit) + ", best " +
      in_unit(p.best_metric, p.metric_unit) + " at iteration " + std::to_string(p.best_iteration);
  out += "\niterations " + std::to_string(p.iteration) + " of " + std::to_string(p.max_iterations) +
         ", " + std::to_string(p.total_improvements) + " kept; spark " +
         std::to_string(p.spark_consumed) + " of " + std::to_string(p.spark_budget);
  out += "\ntargets " + one_line(listed(s.target_files, 50), 4'000);
  if (!s.protected_paths.empty())
    out += "\nprotected " + one_line(listed(s.protected_paths, 50), 4'000);
  for (const auto& [name, command] :
       {std::pair{"setup", &s.setup_command}, std::pair{"build", &s.build_command},
        std::pair{"check", &s.check_command}, std::pair{"run", &s.run_command}})
    if (!command->empty()) out += "\n" + std::string(name) + " command " + shown_command(*command);
  std::vector<std::string> guards;
  for (const auto& guard : s.guard_metrics) guards.push_back(guard.name);
  if (!guards.empty()) out += "\nguard metrics " + one_line(listed(guards, 50), 1'000);
  for (const auto& gate : s.gates)
    out += "\ngate " + one_line(gate.name, 128) + ": " + shown_command(gate.command);
  if (!p.noise.advice.empty()) out += "\nnoise " + one_line(p.noise.advice, 400);
  for (const auto& warning : p.warnings) out += "\nwarning " + one_line(warning, 400);
  if (!p.last_rejection_reason.empty())
    out += "\nlast rejection " + one_line(p.last_rejection_reason, 400);
  if (!p.branch.empty()) out += "\nbranch " + p.branch;
  for (const auto& lesson : p.lessons) out += "\nlesson " + one_line(lesson.text, 200);
  if (!p.instructions.empty()) out += "\ninstructions of the user:\n" + valid_utf8(p.instructions);
  return out + "\n";
}

std::string output_text(const run_result& r) {
  const std::string tail = plain_output(r.output_tail);
  const auto held = static_cast<long long>(r.output_head.size() + r.output_tail.size());
  if (static_cast<long long>(r.output_tail.size()) >= r.output_bytes) return tail;
  // Head and tail may share their middle.
  if (held >= r.output_bytes)
    return plain_output(r.output_head +
                        r.output_tail.substr(static_cast<std::size_t>(held - r.output_bytes)));
  return plain_output(r.output_head) + "\n[about " + std::to_string(r.output_bytes - held) +
         " bytes were printed here that are not kept]\n" + tail;
}

}  // namespace ratchet
