// SPDX-License-Identifier: MIT
//
// A session in miniature: proposals of the mutate backend, judged by a function of the file's text.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "runtime/edit/editors.hpp"
#include "tests/support/changed.hpp"

namespace ratchet::test {

struct trial_result {
  double best = std::numeric_limits<double>::infinity();
  std::vector<std::string> contents;  ///< of every proposal
  std::vector<std::string> hypotheses;
  std::string refusal;
  std::string final_text;
};

/// Lower is better; a loss that is not finite is a run that fails. At most the last ten iterations
/// are given as history, as a session does.
inline trial_result run_trial(const std::string& file, std::string text, const json& options,
                              const std::function<double(const std::string&)>& loss,
                              int proposals) {
  auto editor = make_mutate_editor(options);
  trial_result out;
  edit_context context;
  context.session_id = "0123456789ab";
  testing::changed(context.settings)->metric_direction = metric_direction::lower_is_better;
  out.best = loss(text);
  context.baseline_metric = context.best_metric = out.best;
  for (int i = 1; i <= proposals; ++i) {
    context.iteration = i;
    context.targets = {{file, text}};
    auto proposed = editor->propose(context, {});
    if (!proposed || !proposed->exhausted.empty()) {
      out.refusal = proposed ? proposed->exhausted : proposed.error().text;
      break;
    }
    // Through text, as the store keeps it.
    context.backend_state = json::parse(proposed->state.dump());
    std::string candidate = *proposed->changes.at(0).content;
    out.contents.push_back(candidate);
    out.hypotheses.push_back(proposed->hypothesis);
    double value = loss(candidate);
    iteration_record record;
    record.iteration = i;
    record.candidate.hypothesis = proposed->hypothesis;
    record.result.emplace();
    if (std::isfinite(value))
      record.result->metric_value = value;
    else
      record.result->error = "the program failed";
    record.result->best_metric = out.best;
    record.decision = value < out.best ? "kept" : "reverted";
    if (value < out.best) {
      out.best = value;
      text = candidate;
      context.best_metric = value;
      context.best_iteration = i;
    }
    context.history.push_back(record);
    if (context.history.size() > 10) context.history.erase(context.history.begin());
  }
  out.final_text = text;
  return out;
}

}  // namespace ratchet::test
