// SPDX-License-Identifier: MIT
#include "actors/logic/noise.hpp"
#include "actors/logic/tournament.hpp"
#include "actors/session/session_turn.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

void record(const std::shared_ptr<turn_base>& t, benchmark_row row, std::function<void()> then) {
  const auto& d = t->document();
  row.user_id = d.settings->goal_id.empty() ? d.session_id : d.settings->goal_id;
  row.timestamp = static_cast<double>(t->now()) / 1000;
  t->ask_or(
      t->state().roles.recorder, std::move(row), store_timeout,
      [t, then](const done&) {
        t->document().state.benchmark_gain_enforced = true;
        then();
      },
      [t, then](const failure& why) {
        t->document().state.benchmark_gain_enforced = false;
        warn_unenforced(t->document(), "benchmark_gain_enforced", why.text);
        then();
      });
}

}  // namespace

void record_run(const std::shared_ptr<turn_base>& t, const candidate& c, const run_result& result,
                std::function<void()> then) {
  benchmark_row row;
  row.tool_name = c.backend.empty() ? "baseline" : c.backend;
  row.model_name = c.usage ? c.usage->model : "";
  row.completion_time_s = result.duration_s;
  row.success = !result.error && result.metric_value;
  row.offloaded = !result.worker.empty();
  record(t, std::move(row), std::move(then));
}

void record_failed_edit(const std::shared_ptr<turn_base>& t, const edit_usage& usage,
                        std::function<void()> then) {
  if (usage.model.empty()) return then();
  benchmark_row row;
  const auto& d = t->document();
  row.tool_name = d.settings->edit_backend.name;
  row.model_name = usage.model;
  auto took_ms = std::max<std::int64_t>(0, t->now() - d.state.step_started_ms);
  row.completion_time_s = static_cast<double>(took_ms) / 1000;
  record(t, std::move(row), std::move(then));
}

namespace {

using run_turn = std::shared_ptr<turn<run_answer>>;

/// What looked better is measured once more where the session's own metrics come from, when it has
/// to be; then `go` gets the result that counts.
void confirm(const run_turn& t, const run_result& result,
             std::function<void(const run_result&)> go) {
  auto& d = t->document();
  const int pairs = deciding_pairs(d.settings, d.state.noise);
  if (!needs_confirmation(result, pairs, d.state.home_class, false)) return go(result);
  remember_incumbent(d, result);
  auto again = measurement_of(d, d.current);
  again.home_only = true;
  again.checked = true;
  t->ask(t->state().roles.runner, std::move(again), longest_step,
         [go, result](const run_result& confirmed) {
           auto whole = confirmed;
           whole.duration_s += result.duration_s;
           go(whole);
         });
}

void finish(const run_turn& t, const run_result& result) {
  record_run(t, t->document().current.candidate, result, [t, result] {
    t->finish(finish_run(t->document(), result, t->effects, t->now()), durability::process);
  });
}

void run_one(const run_turn& t) {
  const auto& d = t->document();
  t->ask(t->state().roles.runner, measurement_of(d, d.current), longest_step,
         [t](const run_result& result) {
           confirm(t, result, [t](const run_result& counted) { finish(t, counted); });
         });
}

/// The same candidate once more, judged with the runs that it has had.
void run_more(const run_turn& t, int pairs) {
  const auto& d = t->document();
  auto job = measurement_of(d, d.current);
  job.more_pairs = pairs;
  job.earlier = d.current.result->samples;
  job.home_only = job.checked = true;
  t->ask(t->state().roles.runner, std::move(job), longest_step,
         [t](const run_result& result) { finish(t, result); });
}

}  // namespace

caf::result<run_answer> take_run(session_self self, const run_candidate& m) {
  auto t = turn<run_answer>::begin(self);
  t->open([t, more_pairs = m.more_pairs, wait_for_all = m.wait_for_all] {
    auto& d = t->document();
    auto begun =
        more_pairs > 0 ? begin_more_pairs(d, more_pairs, t->now()) : begin_run(d, t->now());
    if (!begun) return t->refuse(begun.error());
    t->mark([t, more_pairs, wait_for_all] {
      if (more_pairs > 0) return run_more(t, more_pairs);
      current_is_beside(t->document()) ? run_side_by_side(t, wait_for_all) : run_one(t);
    });
  });
  return t->promise();
}

}  // namespace ratchet
