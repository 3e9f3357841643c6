// SPDX-License-Identifier: MIT
#include "runtime/cli/search.hpp"

#include <algorithm>
#include <utility>

#include "actors/logic/text.hpp"
#include "runtime/cli/tool_answers.hpp"
#include "runtime/tools/tool_settings.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

constexpr std::size_t recent_lines = 5;

}  // namespace

search::search(laboratory lab, search_options options,
               std::function<void(const search_state&, const iteration_line*)> changed)
    : lab_(std::move(lab)), options_(std::move(options)), changed_(std::move(changed)) {}

search_result search::run(const std::atomic<bool>& stop) {
  stop_ = &stop;
  state_.invitation = options_.invitation;
  bool opened = options_.resume_id.empty() ? open() : resume();
  if (opened) {
    loop();
    if (!give_up_ && !leaves()) prune();
    if (!give_up_ && !leaves()) compare();
    if (!give_up_ && !leaves()) finalize();
    result_.left = !give_up_ && !result_.finished && leaves();
  }
  state_.phase = search_phase::over;
  tell();
  return result_;
}

bool search::leaves() const { return paused_ || (*stop_ && !options_.finish); }

bool search::open() {
  state_.repo_path = text_of(options_.setup, "repo_path");
  state_.spark_budget = spark_budget_of(options_.setup);
  state_.spark_per_iteration =
      integer_of(options_.setup, "spark_per_iteration", session_settings{}.spark_per_iteration);
  state_.metric_name = text_of(options_.setup, "metric_name");
  if (state_.metric_name.empty()) state_.metric_name = "score";
  json answer = set_up();
  state_.session_id = text_of(answer, "session_id");
  if (answer.contains("error")) {
    result_.final_answer = answer;
    result_.ended_by = text_of(answer, "error");
    return false;
  }
  state_.metric_name = text_of(answer, "metric_name");
  if (auto direction = parse_enum<metric_direction>(text_of(answer, "metric_direction")))
    state_.direction = *direction;
  state_.baseline = state_.best = number_of(answer, "baseline_metric");
  state_.max_iterations = integer_of(answer, "max_iterations", 0);
  state_.branch = text_of(answer, "branch");
  if (auto it = answer.find("uncommitted"); it != answer.end() && !it->empty()) {
    const auto paths = it->get<std::vector<std::string>>();
    state_.note = std::to_string(paths.size()) + " uncommitted file(s) of yours are left out (" +
                  listed(paths, 3) + "): the search starts at HEAD";
  }
  if (const auto from = text_of(answer, "instructions_from"); !from.empty())
    state_.note += (state_.note.empty() ? "" : "; ") +
                   ("the instructions for whoever writes edits are the repository's " + from);
  state_.opened = true;
  take_warnings(answer);
  say_what_is_paid_for();
  tell();
  return true;
}

void search::take_warnings(const json& answer) {
  auto given = answer.find("warnings");
  if (given == answer.end() || !given->is_array()) return;
  for (const auto& warning : *given)
    if (warning.is_string() && std::find(state_.warnings.begin(), state_.warnings.end(),
                                         warning.get<std::string>()) == state_.warnings.end())
      state_.warnings.push_back(warning.get<std::string>());
}

/// Of candidates: each kind, which is what stands before the first colon or comma, is told once.
void search::take_kinds_of_warnings(const json& answer) {
  for (const auto& text : texts_of(answer, "warnings")) {
    const auto kind = text.substr(0, text.find_first_of(":,"));
    if (std::none_of(state_.warnings.begin(), state_.warnings.end(),
                     [&](const auto& told) { return told.starts_with(kind); }))
      state_.warnings.push_back(text);
  }
}

void search::say_what_is_paid_for() {
  if (state_.spark_per_iteration <= 0) return;
  const int left = (state_.spark_budget - state_.spark_consumed) / state_.spark_per_iteration;
  const int wanted = state_.max_iterations - state_.iteration;
  if (left >= wanted) return;
  state_.remarks.push_back("spark_budget " + std::to_string(state_.spark_budget) + " pays for " +
                           std::to_string(left) + " runs at " +
                           std::to_string(state_.spark_per_iteration) + " each, of " +
                           std::to_string(wanted) + " iterations; raise it with --spark-budget");
}

