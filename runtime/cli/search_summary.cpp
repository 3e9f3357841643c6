// SPDX-License-Identifier: MIT
//
// The end of a search, for people and for programs.
#include "actors/logic/final_comparison.hpp"
#include "actors/logic/text.hpp"
#include "messages/json_fields.hpp"
#include "runtime/cli/search_view.hpp"
#include "runtime/cli/session_view.hpp"
#include "runtime/cli/tool_answers.hpp"

namespace ratchet::cli {

namespace {

/// By this search, else by finalize.
std::optional<comparison> comparison_of(const search_result& r) {
  if (r.compared) return r.compared;
  const auto stored = r.final_answer.find("comparison");
  if (stored == r.final_answer.end() || !stored->is_object()) return std::nullopt;
  try {
    auto c = stored->get<comparison>();
    if (c.error.empty()) return c;
  } catch (const std::exception&) {  // of another version
  }
  return std::nullopt;
}

// The gain that may be told to others: measured again, side by side, with its interval.
std::vector<std::string> gain_lines(const search_state& s, const search_result& r,
                                    const text_style& style) {
  if (s.kept == 0) return {};
  const auto c = comparison_of(r);
  if (!c || !c->gain_percent)
    return {"gain      not measured again" +
            (r.not_compared.empty() ? "" : ": " + one_line(harmless(r.not_compared), 200))};
  std::string line = "gain      " + painted(style, paint::bold, percent_text(*c->gain_percent));
  if (c->pairs > 1 && c->gain_low_percent && c->gain_high_percent)
    line += std::string("  (") + (c->pairs >= 5 ? "95 % interval " : "the pairs: ") +
            percent_text(*c->gain_low_percent) + (style.unicode ? " … " : " to ") +
            percent_text(*c->gain_high_percent) + ")";
  line += ", measured again in " + std::to_string(c->pairs) +
          (c->pairs == 1 ? " pair of runs: " : " interleaved pairs: ") +
          number_text(c->baseline_median) + (style.unicode ? " → " : " -> ") +
          number_text(c->best_median);
  return {line};
}

/// What stands before the merge command when the gain has not been shown; empty when it has.
std::string doubt_of_merge(const search_result& r) {
  const auto c = comparison_of(r);
  if (!c || !c->gain_percent)
    return "the gain was not measured again, only in the search: look before you merge";
  if (is_sure(*c)) return "";
  return "the interval does not exclude chance: look again before you merge, or search with more "
         "--repeats";
}

usage_totals usage_of(const json& answer) {
  auto it = answer.find("usage");
  return it != answer.end() && it->is_object() ? it->get<usage_totals>() : usage_totals{};
}

/// The command for what belongs to this search.
std::string command_of(const search_state& s) {
  return s.invitation.empty() ? "ratchet" : "ratchet --join " + shell_word(s.invitation);
}

/// Paths are those of the machine where it was searched.
std::string whose(const search_state& s) { return s.invitation.empty() ? "" : "  (at the node)"; }

}  // namespace

std::string resume_command(const search_state& s) {
  return command_of(s) + " run --resume " + s.session_id;
}

std::vector<std::string> summary_lines(const search_state& s, const search_result& r,
                                       double elapsed_s, const text_style& style) {
  std::vector<std::string> lines;
  if (r.left) {
    lines.push_back(painted(style, paint::bold, "session " + s.session_id) +
                    " is left at iteration " + std::to_string(s.iteration) + " of " +
                    std::to_string(s.max_iterations) + " after " + duration_text(elapsed_s) + ": " +
                    harmless(r.ended_by));
    lines.push_back("best      " + harmless(s.metric_name) + " " + number_text(s.best) +
                    ", baseline " + number_text(s.baseline) + "; " + std::to_string(s.kept) +
                    " kept" + (s.kept > 0 && !s.branch.empty() ? " on " + s.branch : ""));
    lines.push_back("resume    " + resume_command(s));
    lines.push_back("end       " + command_of(s) +
                    " call autoresearch_finalize '{\"session_id\": \"" + s.session_id + "\"}'");
    return lines;
  }
  if (!r.finished) {
    lines.push_back(painted(style, paint::red, "error: ") + harmless(r.ended_by, true));
    if (s.opened)
      lines.push_back("resume    " + resume_command(s));
    else if (text_of(r.final_answer, "code") == "baseline_failed" && !s.session_id.empty())
      lines.push_back("look      ratchet show " + s.session_id + " 0" + whose(s));
    return lines;
  }
  const json& f = r.final_answer;
  lines.push_back(painted(style, paint::bold, "session " + s.session_id) + " ended after " +
                  duration_text(elapsed_s) + ": " + one_line(harmless(r.ended_by), 300));
  if (std::string reverted = text_of(f, "reverted"); !reverted.empty())
    lines.push_back("reverted  " + one_line(harmless(reverted), 200));
  std::string change = change_text(s.baseline, s.best);
  lines.push_back("best      " + harmless(s.metric_name) + " " +
                  painted(style, paint::bold, number_text(s.best)) +
                  (s.kept > 0 ? " at iteration " + std::to_string(s.best_iteration) : "") +
                  ", baseline " + number_text(s.baseline) +
                  (s.kept > 0 && !change.empty() && !comparison_of(r)
                       ? " (" + change + " as measured in the search)"
                       : ""));
  for (auto& line : gain_lines(s, r, style)) lines.push_back(std::move(line));
  lines.push_back("decisions " + std::to_string(s.kept) + " kept, " + std::to_string(s.reverted) +
                  " reverted, " + std::to_string(s.rejected) + " rejected, " +
                  std::to_string(s.failed) + " failed; spark " + std::to_string(s.spark_consumed) +
                  "/" + std::to_string(s.spark_budget));
  if (auto usage = usage_of(f); usage.calls > 0) lines.push_back("model     " + usage_text(usage));
  for (const auto& gate : texts_of(f, "not_enforced"))
    lines.push_back(painted(style, paint::yellow, "NOT asked ") + one_line(harmless(gate), 300));
  if (std::string pruned = text_of(f, "pruned"); !pruned.empty())
    lines.push_back("pruned    " + one_line(harmless(pruned), 400));
  else if (r.pruned && !r.pruned->why_not.empty() && r.pruned->parts > 1)
    lines.push_back("pruned    nothing: " + one_line(harmless(r.pruned->why_not), 200));
  for (const auto& warning : s.warnings)
    lines.push_back(painted(style, paint::yellow, "warning   " + one_line(harmless(warning), 400)));
  std::string branch = text_of(f, "branch");
  if (s.kept > 0 && !branch.empty()) {
    if (auto doubt = doubt_of_merge(r); !doubt.empty())
      lines.push_back(painted(style, paint::yellow, "doubt     " + doubt));
    lines.push_back("merge     " +
                    painted(style, paint::green, merge_command(s.repo_path, branch)) + whose(s));
    const bool pruned = r.pruned && !r.pruned->commit.empty();
    lines.push_back(
        "look      " +
        (pruned ? "git -C " + shell_word(s.repo_path) + " diff HEAD..." + shell_word(branch)
                : "ratchet show " + s.session_id + " " + std::to_string(s.best_iteration)) +
        whose(s));
  } else if (s.kept == 0) {
    lines.push_back("merge     nothing: no candidate was kept");
  }
  if (std::string report = text_of(f, "report_path"); !report.empty()) {
    lines.push_back("report    " + report + whose(s));
    lines.push_back("          " + results_tsv_of(report).string());
    lines.push_back("          " + progress_svg_of(report).string());
  }
  return lines;
}

json summary_json(const search_state& s, const search_result& r, double elapsed_s) {
  json summary{{"session_id", s.session_id},
               {"finished", r.finished},
               {"ended_by", r.ended_by},
               {"elapsed_s", elapsed_s},
               {"iterations",
                {{"kept", s.kept},
                 {"reverted", s.reverted},
                 {"rejected_by_gate", s.rejected},
                 {"failed", s.failed}}}};
  if (!s.invitation.empty()) summary["invitation"] = s.invitation;
  if (r.compared) summary["comparison"] = *r.compared;
  if (!r.not_compared.empty()) summary["not_compared"] = r.not_compared;
  if (r.pruned) summary["pruned"] = *r.pruned;
  if (!s.warnings.empty()) summary["warnings"] = s.warnings;
  if (r.failed) summary["failed"] = true;
  if (r.left) summary["left"] = true;
  summary["final"] = r.final_answer;
  if (std::string branch = text_of(r.final_answer, "branch"); s.kept > 0 && !branch.empty())
    summary["merge"] = {"git", "-C", s.repo_path, "merge", branch};
  if (std::string report = text_of(r.final_answer, "report_path"); !report.empty()) {
    summary["results_path"] = results_tsv_of(report).string();
    summary["progress_path"] = progress_svg_of(report).string();
  }
  return {{"summary", std::move(summary)}};
}

}  // namespace ratchet::cli
