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

namespace {

void record_run_of(const std::shared_ptr<turn_base>& t, const candidate& c,
                   const run_result& result, std::function<void()> then) {
  benchmark_row row;
  row.tool_name = c.backend.empty() ? "baseline" : c.backend;
  row.model_name = c.usage ? c.usage->model : "";
  row.completion_time_s = result.duration_s;
  row.success = !result.error && result.metric_value;
  row.offloaded = !result.worker.empty();
  record(t, std::move(row), std::move(then));
}

}  // namespace

void record_run(const std::shared_ptr<turn_base>& t, const run_result& result,
                std::function<void()> then) {
  record_run_of(t, t->document().current.candidate, result, std::move(then));
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
void confirm(const run_turn& t, const iteration_record& row, const run_result& result,
             bool from_round, std::function<void(const run_result&)> go) {
  auto& d = t->document();
  const int pairs = deciding_pairs(d.settings, d.state.noise);
  // A round that lost to an old record may have lost to a faster machine: its best is looked at
  // too.
  const bool old_record =
      from_round && pairs > 1 && !result.error &&
      best_is_due(d.settings, d.state.noise, d.state.best_values, row.iteration);
  if (!old_record && !needs_confirmation(result, pairs, d.state.home_class, from_round))
    return go(result);
  remember_incumbent(d, result);
  auto again = measurement_of(d, row);
  again.home_only = true;
  again.checked = true;
  t->ask(t->state().roles.runner, std::move(again), longest_step,
         [go, result](const run_result& confirmed) {
           auto whole = confirmed;
           whole.duration_s += result.duration_s;
           go(whole);
         });
}

void run_one(const run_turn& t) {
  const auto& d = t->document();
  t->ask(t->state().roles.runner, measurement_of(d, d.current), longest_step,
         [t](const run_result& result) {
           confirm(t, t->document().current, result, false, [t](const run_result& counted) {
             record_run(t, counted, [t, counted] {
               t->finish(finish_run(t->document(), counted, t->effects, t->now()),
                         durability::process);
             });
           });
         });
}

/// The same candidate once more, judged with the runs that it has had.
void run_more(const run_turn& t, int pairs) {
  const auto& d = t->document();
  auto job = measurement_of(d, d.current);
  job.more_pairs = pairs;
  job.earlier = d.current.result->samples;
  job.home_only = job.checked = true;
  t->ask(t->state().roles.runner, std::move(job), longest_step, [t](const run_result& result) {
    record_run(t, result, [t, result] {
      t->finish(finish_run(t->document(), result, t->effects, t->now()), durability::process);
    });
  });
}

/// The runs of a parallel round that are still out, and what came of the others.
struct round_runs {
  std::vector<run_result> results;
  std::size_t out = 0;
  std::optional<failure> failed;
};

/// The recorder takes them one after the other; nobody has to ask for the next.
void record_all(const run_turn& t, const std::shared_ptr<round_runs>& runs,
                const std::function<void()>& then) {
  auto out = std::make_shared<std::size_t>(runs->results.size());
  for (std::size_t i = 0; i < runs->results.size(); ++i)
    record_run_of(t, t->document().round[i].candidate, runs->results[i], [out, then] {
      if (--*out == 0) then();
    });
}

/// All have answered: the tournament, the winner once more where that is needed, and the end.
void end_round_of(const run_turn& t, const std::shared_ptr<round_runs>& runs) {
  if (runs->failed) return t->undo(*runs->failed);
  const auto& d = t->document();
  const auto winner = tournament_winner(runs->results, d.settings->metric_direction,
                                        d.state.best_metric, d.state.home_class);
  confirm(t, d.round[winner], runs->results[winner], true,
          [t, runs, winner](const run_result& counted) {
            runs->results[winner] = counted;
            record_all(t, runs, [t, runs, winner] {
              t->finish(
                  finish_run_round(t->document(), runs->results, winner, t->effects, t->now()),
                  durability::process);
            });
          });
}

void run_round(const run_turn& t) {
  const auto& d = t->document();
  auto runs = std::make_shared<round_runs>();
  runs->results.resize(d.round.size());
  runs->out = d.round.size();
  auto answered = [t, runs] {
    if (--runs->out == 0) end_round_of(t, runs);
  };
  for (std::size_t i = 0; i < d.round.size(); ++i) {
    auto screening = measurement_of(d, d.round[i]);
    // One run screens; the winner alone is measured at length, and min_delta asked of its pairs.
    screening.single_run = deciding_pairs(d.settings, d.state.noise) > 1;
    t->ask_or(
        t->state().roles.runner, std::move(screening), longest_step,
        [runs, i, answered](const run_result& result) {
          runs->results[i] = result;
          answered();
        },
        [runs, answered](const failure& why) {
          if (!runs->failed) runs->failed = why;
          answered();
        });
  }
}

}  // namespace

caf::result<run_answer> take_run(session_self self, const run_candidate& m) {
  auto t = turn<run_answer>::begin(self);
  t->open([t, more_pairs = m.more_pairs] {
    auto& d = t->document();
    auto begun =
        more_pairs > 0 ? begin_more_pairs(d, more_pairs, t->now()) : begin_run(d, t->now());
    if (!begun) return t->refuse(begun.error());
    t->mark([t, more_pairs] {
      if (more_pairs > 0) return run_more(t, more_pairs);
      t->document().round.size() > 1 ? run_round(t) : run_one(t);
    });
  });
  return t->promise();
}

}  // namespace ratchet