bool search::resume() {
  state_.session_id = options_.resume_id;
  state_.spark_per_iteration =
      integer_of(options_.setup, "spark_per_iteration", session_settings{}.spark_per_iteration);
  json answer = lab_.call(tool_names::status, {{"session_id", options_.resume_id}});
  if (!answer.contains("error") && text_of(answer, "step") == "none")
    answer = {{"error", "session " + options_.resume_id + " is " + text_of(answer, "status") +
                            ": there is nothing to resume"},
              {"code", "session_ended"},
              {"session_id", options_.resume_id}};
  if (answer.contains("error")) {
    result_.final_answer = answer;
    result_.ended_by = text_of(answer, "error");
    return false;
  }
  if (flag_of(answer, "paused"))
    lab_.call(tool_names::steer, {{"session_id", options_.resume_id}, {"pause", false}});
  take_status(answer);
  state_.opened = true;
  take_warnings(answer);
  tell();
  return true;
}

void search::take_status(const json& progress) {
  state_.iteration = integer_of(progress, "iteration", 0);
  state_.max_iterations = integer_of(progress, "max_iterations", 0);
  state_.baseline = number_of(progress, "baseline_metric");
  state_.best = number_of(progress, "best_metric");
  state_.best_iteration = integer_of(progress, "best_iteration", 0);
  state_.kept = integer_of(progress, "total_improvements", 0);
  state_.spark_consumed = integer_of(progress, "spark_consumed", 0);
  state_.spark_budget = integer_of(progress, "spark_budget", 0);
  state_.metric_name = text_of(progress, "metric_name");
  state_.repo_path = text_of(progress, "repo_path");
  state_.branch = text_of(progress, "branch");
  state_.note = text_of(progress, "recovered");
  if (auto direction = parse_enum<metric_direction>(text_of(progress, "metric_direction")))
    state_.direction = *direction;
  next_ = phase_of(text_of(progress, "step")).value_or(search_phase::edit);
}

void search::loop() {
  while (!over_) {
    if (*stop_) return end("it was interrupted");
    switch (next_) {
      case search_phase::edit:
        edit();
        break;
      case search_phase::run:
        measure();
        break;
      case search_phase::decide:
        decide();
        break;
      default:
        return end("the session is at its end");
    }
  }
}

void search::edit() {
  current_ = {};
  json answer = step(search_phase::edit, tool_names::edit);
  if (failed(answer)) return;
  if (flag_of(answer, "budget_exhausted")) {
    state_.spark_consumed = integer_of(answer, "spark_consumed", state_.spark_consumed);
    const std::string why = text_of(answer, "reason");
    return end((why.starts_with("target: ")  ? "the goal is reached: "
                : why.starts_with("edits: ") ? "all is tried: "
                                             : "the budget is spent: ") +
               why);
  }
  if (flag_of(answer, "paused")) {
    paused_ = true;
    return end("it was paused");
  }
  if (flag_of(answer, "permanent")) {
    result_.failed = true;
    return end("no edit can come of this: " + text_of(answer, "reason"));
  }
  current_.iteration = integer_of(answer, "iteration", state_.iteration + 1);
  state_.iteration = std::max(state_.iteration, current_.iteration);
  take_round(answer);
  if (flag_of(answer, "success")) {
    current_.hypothesis = text_of(answer, "hypothesis");
    failed_edits_ = 0;
    next_ = search_phase::run;
    return;
  }
  current_.decision = "edit_failed";
  current_.reason = text_of(answer, "reason");
  if (!answer.contains("variants")) {
    ++state_.failed;
    iteration_over(current_);
  }
  if (++failed_edits_ >= options_.patience)
    end(std::to_string(failed_edits_) +
        " edits in a row failed, the last one because: " + current_.reason);
}

// Of candidates side by side: what each is about, for when it is over; those that failed are.
void search::take_round(const json& answer) {
  auto variants = answer.find("variants");
  if (variants == answer.end()) return;
  for (const auto& v : *variants) {
    iteration_line line;
    line.iteration = integer_of(v, "iteration", 0);
    state_.iteration = line.iteration;
    hypotheses_[line.iteration] = text_of(v, "hypothesis");
    if (flag_of(v, "success")) continue;
    ++state_.failed;
    line.decision = "edit_failed";
    line.reason = text_of(v, "reason");
    iteration_over(line);
  }
}

