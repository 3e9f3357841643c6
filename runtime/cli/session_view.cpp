// SPDX-License-Identifier: MIT
#include "runtime/cli/session_view.hpp"

#include <algorithm>
#include <cmath>

#include "actors/logic/telling_line.hpp"
#include "actors/logic/text.hpp"
#include "actors/logic/usage.hpp"
#include "runtime/cli/search_view.hpp"

namespace ratchet::cli {

namespace {

paint colour_of(session_status status) {
  switch (status) {
    case session_status::running:
      return paint::cyan;
    case session_status::completed:
      return paint::green;
    case session_status::failed:
      return paint::red;
    case session_status::budget_exhausted:
      return paint::yellow;
    case session_status::pending:
      return paint::dim;
  }
  return paint::plain;
}

paint colour_of_decision(std::string_view decision) {
  if (decision == "kept" || decision == "baseline") return paint::green;
  if (decision == "rejected_by_gate") return paint::yellow;
  if (decision.ends_with("_failed")) return paint::red;
  return paint::plain;
}

std::string labelled(std::string_view label, const std::string& text, const text_style& style) {
  return painted(style, paint::dim, cell(label, 14, style)) + text;
}

std::string safe_line(std::string_view text, std::size_t characters = 1000) {
  return one_line(harmless(text), characters);
}

/// Who has no peers shares nothing, and peers answer later: the federation's flags are no faults.
std::string switched_off(const progress& p) {
  std::string off;
  for (auto [name, on] : {std::pair{"baseline", p.baseline_enforced},
                          {"benchmark_gain", p.benchmark_gain_enforced},
                          {"constitutional", p.constitutional_enforced},
                          {"baseline_delta", p.baseline_delta_enforced}})
    if (!on && std::none_of(p.not_enforced.begin(), p.not_enforced.end(),
                            [name = name](const std::string& told) {
                              return told.starts_with(std::string(name) + ":");
                            }))
      off += (off.empty() ? "" : ", ") + std::string(name);
  return off;
}

std::string samples_text(const run_result& r) {
  std::string candidate, incumbent;
  for (const auto& s : r.samples)
    (s.incumbent ? incumbent : candidate) += " " + number_text(s.metric_value);
  return "candidate" + candidate + (incumbent.empty() ? "" : "; best so far" + incumbent);
}

/// Of one execution of the run command.
std::string used_text(const run_result& r) {
  std::string text;
  auto add = [&](const std::optional<double>& value, const std::string& shown) {
    if (value) text += (text.empty() ? "" : ", ") + shown;
  };
  add(r.wall_s, duration_text(r.wall_s.value_or(0)));
  add(r.cpu_s, "processor " + duration_text(r.cpu_s.value_or(0)));
  add(r.max_rss_mb,
      "memory " + number_text(std::round(r.max_rss_mb.value_or(0) * 10) / 10) + " MB");
  add(r.instructions, number_text(r.instructions) + " instructions");
  return text;
}

void add_result(std::vector<std::string>& lines, const run_result& r, const text_style& style) {
  lines.push_back(
      labelled("metric",
               number_text(r.metric_value) +
                   (r.metric_source.empty() ? "" : "  (by " + safe_line(r.metric_source) + ")") +
                   (r.best_metric ? ", best before " + number_text(r.best_metric) : ""),
               style));
  if (!r.samples.empty()) lines.push_back(labelled("samples", samples_text(r), style));
  if (r.spread) lines.push_back(labelled("spread", number_text(r.spread), style));
  if (r.gain)
    lines.push_back(labelled("gain", number_text(r.gain) + " by the pairs' median", style));
  if (!r.reason.empty()) lines.push_back(labelled("not better", safe_line(r.reason), style));
  for (const auto& warning : r.warnings)
    lines.push_back(labelled("warning", painted(style, paint::yellow, safe_line(warning)), style));
  if (r.p_value) lines.push_back(labelled("p value", number_text(r.p_value), style));
  for (const auto& [name, value] : r.guards)
    lines.push_back(labelled("guard", safe_line(name) + " = " + number_text(value), style));
  lines.push_back(labelled("took",
                           duration_text(r.duration_s) + (r.timed_out ? ", timed out" : "") +
                               (r.isolation.empty() ? "" : ", isolation " + safe_line(r.isolation)),
                           style));
  if (std::string used = used_text(r); !used.empty())
    lines.push_back(labelled("one run", used, style));
  if (!r.worker.empty())
    lines.push_back(
        labelled("worker", safe_line(r.worker) + " (" + safe_line(r.machine) + ")", style));
  if (r.incumbent_metric)
    lines.push_back(labelled("best there", number_text(r.incumbent_metric), style));
  if (r.leftovers_killed > 0)
    lines.push_back(labelled(
        "leftovers",
        std::to_string(r.leftovers_killed) + " process(es) outlived the command and were ended",
        style));
  if (r.error) {
    lines.push_back(painted(style, paint::red, "error"));
    const std::string error = harmless(*r.error, true);
    for (auto line : lines_of(error)) lines.push_back("  " + std::string(line));
  }
}

usage_totals totals_of(const edit_usage& u) {
  usage_totals totals;
  add_usage(totals, u);
  return totals;
}

}  // namespace

std::string usage_text(const usage_totals& u) {
  auto tokens = [](const std::optional<long long>& n) {
    return n ? std::to_string(*n) : "unknown";
  };
  std::string text = std::to_string(u.calls) + (u.calls == 1 ? " call, " : " calls, ") +
                     tokens(u.input_tokens) + " tokens in, " + tokens(u.output_tokens) + " out, " +
                     (u.cost_usd ? number_text(u.cost_usd) + " USD" : "cost unknown");
  if (!u.input_tokens || !u.output_tokens)
    text += "; budgets count " + std::to_string(u.counted_tokens) + " tokens";
  if (!u.cost_usd && u.counted_cost_usd > 0)
    text += "; budgets count " + number_text(u.counted_cost_usd) + " USD";
  return text;
}

std::vector<std::string> session_table(const std::vector<progress>& sessions, int width,
                                       const text_style& style) {
  if (sessions.empty()) return {"no sessions yet; `ratchet run --help` shows how to start one"};
  auto row = [&](std::string_view id, std::string_view status, paint colour, std::string_view state,
                 std::string_view iteration, std::string_view best, std::string_view change,
                 std::string_view repo) {
    return clipped(cell(id, 14, style) + painted(style, colour, cell(status, 17, style)) +
                       cell(state, 9, style) + cell(iteration, 11, style) + cell(best, 13, style) +
                       cell(change, 11, style) + std::string(repo),
                   width, style);
  };
  std::vector<std::string> lines{painted(
      style, paint::bold,
      row("session", "status", paint::plain, "", "iteration", "best", "change", "repository"))};
  for (const auto& p : sessions)
    lines.push_back(
        row(p.session_id, name_of(p.status), colour_of(p.status), p.state,
            std::to_string(p.iteration) + "/" + std::to_string(p.max_iterations),
            number_text(p.best_metric),
            p.total_improvements > 0 ? change_text(p.baseline_metric, p.best_metric) : "",
            safe_line(p.repo_path)));
  return lines;
}

std::vector<std::string> session_details(const progress& p, const text_style& style) {
  std::vector<std::string> lines;
  auto add = [&](std::string_view label, const std::string& text) {
    lines.push_back(labelled(label, text, style));
  };
  add("session", painted(style, paint::bold, p.session_id));
  add("status", painted(style, colour_of(p.status), name_of(p.status)) +
                    (p.state.empty() ? "" : ", " + p.state) +
                    (p.step == session_step::none ? "" : ", next " + std::string(name_of(p.step))));
  add("repository", safe_line(p.repo_path));
  add("metric", safe_line(p.metric_name) + ", " + std::string(name_of(p.metric_direction)));
  std::string change = change_text(p.baseline_metric, p.best_metric);
  add("best", number_text(p.best_metric) +
                  (p.total_improvements > 0 ? " at iteration " + std::to_string(p.best_iteration) +
                                                  (change.empty() ? "" : " (" + change + ")")
                                            : "") +
                  ", baseline " + number_text(p.baseline_metric));
  add("iterations", std::to_string(p.iteration) + " of " + std::to_string(p.max_iterations) + ", " +
                        std::to_string(p.total_improvements) + " kept, rejected " +
                        std::to_string(p.constitutional_rejections) + " constitutional, " +
                        std::to_string(p.baseline_rejections) + " baseline_delta");
  add("spark", std::to_string(p.spark_consumed) + "/" + std::to_string(p.spark_budget));
  if (p.usage.calls > 0 || p.max_tokens > 0 || p.max_cost_usd > 0)
    add("model", usage_text(p.usage) +
                     (p.max_tokens > 0 ? "; max_tokens " + std::to_string(p.max_tokens) : "") +
                     (p.max_cost_usd > 0 ? "; max_cost_usd " + number_text(p.max_cost_usd) : ""));
  add("elapsed", duration_text(p.elapsed_s));
  if (!p.last_output.empty()) add("last output", safe_line(p.last_output));
  if (std::string off = switched_off(p); !off.empty())
    add("not enforced", painted(style, paint::yellow, off));
  if (!p.metric_source.empty() && p.metric_source.starts_with("fallback"))
    add("found by", painted(style, paint::yellow, safe_line(p.metric_source)));
  if (p.comparison.is_object())
    if (auto summary = p.comparison.find("summary"); summary != p.comparison.end())
      add("gain", safe_line(summary->is_string() ? summary->get<std::string>() : ""));
  if (!p.pruned.empty()) add("pruned", safe_line(p.pruned));
  if (!p.instructions.empty()) add("instructions", safe_line(p.instructions, 200));
  for (const auto& s : p.steered)
    add("steered", "after iteration " + std::to_string(s.iteration) + ": " +
                       (s.text.empty() ? "no more instructions" : safe_line(s.text, 160)));
  if (p.paused) add("paused", painted(style, paint::yellow, "no further edit until it is resumed"));
  for (const auto& lesson : p.lessons) add("lesson", safe_line(lesson.text, 200));
  for (const auto& gate : p.not_enforced)
    add("not enforced", painted(style, paint::yellow, safe_line(gate)));
  for (const auto& warning : p.warnings)
    add("warning", painted(style, paint::yellow, safe_line(warning)));
  if (p.status == session_status::failed && p.last_result.is_object())
    if (auto answer = p.last_result.find("answer");
        answer != p.last_result.end() && answer->is_object() && answer->contains("error"))
      add("reason", safe_line(answer->value("error", "")));
  if (!p.last_rejection_reason.empty()) add("last rejection", safe_line(p.last_rejection_reason));
  if (!p.recovered.empty()) add("recovered", safe_line(p.recovered));
  if (!p.branch.empty())
    add("branch",
        safe_line(p.branch) +
            (p.total_improvements > 0 ? "  (" + merge_command(p.repo_path, p.branch) + ")" : ""));
  if (!p.report_path.empty()) add("report", safe_line(p.report_path));
  if (p.step != session_step::none && p.status == session_status::running)
    add("resume", "ratchet run --resume " + p.session_id);
  return lines;
}

std::vector<std::string> iteration_table(const std::vector<iteration_record>& rows, int width,
                                         const text_style& style) {
  std::vector<std::string> lines{painted(style, paint::bold,
                                         cell("#", 6, style) + cell("decision", 18, style) +
                                             cell("metric", 12, style) + cell("time", 10, style) +
                                             "hypothesis")};
  for (const auto& r : rows) {
    bool crashed = r.result && r.result->error;
    std::string about = safe_line(r.candidate.hypothesis, 200);
    if (r.decision != "kept" && r.decision != "baseline") {
      const std::string whole = harmless(r.reason, true);
      std::string reason = safe_line(crashed ? telling_line(whole) : first_line(whole), 200);
      about += about.empty() || reason.empty() ? reason : " (" + reason + ")";
    }
    lines.push_back(
        clipped(cell(std::to_string(r.iteration), 6, style) +
                    painted(style, colour_of_decision(r.decision),
                            cell(r.decision.empty() ? "undecided" : r.decision, 18, style)) +
                    cell(crashed    ? "crashed"
                         : r.result ? number_text(r.result->metric_value)
                                    : "",
                         12, style) +
                    cell(r.result ? duration_text(r.result->duration_s) : "", 10, style) + about,
                width, style));
  }
  return lines;
}

std::vector<std::string> iteration_details(const iteration_record& r, const text_style& style) {
  std::vector<std::string> lines;
  auto add = [&](std::string_view label, const std::string& text) {
    if (!text.empty()) lines.push_back(labelled(label, text, style));
  };
  add("session", r.session_id);
  add("iteration", painted(style, paint::bold, std::to_string(r.iteration)));
  add("decision", painted(style, colour_of_decision(r.decision),
                          r.decision.empty() ? "undecided" : r.decision));
  const std::string reason = harmless(r.reason, true);
  add("reason", safe_line(first_line(reason)));
  if (const auto tail = lines_of(reason); tail.size() > 1)  // the end of a gate's output
    for (std::size_t i = 1; i < tail.size(); ++i) lines.push_back("  " + std::string(tail[i]));
  add("hypothesis", safe_line(r.candidate.hypothesis));
  add("backend", safe_line(r.candidate.backend));
  if (const auto& u = r.candidate.usage)
    add("model", safe_line(u->model) + ": " + usage_text(totals_of(*u)));
  add("commit", r.commit);
  add("time", r.time);
  if (r.result) add_result(lines, *r.result, style);
  if (!r.candidate.diff.empty()) {
    lines.emplace_back();
    for (auto& line : diff_lines(r.candidate.diff, style)) lines.push_back(std::move(line));
  }
  if (r.result && !r.result->output_tail.empty()) {
    lines.emplace_back();
    lines.push_back(
        painted(style, paint::bold,
                "output (" + std::to_string(r.result->output_bytes) + " bytes; its end)"));
    const std::string output = harmless(r.result->output_tail, true);
    for (auto line : lines_of(output)) lines.push_back("  " + std::string(line));
  }
  return lines;
}

std::vector<std::string> diff_lines(std::string_view diff, const text_style& style) {
  std::vector<std::string> lines;
  const std::string text = harmless(diff, true);
  for (auto line : lines_of(text)) {
    paint p = paint::plain;
    if (line.starts_with("+++") || line.starts_with("---") || line.starts_with("diff "))
      p = paint::bold;
    else if (line.starts_with("@@"))
      p = paint::cyan;
    else if (line.starts_with('+'))
      p = paint::green;
    else if (line.starts_with('-'))
      p = paint::red;
    lines.push_back(painted(style, p, line));
  }
  return lines;
}

std::string event_text(const event& e, const text_style& style) {
  std::string_view topic = e.topic;
  paint p = topic.ends_with(".promoted") || topic.ends_with(".baseline") ? paint::green
            : topic.ends_with(".failed") || topic.ends_with(".rejected") ? paint::red
                                                                         : paint::plain;
  json rest = e.payload.is_object() ? e.payload : json::object();
  if (topic.ends_with(".completed")) {  // carries the whole progress; the table of it is `status`
    json short_form = json::object();
    for (const char* key : {"status", "iteration", "total_improvements", "baseline_metric",
                            "best_metric", "best_iteration", "elapsed_s"})
      if (rest.contains(key)) short_form[key] = rest[key];
    rest = std::move(short_form);
  }
  for (const char* told : {"session_id", "experiment_id", "goal_id"}) rest.erase(told);
  std::string words;
  for (auto it = rest.begin(); it != rest.end(); ++it) {
    if (it->is_null() || (it->is_string() && it->get_ref<const std::string&>().empty())) continue;
    std::string value = it->is_string() ? it->get<std::string>()
                                        : it->dump(-1, ' ', false, json::error_handler_t::replace);
    words += (words.empty() ? "" : " ") + it.key() + "=" + one_line(harmless(value), 120);
  }
  return painted(style, paint::dim, std::to_string(e.seq) + " " + e.time) + " " + e.session_id +
         " " + painted(style, p, harmless(topic)) + (words.empty() ? "" : "  " + words);
}

}  // namespace ratchet::cli
