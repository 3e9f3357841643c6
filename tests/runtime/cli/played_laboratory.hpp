// SPDX-License-Identifier: MIT
//
// A laboratory for searches, played from a script.
#pragma once

#include <map>
#include <vector>

#include "runtime/cli/search.hpp"

namespace ratchet::cli {

inline const std::string played_id = "0123456789ab";

/// A laboratory that answers from a script: per tool, one answer after the other, the last again.
struct played_laboratory {
  std::map<std::string, std::deque<json>> answers;
  std::vector<std::string> calls;
  std::atomic<bool> stop = false;
  std::function<void(const std::string&)> on_call;
  std::function<void()> on_pause;
  expected<comparison> compared = comparison{1.0, 2.0, 100.0, 90.0, 110.0, 5, ""};
  session_pruned pruned;
  /// What it answers once it is lost; without, nothing has to be reached again.
  std::function<expected<std::string>()> rejoin;
  std::chrono::milliseconds time{0};  ///< goes on while the search waits, and not otherwise
  std::vector<std::chrono::milliseconds> pauses;
  std::vector<iteration_line> lines;
  std::vector<std::string> notes;  ///< each once
  search_state last;

  played_laboratory() {
    answers["autoresearch_setup"] = {{{"session_id", played_id},
                                      {"status", "running"},
                                      {"baseline_metric", 1.0},
                                      {"metric_name", "score"},
                                      {"metric_direction", "higher_is_better"},
                                      {"max_iterations", 3}}};
    answers["autoresearch_finalize"] = {{{"status", "completed"}, {"session_id", played_id}}};
  }
  void edit_applied(int n) {
    answers["autoresearch_edit"].push_back(
        {{"success", true}, {"iteration", n}, {"hypothesis", "idea " + std::to_string(n)}});
  }
  void edit_failed(int n) {
    answers["autoresearch_edit"].push_back(
        {{"success", false}, {"iteration", n}, {"reason", "nothing usable"}});
  }
  void measured(int n, json metric, json error = nullptr) {
    answers["autoresearch_run"].push_back(
        {{"iteration", n}, {"metric_value", std::move(metric)}, {"error", std::move(error)}});
  }
  void decided(int n, const char* decision, double best, bool go_on) {
    answers["autoresearch_decide"].push_back({{"decision", decision},
                                              {"iteration", n},
                                              {"best_metric", best},
                                              {"best_iteration", n},
                                              {"spark_consumed", 4 * n},
                                              {"should_continue", go_on}});
  }
  search_result run(search_options options = {}) {
    options.setup = {{"repo_path", "/lab"}};
    laboratory lab;
    lab.patience.now = [this] { return time; };
    lab.patience.wait = [this](std::chrono::milliseconds pause, const std::atomic<bool>&) {
      time += pause;
      pauses.push_back(pause);
      if (on_pause) on_pause();
    };
    lab.call = [this](std::string_view tool, const json&) {
      calls.emplace_back(tool);
      if (on_call) on_call(calls.back());
      auto& script = answers[std::string(tool)];
      if (script.empty()) return json{{"error", "not in the script"}, {"code", "internal"}};
      json answer = script.front();
      if (script.size() > 1) script.pop_front();
      return answer;
    };
    lab.compare = [this](const std::string&, int) {
      calls.emplace_back("compare");
      if (on_call) on_call(calls.back());
      return compared;
    };
    lab.prune = [this](const std::string&, double) -> expected<session_pruned> {
      calls.emplace_back("prune");
      if (on_call) on_call(calls.back());
      return pruned;
    };
    if (rejoin)
      lab.rejoin = [this](const std::atomic<bool>&) {
        calls.emplace_back("rejoin");
        return rejoin();
      };
    search whole(lab, options, [this](const search_state& s, const iteration_line* line) {
      last = s;
      if (line) lines.push_back(*line);
      if (!s.note.empty() && (notes.empty() || notes.back() != s.note)) notes.push_back(s.note);
    });
    return whole.run(stop);
  }
  long count(const std::string& tool) const { return std::count(calls.begin(), calls.end(), tool); }
};

}  // namespace ratchet::cli