// The candidates side by side that were measured and went no further.
void search::drop_losers(const json& answer) {
  auto variants = answer.find("variants");
  if (variants == answer.end()) return;
  for (const auto& v : *variants) {
    iteration_line line;
    line.iteration = integer_of(v, "iteration", 0);
    if (line.iteration == current_.iteration) continue;
    line.decision = "reverted";
    line.metric = number_of(v, "metric_value");
    line.hypothesis = hypotheses_[line.iteration];
    line.reason = text_of(v, "error");
    line.crashed = !line.reason.empty();
    if (line.reason.empty()) line.reason = text_of(v, "reason");
    hypotheses_.erase(line.iteration);
    ++(line.crashed ? state_.failed : state_.reverted);
    iteration_over(line);
  }
  current_.hypothesis = hypotheses_[current_.iteration];
  hypotheses_.erase(current_.iteration);
}

void search::measure() {
  json answer = step(search_phase::run, tool_names::run);
  // A run's `error` is the experiment's and belongs to the answer; ours comes with a code.
  if (answer.contains("code") && failed(answer)) return;
  current_.iteration = integer_of(answer, "iteration", state_.iteration);
  current_.metric = number_of(answer, "metric_value");
  current_.reason = text_of(answer, "error");
  current_.crashed = !current_.reason.empty();
  if (!current_.crashed) current_.reason = text_of(answer, "reason");
  take_kinds_of_warnings(answer);
  drop_losers(answer);
  next_ = search_phase::decide;
}

void search::decide() {
  json answer = step(search_phase::decide, tool_names::decide);
  if (failed(answer)) return;
  current_.iteration = integer_of(answer, "iteration", state_.iteration);
  current_.decision = text_of(answer, "decision");
  if (std::string reason = text_of(answer, "reason"); !reason.empty() && !current_.crashed)
    current_.reason = first_line(reason);
  state_.best = number_of(answer, "best_metric");
  state_.best_iteration = integer_of(answer, "best_iteration", state_.best_iteration);
  state_.spark_consumed = integer_of(answer, "spark_consumed", state_.spark_consumed);
  if (current_.decision == "kept")
    ++state_.kept;
  else if (current_.decision == "rejected_by_gate")
    ++state_.rejected;
  else if (current_.crashed || current_.decision == "commit_failed")
    ++state_.failed;
  else
    ++state_.reverted;
  take_warnings(answer);
  next_ = search_phase::edit;
  iteration_over(current_);
  if (flag_of(answer, "should_continue")) return;
  const std::string why = text_of(answer, "ended_by");
  end(why.starts_with("target: ") ? "the goal is reached: " + why
      : why.empty()               ? "the budget is spent"
                                  : "the budget is spent: " + why);
}

void search::prune() {
  if (!options_.prune || !lab_.prune || state_.kept == 0 || *stop_) return;
  state_.phase = search_phase::prune;
  tell();
  auto pruned = lab_.prune(state_.session_id, 0);
  if (!pruned) {
    state_.note = "nothing was taken back: " + pruned.error().text;
    return;
  }
  if (!pruned->commit.empty()) {
    state_.best = pruned->best_metric;
    state_.best_iteration = pruned->iteration;
  }
  result_.pruned = *pruned;
}

void search::compare() {
  if (!options_.compare) {
    result_.not_compared = "not asked for";
  } else if (state_.kept == 0) {
    result_.not_compared = "nothing was kept";
  } else if (*stop_) {
    result_.not_compared = "the search was interrupted";
  } else {
    state_.phase = search_phase::compare;
    tell();
    auto measured = compared();
    if (!measured)
      result_.not_compared = measured.error().text;
    else if (!measured->error.empty())
      result_.not_compared = measured->error + (measured->error.starts_with("left out: ")
                                                    ? "; --pairs 6 makes it whatever it takes"
                                                    : "");
    else
      result_.compared = *measured;
  }
}

json search::step(search_phase phase, std::string_view tool, json more) {
  state_.phase = phase;
  tell();
  if (phase == search_phase::baseline) return lab_.call(tool, options_.setup);
  more["session_id"] = state_.session_id;
  return lab_.call(tool, more);
}

void search::end(std::string why) {
  over_ = true;
  result_.ended_by = std::move(why);
}

void search::iteration_over(iteration_line line) {
  line.best = state_.best;
  ++state_.finished;
  state_.recent.push_back(line);
  if (state_.recent.size() > recent_lines) state_.recent.pop_front();
  tell(&line);
}

void search::tell(const iteration_line* line) {
  if (changed_) changed_(state_, line);
}

}  // namespace ratchet::cli
