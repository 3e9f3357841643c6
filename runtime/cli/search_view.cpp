// SPDX-License-Identifier: MIT
#include "runtime/cli/search_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "actors/logic/telling_line.hpp"
#include "actors/logic/text.hpp"

namespace ratchet::cli {

namespace {

std::string repeated(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

std::string dash(const text_style& style) { return style.unicode ? "–" : "-"; }

std::string value_text(std::optional<double> value, const text_style& style) {
  return value ? number_text(value) : dash(style);
}

std::string rate_text(const search_state& s, double elapsed_s) {
  if (s.finished == 0 || elapsed_s <= 0) return "";
  std::array<char, 40> text{};
  double per_minute = s.finished / elapsed_s * 60;
  if (per_minute >= 0.1)
    std::snprintf(text.data(), text.size(), "%.3g it/min", per_minute);
  else
    std::snprintf(text.data(), text.size(), "%.3g it/h", per_minute * 60);
  return text.data();
}

std::string bar(double share, int width, const text_style& style) {
  int full = static_cast<int>(std::lround(share * width));
  return painted(style, paint::green, repeated(style.unicode ? "━" : "#", full)) +
         painted(style, paint::dim, repeated(style.unicode ? "─" : "-", width - full));
}

const char* words_of(search_phase phase) {
  switch (phase) {
    case search_phase::baseline:
      return "measuring the baseline";
    case search_phase::edit:
      return "editing";
    case search_phase::run:
      return "running";
    case search_phase::decide:
      return "deciding";
    case search_phase::prune:
      return "taking back what brings nothing";
    case search_phase::compare:
      return "measuring baseline against best once more";
    case search_phase::finalize:
      return "writing the report";
    case search_phase::over:
      return "done";
  }
  return "";
}

bool belongs_to_an_iteration(search_phase phase) {
  return phase == search_phase::edit || phase == search_phase::run || phase == search_phase::decide;
}

int iteration_at_work(const search_state& s) {
  return s.phase == search_phase::edit ? s.iteration + 1 : s.iteration;
}

std::string step_text(const search_state& s, const search_times& t, const text_style& style) {
  std::string text = words_of(s.phase);
  if (belongs_to_an_iteration(s.phase))
    text = "iteration " + std::to_string(iteration_at_work(s)) + ": " + text;
  if (t.stopping && s.phase != search_phase::over && s.phase != search_phase::finalize)
    text = "stopping (Ctrl-C again ends at once)";
  std::string line = painted(style, t.stopping ? paint::yellow : paint::bold, text);
  if (s.phase != search_phase::over) line += "  " + duration_text(t.step_s);
  return line;
}

struct verdict_words {
  std::string word;
  paint colour;
};

verdict_words verdict_of(const iteration_line& line) {
  if (line.decision == "kept") return {"kept", paint::green};
  if (line.decision == "rejected_by_gate") return {"rejected_by_gate", paint::yellow};
  if (line.decision.ends_with("_failed")) return {line.decision, paint::red};
  return {line.decision.empty() ? "undecided" : line.decision,
          line.crashed ? paint::red : paint::dim};
}

// What to say about it in a few words: the idea, or why there is no result.
std::string about(const iteration_line& line) {
  std::string idea = one_line(harmless(line.hypothesis), 200);
  const std::string whole = harmless(line.reason, true);
  std::string reason = one_line(line.crashed ? telling_line(whole) : whole, 200);
  if (line.decision == "kept" || reason.empty()) return idea.empty() ? reason : idea;
  return idea.empty() ? reason : idea + " (" + reason + ")";
}

std::string recent_text(const iteration_line& line, const text_style& style) {
  auto [word, colour] = verdict_of(line);
  std::string metric = line.crashed ? "crashed" : value_text(line.metric, style);
  if (line.decision == "edit_failed") metric = "";
  return "  " + cell("#" + std::to_string(line.iteration), 6, style) +
         painted(style, colour, cell(word, 17, style)) + cell(metric, 13, style) + about(line);
}

std::string result_text(const search_state& s, const text_style& style) {
  std::string change = change_text(s.baseline, s.best);
  bool better = s.best && s.baseline && *s.best != *s.baseline;
  std::string line = "best " + painted(style, paint::bold, value_text(s.best, style));
  if (better)
    line += " " + painted(style, paint::green, change) + " (iteration " +
            std::to_string(s.best_iteration) + ")";
  return line + "   baseline " + value_text(s.baseline, style);
}

std::string counts_text(const search_state& s, const text_style& style) {
  std::string line = painted(style, paint::green, std::to_string(s.kept) + " kept") + "  " +
                     std::to_string(s.reverted) + " reverted  ";
  if (s.rejected > 0)
    line += painted(style, paint::yellow, std::to_string(s.rejected) + " rejected") + "  ";
  line +=
      s.failed > 0 ? painted(style, paint::red, std::to_string(s.failed) + " failed") : "0 failed";
  if (s.spark_budget > 0)
    line += "   spark " + std::to_string(s.spark_consumed) + "/" + std::to_string(s.spark_budget);
  return line;
}

}  // namespace

std::optional<double> time_left_s(const search_state& s, double elapsed_s) {
  if (s.finished == 0 || s.max_iterations == 0) return std::nullopt;
  double left = s.max_iterations - s.iteration;
  if (s.spark_budget > 0 && s.spark_per_iteration > 0) {
    // Only what is run costs spark; failed edits make it last longer, which no one can foresee.
    const auto runs = (s.spark_budget - s.spark_consumed) / s.spark_per_iteration;
    left = std::min(left, static_cast<double>(runs));
  }
  return std::max(0.0, left) * elapsed_s / s.finished;
}

std::vector<std::string> progress_block(const search_state& s, const search_times& t, int width,
                                        const text_style& style) {
  std::vector<std::string> lines;
  std::string arrow = s.direction == metric_direction::higher_is_better
                          ? (style.unicode ? " ↑" : " (higher is better)")
                          : (style.unicode ? " ↓" : " (lower is better)");
  lines.push_back(painted(style, paint::bold, "ratchet ") +
                  (s.session_id.empty() ? "" : s.session_id + "  ") +
                  painted(style, paint::cyan, harmless(s.metric_name) + arrow) + "  " +
                  painted(style, paint::dim, harmless(s.repo_path)));
  if (s.max_iterations > 0) {
    int done = std::min(s.iteration, s.max_iterations);
    double share = static_cast<double>(done) / s.max_iterations;
    std::string count = std::to_string(done) + "/" + std::to_string(s.max_iterations);
    std::string pace = rate_text(s, t.elapsed_s);
    if (auto left = time_left_s(s, t.elapsed_s); left && s.phase != search_phase::over)
      pace += "  " + duration_text(*left) + " left at most";
    int room = std::clamp(width - display_width(count) - display_width(pace) - 4, 4, 40);
    lines.push_back(bar(share, room, style) + " " + count + "  " +
                    painted(style, paint::dim, pace));
    lines.push_back(result_text(s, style));
    lines.push_back(counts_text(s, style));
  }
  lines.push_back(step_text(s, t, style) +
                  painted(style, paint::dim, "   total " + duration_text(t.elapsed_s)));
  for (const auto& line : s.recent) lines.push_back(recent_text(line, style));
  if (!s.note.empty())
    lines.push_back(painted(style, paint::yellow, "note: " + one_line(harmless(s.note), 300)));
  for (auto& line : lines) line = clipped(line, width, style);
  return lines;
}

std::string iteration_text(const iteration_line& line, const search_state& s,
                           const text_style& style) {
  auto [word, colour] = verdict_of(line);
  std::string text = "iteration " + std::to_string(line.iteration) + "/" +
                     std::to_string(s.max_iterations) + "  " + painted(style, colour, word);
  if (line.crashed)
    text += "  crashed";
  else if (line.metric)
    text += "  " + harmless(s.metric_name) + "=" + number_text(line.metric);
  if (line.best) text += "  best=" + number_text(line.best);
  std::string idea = about(line);
  return idea.empty() ? text : text + "  " + idea;
}

std::filesystem::path results_tsv_of(const std::filesystem::path& report) {
  return std::filesystem::path(report).replace_extension() / "results.tsv";
}

std::filesystem::path progress_svg_of(const std::filesystem::path& report) {
  return std::filesystem::path(report).replace_extension() / "progress.svg";
}

std::string shell_word(const std::string& text) {
  bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("_-./:=@%+,").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return text;
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string merge_command(const std::string& repo_path, const std::string& branch) {
  return "git -C " + shell_word(repo_path) + " merge " + shell_word(branch);
}

}  // namespace ratchet::cli
