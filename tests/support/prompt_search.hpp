// SPDX-License-Identifier: MIT
//
// A search by prompts: a session with every role for real and an `llm` backend whose model is the
// scripted programmer. The prompts are the product's own; parts of them can be kept from its eyes.
#pragma once

#include "runtime/edit/llm_editor.hpp"
#include "tests/support/chat_answers.hpp"
#include "tests/support/scripted_programmer.hpp"
#include "tests/support/session_laboratory.hpp"

namespace ratchet::testing {

/// What of a prompt can be left out.
enum class prompt_topic : std::uint8_t {
  results,
  kept_changes,
  earlier,  ///< results before the last ten, and near changes but the two nearest of those ten
  near_changes,
  combine,
  lessons,
  failure,
  printed,
  instructions,
  idea,
  angle,
  unapplied,
};
using prompt_topics = std::set<prompt_topic>;

inline prompt_topics every_topic() {
  prompt_topics all;
  for (int t = 0; t <= static_cast<int>(prompt_topic::unapplied); ++t)
    all.insert(static_cast<prompt_topic>(t));
  return all;
}

/// Out of what a prompt is made from, where that is of this topic alone.
inline void leave_out(prompt_topic topic, edit_context& c) {
  auto forget_losers = [&](std::size_t but) {
    std::vector<iteration_record*> lost;
    for (auto* rows : {&c.earlier, &c.history})
      for (auto& r : *rows)
        if (r.decision == "reverted" && r.result && r.result->metric_value) lost.push_back(&r);
    auto distance = [&](const iteration_record* r) {
      return std::abs(*r->result->metric_value - c.best_metric.value_or(0));
    };
    std::stable_sort(lost.begin(), lost.end(),
                     [&](auto* a, auto* b) { return distance(a) < distance(b); });
    for (std::size_t i = but; i < lost.size(); ++i) lost[i]->candidate.diff.clear();
  };
  if (topic == prompt_topic::earlier) c.earlier.clear(), forget_losers(2);
  if (topic == prompt_topic::near_changes) forget_losers(0);
  if (topic == prompt_topic::kept_changes)
    for (auto* rows : {&c.earlier, &c.history})
      for (auto& r : *rows)
        if (r.decision == "kept") r.candidate.diff.clear();
  if (topic == prompt_topic::lessons) c.lessons.clear();
  if (topic == prompt_topic::printed) c.best_run.reset();
  if (topic == prompt_topic::instructions) c.instructions.clear();
  if (topic == prompt_topic::idea) c.idea.clear();
  if (topic == prompt_topic::unapplied) c.unapplied.clear();
}

/// The head of the section that is cut out of the text, for what else a prompt would lack as well.
inline std::string_view head_to_cut(prompt_topic topic) {
  return topic == prompt_topic::results   ? "RESULTS SO FAR"
         : topic == prompt_topic::failure ? "HOW ITERATION"
         : topic == prompt_topic::combine ? "COMBINE"
         : topic == prompt_topic::angle   ? "ANOTHER ANGLE"
                                          : "";
}

inline std::string without(const std::string& prompt, const prompt_topics& topics) {
  std::string out;
  for (const auto& section : sections_of(prompt))
    if (section.head.empty() || std::none_of(topics.begin(), topics.end(), [&](prompt_topic t) {
          return head_to_cut(t) == section.head;
        }))
      out += section.text;
  return out;
}

/// Answers a request for a chat completion with what the programmer replies.
class scripted_model final : public http_port {
 public:
  scripted_model(const idea_pool& pool, reader_habits habits, std::uint64_t seed,
                 prompt_topics left_out)
      : programmer_(pool, habits, seed), left_out_(std::move(left_out)) {}

  int calls = 0;
  std::string last_prompt;

  http_outcome post(const http_request& request, const body_sink& consume,
                    std::stop_token) override {
    ++calls;
    std::vector<std::string> said;
    const auto asked = json::parse(request.body);
    for (const auto& m : asked.at("messages"))
      if (m.at("role") != "system") said.push_back(m.at("content"));
    last_prompt = without(said.front(), left_out_);
    const auto text = said.size() < 3 ? programmer_.reply(last_prompt)
                                      : programmer_.reply_again(last_prompt, said[1], said[2]);
    http_outcome outcome;
    outcome.sent = true;
    outcome.status = 200;
    outcome.headers["content-type"] = "application/json";
    consume(outcome, openai_document(text, nullptr).dump());
    return outcome;
  }
  bool pause(double, std::stop_token) override { return true; }

 private:
  scripted_programmer programmer_;
  prompt_topics left_out_;
};

struct search_end {
  bool solved = false;
  int measured = 0;  ///< candidates
  int calls = 0;     ///< of the model
  double best = 0;
  std::string failed;  ///< why the search could not go on; empty: it could
};

class prompt_search : session_laboratory {
 public:
  prompt_search(std::uint64_t seed, prompt_topics left_out, reader_habits habits = {})
      : pool_(seed),
        left_out_(std::move(left_out)),
        // Else the reader would draw what the pool was drawn with.
        model_(std::make_shared<scripted_model>(pool_, habits, fnv1a("reader", seed), left_out_)) {
    workspaces->repository = {{"train.py", pool_.text()}};
    process->program = [this](const std::string& text) { return pool_.run(text); };
    auto options = json{{"model", "scripted"}, {"base_url", "http://127.0.0.1/v1"}};
    options["stream"] = false;
    auto llm = make_llm_editor_with(read_llm_options(options), nullptr, model_, [] { return 0.0; });
    editor = std::make_shared<fake_editor>();
    editor->together = true;
    editor->on_propose = [this, llm](edit_context context, std::stop_token stop) {
      for (auto topic : left_out_) leave_out(topic, context);
      return llm->propose(context, stop);
    };
  }

  /// Until it is solved, or so many candidates were measured or edits asked for.
  search_end until_solved(int most_measured, int most_edits) {
    auto s = settings();
    s.edit_backend = {"llm", json::object()};
    s.max_iterations = most_edits;
    s.spark_budget = s.spark_per_iteration * most_edits;
    s.instructions = "Leave " + pool_.warned_of() + " alone: it is going to be replaced.\n";
    s.ideas = pool_.of_the_user();
    search_end end;
    auto opened = ask<session_opened>(registry, setup_session{std::move(s), ""});
    if (!opened) end.failed = opened.error().text;
    for (int i = 0; i < most_edits && end.failed.empty() && !end.solved; ++i) {
      if (end.measured == most_measured) break;
      step(opened->session_id, end);
    }
    end.calls = model_->calls;
    return end;
  }

  const std::string& last_prompt() const { return model_->last_prompt; }
  const idea_pool& pool() const { return pool_; }

 private:
  void step(const std::string& id, search_end& end) {
    auto edited = ask<edit_answer>(registry, edit_candidate{id, {}});
    if (!edited) end.failed = edited.error().text;
    if (!edited || !edited->success.value_or(false)) return;
    auto ran = run_it(id);
    if (!ran) end.failed = ran.error().text;
    if (!ran) return;
    ++end.measured;
    auto decided = decide(id);
    if (!decided) end.failed = decided.error().text;
    if (!decided) return;
    end.best = decided->best_metric.value_or(0);
    end.solved = end.best >= idea_pool::solved_at();
  }

  idea_pool pool_;
  prompt_topics left_out_;
  std::shared_ptr<scripted_model> model_;
};

}  // namespace ratchet::testing
