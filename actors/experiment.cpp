// SPDX-License-Identifier: MIT
#include "actors/experiment.hpp"

#include <algorithm>
#include <cmath>

#include "actors/logic/candidate_plan.hpp"
#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/median_interval.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/logic/requirements.hpp"
#include "actors/measurement.hpp"

namespace ratchet {

namespace {

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

}  // namespace

expected<run_result> measure_candidate(const world& w, const run_experiment& m,
                                       const std::string& stop_key) {
  cancellable job(*w.stops, stop_key);
  const auto id = lane_id(m.session_id, m.lane);
  auto opened = measurer::open(w, m.settings, id, m.directory);
  if (!opened) return opened.error();
  // A round's work trees hold whatever they held last: each is restored before it is measured.
  if (m.iteration > 0 && m.lane == 0)
    if (auto ok = targets_untouched(w, m.session_id, m.settings, m.incumbent, m.tree); !ok)
      return ok.error();
  const auto here = machine_class(w.machine);
  const auto planned = plan_of(m, here);
  experiment_plan plan(planned);
  run_result result;
  result.machine = here;
  result.iteration = m.iteration;
  while (plan.next() != plan_step::done) {
    bool incumbent = plan.next() == plan_step::run_incumbent;
    const auto& wanted = incumbent ? m.incumbent : m.tree;
    // Always: what is measured must be what would be committed, whoever wrote to the files since.
    if (auto ok = w.workspaces->restore(id, wanted); !ok) return ok.error();
    auto one = opened->measure(job.token());
    if (!one) return one.error();
    result.duration_s += one->process.duration_s;
    if (!incumbent) take_output(result, *one);
    bool may_lack_metric = m.iteration == 0 && m.settings.allow_missing_baseline &&
                           one->process.succeeded() && !one->voided;
    if (may_lack_metric && !one->metric_value && !plan.result().metric_value) return result;
    plan.record({one->metric_value, one->process.duration_s, incumbent}, one->error);
  }
  take_verdict(result, plan.result(), planned, m);
  return result;
}

expected<comparison> compare_measured(const world& w, const compare_commits& m,
                                      const std::string& stop_key) {
  cancellable job(*w.stops, stop_key);
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

expected<> set_up_workspace(const world& w, const run_setup& m, int lane,
                            const std::string& stop_key) {
  cancellable job(*w.stops, stop_key);
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
  return w.workspaces->keep_setup(lane_id(m.session_id, lane));
}

expected<std::string> open_lane(const world& w, const run_experiment& m, bool made,
                                const std::string& stop_key) {
  const auto id = lane_id(m.session_id, m.lane);
  const bool needs_setup = !m.settings.setup_command.empty();
  if (made || !needs_setup)
    if (auto info = w.workspaces->info(id)) return info->directory;
  auto cut = w.workspaces->create(id, m.settings);
  if (!cut) return cut.error();
  if (needs_setup)
    if (auto ok = set_up_workspace(w, {m.session_id, m.settings, cut->directory}, m.lane, stop_key);
        !ok)
      return ok.error();
  return cut->directory;
}

}  // namespace ratchet
