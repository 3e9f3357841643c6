// SPDX-License-Identifier: MIT
#include "actors/experiment_runner.hpp"

#include <algorithm>
#include <cmath>

#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/experiment_plan.hpp"
#include "actors/logic/median_interval.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/measurement.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

plan_settings plan_of(const run_experiment& m) {
  plan_settings plan;
  plan.direction = m.settings.metric_direction;
  plan.min_delta = m.settings.min_delta;
  plan.significance = m.settings.significance;
  plan.allow_missing_baseline = m.settings.allow_missing_baseline;
  plan.best = m.best_metric;
  plan.repeats = m.settings.repeats;
  // The baseline has no incumbent: it is measured once, as the first thing to beat.
  if (m.iteration == 0) plan.repeats = 1;
  return plan;
}

/// What the last execution of the candidate left, in the row of the history.
void take_output(run_result& r, const measurement& m) {
  r.metric_source = m.metric_source;
  r.guards = m.guards;
  r.output_tail = m.process.output_tail;
  r.output_head = m.process.output_head;
  r.output_bytes = m.process.output_bytes;
  r.timed_out = m.process.timed_out;
  r.leftovers_killed += m.process.leftovers_killed;
  r.isolation = m.process.isolation;
}

expected<run_result> measure(const world& w, const run_experiment& m) {
  cancellable job(*w.stops, m.session_id);
  auto opened = measurer::open(w, m.settings, m.session_id, m.directory);
  if (!opened) return opened.error();
  if (m.iteration > 0)
    if (auto ok = targets_untouched(w, m.session_id, m.settings, m.incumbent, m.tree); !ok)
      return ok.error();
  experiment_plan plan(plan_of(m));
  run_result result;
  result.iteration = m.iteration;
  while (plan.next() != plan_step::done) {
    bool incumbent = plan.next() == plan_step::run_incumbent;
    const auto& wanted = incumbent ? m.incumbent : m.tree;
    // Always: what is measured must be what would be committed, whoever wrote to the files since.
    if (auto ok = w.workspaces->restore(m.session_id, wanted); !ok) return ok.error();
    auto one = opened->measure(job.token());
    if (!one) return one.error();
    result.duration_s += one->process.duration_s;
    if (!incumbent) take_output(result, *one);
    bool may_lack_metric = m.iteration == 0 && m.settings.allow_missing_baseline &&
                           one->process.succeeded() && !one->voided;
    if (may_lack_metric && !one->metric_value) return result;
    plan.record({one->metric_value, one->process.duration_s, incumbent}, one->error);
  }
  auto verdict = plan.result();
  result.metric_value = verdict.metric_value;
  result.improved = m.iteration > 0 && verdict.improved;
  result.error = verdict.error;
  result.samples = verdict.samples;
  result.spread = verdict.spread;
  result.p_value = verdict.p_value;
  return result;
}

/// Baseline and best in the order b B B b …, so that a drift of the machine touches both alike.
expected<comparison> compare(const world& w, const compare_commits& m) {
  cancellable job(*w.stops, m.session_id);
  auto opened = measurer::open(w, m.settings, m.session_id, m.directory);
  if (!opened) return opened.error();
  std::vector<double> baseline, best, gains;
  comparison c;
  double sign = m.settings.metric_direction == metric_direction::lower_is_better ? -1 : 1;
  for (int pair = 0; pair < m.pairs; ++pair) {
    double values[2] = {0, 0};
    for (int i = 0; i < 2; ++i) {
      bool second = (i == 1) != (pair % 2 == 1);
      if (auto ok = w.workspaces->restore(m.session_id, second ? m.best : m.baseline); !ok)
        return ok.error();
      auto one = opened->measure(job.token());
      if (!one) return one.error();
      if (!one->metric_value) {
        c.error = one->error.value_or("no metric");
        return c;
      }
      values[second ? 1 : 0] = *one->metric_value;
    }
    baseline.push_back(values[0]);
    best.push_back(values[1]);
    if (values[0] != 0) gains.push_back(sign * (values[1] - values[0]) / std::abs(values[0]) * 100);
    ++c.pairs;
  }
  c.baseline_median = median(baseline);
  c.best_median = median(best);
  if (gains.size() == baseline.size() && !gains.empty()) {
    auto range = median_interval(gains);
    c.gain_percent = median(gains);
    c.gain_low_percent = range.low;
    c.gain_high_percent = range.high;
  }
  return c;
}

expected<> set_up(const world& w, const run_setup& m) {
  cancellable job(*w.stops, m.session_id);
  process_request request;
  request.command = m.settings.setup_command;
  request.directory = m.directory;
  request.environment = m.settings.environment;
  request.timeout_s = std::max(m.settings.time_budget_s, 3600.0);
  auto outcome = w.processes->run(request, nullptr, job.token());
  if (!outcome) return outcome.error();
  if (outcome->cancelled) return fail(errc::cancelled, "setup_command was cancelled");
  if (!outcome->succeeded())
    return fail(errc::baseline_failed,
                "setup_command failed: " +
                    error_excerpt(outcome->exit_code, outcome->signal, outcome->timed_out,
                                  request.timeout_s, outcome->output_head, outcome->output_tail));
  return w.workspaces->keep_setup(m.session_id);
}

}  // namespace

experiment_runner_actor::behavior_type experiment_runner(experiment_runner_state::front self,
                                                         world w, std::size_t slots) {
  return experiment_runner_with(self, w, slots,
                                [self, w] { return self->spawn<caf::detached>(run_worker, w); });
}

experiment_runner_actor::behavior_type experiment_runner_with(
    experiment_runner_state::front self, world w, std::size_t slots,
    std::function<run_worker_actor()> spawn_worker) {
  auto& pool = self->state.pool;
  pool = std::make_unique<worker_pool<experiment_runner_state::front, run_worker_actor>>(
      self, "run worker", slots, std::move(spawn_worker));
  return {
      [&pool](const run_experiment& m) {
        return pool->submit<run_result>(m.session_id, m, longest_step);
      },
      [&pool](const compare_commits& m) {
        return pool->submit<comparison>(m.session_id, m, longest_step);
      },
      [&pool](const run_setup& m) { return pool->submit<done>(m.session_id, m, longest_step); },
      [&pool, w](const stop_job& m) {
        pool->forget(m.session_id);
        w.stops->cancel(m.session_id);
      },
  };
}

run_worker_actor::behavior_type run_worker(run_worker_actor::pointer, world w) {
  return {
      [w](const run_experiment& m) { return as_result(measure(w, m)); },
      [w](const compare_commits& m) { return as_result(compare(w, m)); },
      [w](const run_setup& m) -> caf::result<done> {
        if (auto ok = set_up(w, m); !ok) return as_error(ok.error());
        return done{};
      },
  };
}

}  // namespace ratchet
