// SPDX-License-Identifier: MIT
#include "actors/work/experiment.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "actors/logic/candidate_plan.hpp"
#include "actors/logic/error_excerpt.hpp"
#include "actors/logic/median_interval.hpp"
#include "actors/logic/paired_test.hpp"
#include "actors/logic/requirements.hpp"
#include "actors/work/measurement.hpp"
#include "actors/work/run_usage.hpp"
#include "actors/work/standing_tree.hpp"

namespace ratchet {

namespace {

/// Whether candidates will be measured in pairs with the best.
bool pairs_follow(const session_settings& settings, const metric_noise& noise) {
  if (!settings.repeats.automatic()) return settings.repeats.pairs > 1;
  return noise.known() && !noise.deterministic();
}

void take_process(run_result& r, const process_outcome& p) {
  r.output_tail = p.output_tail;
  const bool tail_holds_all = static_cast<long long>(p.output_tail.size()) >= p.output_bytes;
  r.output_head = tail_holds_all ? "" : p.output_head;
  r.output_bytes = p.output_bytes;
  r.timed_out = p.timed_out;
  r.leftovers_killed += p.leftovers_killed;
  r.isolation = p.isolation;
}

/// What the last execution of the candidate left, in the row of the history.
void take_output(run_result& r, const measurement& m) {
  r.metric_source = m.metric_source;
  r.metric_unit = m.metric_unit;
  r.guards = m.guards;
  r.guard_units = m.guard_units;
  r.warnings = m.warnings;
  r.collected = m.collected;
  take_process(r, m.process);
}

}  // namespace

namespace {

/// A version that could not be measured, as the result of its candidate.
void take_failure(run_result& r, const standing& s) {
  r.failed_at = s.failed_at;
  r.error = s.error;
  take_process(r, s.process);
}

/// Makes candidate or incumbent stand where it is to be measured; what it answers, or why nothing
/// can be measured.
class measuring {
 public:
  measuring(const run_experiment& m, job_trees trees, std::stop_token stop)
      : m_(m), trees_(std::move(trees)), stop_(std::move(stop)) {}

  bool baseline() const { return m_.iteration == 0; }

  /// Products that are only as new as an older incumbent would be built again for every candidate
  /// that comes here: the incumbent is built here once, on its own.
  expected<standing> catch_up() {
    auto& tree = trees_.first();
    if (baseline() || m_.settings->build_command.empty()) return standing{};
    auto known = tree.build_state_of(m_.incumbent);
    if (!known) return known.error();
    const bool leaves_nothing = known->kept_once && !known->has_products;
    if (known->current || leaves_nothing) return standing{};
    return incumbent_in(tree);
  }

  expected<standing> candidate(run_result& result) {
    auto s = trees_.first().stand(m_.tree, !m_.checked, stop_);
    if (!s) return s;
    result.build_s += s->build_s;
    if (!s->doubt.empty()) doubt_ = s->doubt;
    result.check_s += s->check_s;
    return s;
  }

  /// What is to be said of the candidate's build.
  const std::string& doubt() const { return doubt_; }

  expected<standing> incumbent() {
    auto other = trees_.other();
    if (!other) return other.error();
    other_ = *other;
    return incumbent_in(*other_);
  }

  /// The second tree is cut, set up and built with the baseline, so that no candidate waits for it.
  expected<> expect_pairs() {
    if (!trees_.first().has_products() || m_.settings->workspace == workspace_kind::in_place)
      return {};
    auto s = incumbent();
    if (!s) return s.error();
    return {};
  }

  expected<measurement> run(bool incumbent) {
    auto& tree = incumbent ? *other_ : trees_.first();
    auto one = tree.run(stop_);
    // Without a build_command it is the run that builds: what it left of the best code is built on.
    if (!incumbent && !baseline() && !looked_) doubt_ = tree.doubt_of_run();
    looked_ = looked_ || !incumbent;
    const bool best = incumbent || baseline();
    const bool builds = baseline() || tree.has_products();
    if (one && one->process.succeeded() && best && builds) keep_products(tree);
    return one;
  }

 private:
  expected<standing> incumbent_in(standing_tree& tree) {
    auto s = tree.stand(m_.incumbent, false, stop_);
    if (s && s->failed_at.empty() && !m_.settings->build_command.empty()) keep_products(tree);
    return s;
  }

  /// Of the incumbent, which stands in `tree`. Without them the next builds take longer, no more.
  void keep_products(standing_tree& tree) {
    auto known = tree.build_state_of(m_.incumbent);
    if (known && known->current) return;
    if (auto ok = tree.keep_products(); !ok)
      spdlog::warn("session {}: what the build of the best code left is not kept: {}",
                   m_.session_id, ok.error().text);
  }

  const run_experiment& m_;
  job_trees trees_;
  std::stop_token stop_;
  standing_tree* other_ = nullptr;
  std::string doubt_;
  bool looked_ = false;  ///< whether the candidate's run builds
};

}  // namespace

expected<run_result> measure_candidate(const world& w, const run_experiment& m,
                                       const std::string& stop_key) {
  cancellable job(*w.stops, stop_key);
  const work_tree_id id{m.session_id, m.lane};
  auto opened = job_trees::open(w, m.settings, id, m.directory, stop_key);
  if (!opened) return opened.error();
  if (m.iteration > 0 && m.best_metric) opened->expect_units(m.metric_unit, m.guard_units);
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
  if (m.iteration == 0 && m.settings->build_command.empty()) opened->first().expect_products();
  measuring place(m, std::move(*opened), job.token());
  if (auto ok = place.catch_up(); !ok) return ok.error();
  // Before any run of the incumbent: what does not build needs none.
  auto stands = place.candidate(result);
  if (!stands) return stands.error();
  if (!stands->failed_at.empty()) {
    take_failure(result, *stands);
    return result;
  }
  run_usages usages;
  while (plan.next() != plan_step::done) {
    bool incumbent = plan.next() == plan_step::run_incumbent;
    stands = incumbent ? place.incumbent() : place.candidate(result);
    if (!stands) return stands.error();
    if (!stands->failed_at.empty()) {  // it did build: the machine's doing, or the incumbent's
      plan.record({std::nullopt, 0, incumbent}, stands->error);
      continue;
    }
    auto one = place.run(incumbent);
    if (!one) return one.error();
    result.duration_s += one->process.duration_s;
    if (!incumbent) take_output(result, *one);
    if (!incumbent) usages.take(one->process, result);
    bool may_lack_metric = m.iteration == 0 && m.settings->allow_missing_baseline &&
                           one->process.succeeded() && !one->voided;
    if (may_lack_metric && !one->metric_value && !plan.result().metric_value) return result;
    plan.record({one->metric_value, one->process.duration_s, incumbent}, one->error);
  }
  if (!place.doubt().empty()) result.warnings.push_back(place.doubt());
  take_verdict(result, plan.result(), planned, m);
  if (m.iteration == 0 && !result.error && pairs_follow(m.settings, result.noise))
    if (auto ok = place.expect_pairs(); !ok) return ok.error();
  return result;
}

namespace {

/// Median and interval of the pairs' differences, in per cent of the baseline.
void take_pairs(comparison& c, const session_settings& settings,
                const std::vector<double>& baseline, const std::vector<double>& best) {
  const double sign = settings.metric_direction == metric_direction::lower_is_better ? -1 : 1;
  std::vector<double> gains;
  for (std::size_t i = 0; i < baseline.size(); ++i)
    if (baseline[i] != 0)
      gains.push_back(sign * (best[i] - baseline[i]) / std::abs(baseline[i]) * 100);
  c.pairs = static_cast<int>(baseline.size());
  c.baseline_median = median(baseline);
  c.best_median = median(best);
  if (gains.size() != baseline.size() || gains.empty()) return;
  auto range = median_interval(gains);
  c.gain_percent = median(gains);
  c.gain_low_percent = range.low;
  c.gain_high_percent = range.high;
}

}  // namespace

expected<comparison> compare_measured(const world& w, const compare_commits& m, int lane,
                                      const std::string& stop_key) {
  cancellable job(*w.stops, stop_key);
  auto trees = job_trees::open(w, m.settings, {m.session_id, lane}, m.directory, stop_key);
  if (!trees) return trees.error();
  auto other = trees->other();
  if (!other) return other.error();
  std::vector<double> baseline, best;
  comparison c;
  for (int pair = 0; pair < m.pairs; ++pair) {
    double values[2] = {0, 0};
    for (int i = 0; i < 2; ++i) {
      bool second = (i == 1) != (pair % 2 == 1);
      // The best stands where it was measured, with its products.
      auto& tree = second ? trees->first() : **other;
      auto stands = tree.stand(second ? m.best : m.baseline, false, job.token());
      if (!stands) return stands.error();
      if (!stands->failed_at.empty()) {
        c.error = stands->error;
        return c;
      }
      auto one = tree.run(job.token());
      if (!one) return one.error();
      if (!one->metric_value) {
        c.error = one->error.value_or("no metric");
        return c;
      }
      if (pair == 0 && i == 0) trees->expect_units(one->metric_unit, one->guard_units);
      values[second ? 1 : 0] = *one->metric_value;
    }
    baseline.push_back(values[0]);
    best.push_back(values[1]);
  }
  take_pairs(c, m.settings, baseline, best);
  return c;
}

expected<> set_up_workspace(const world& w, const run_setup& m, int lane,
                            const std::string& stop_key) {
  cancellable job(*w.stops, stop_key);
  process_request request;
  request.command = wrapped(w, m.settings->setup_command);
  request.directory = m.directory;
  request.environment = m.settings->environment;
  request.timeout_s = std::max(m.settings->time_budget_s, 3600.0);
  auto outcome = w.processes->run(request, nullptr, job.token());
  if (!outcome) return outcome.error();
  if (outcome->cancelled) return fail(errc::cancelled, "setup_command was cancelled");
  if (!outcome->succeeded())
    return fail(errc::baseline_failed,
                "setup_command failed: " +
                    error_excerpt(outcome->exit_code, outcome->signal, outcome->timed_out,
                                  request.timeout_s, outcome->output_head, outcome->output_tail),
                {{"output_tail", outcome->output_tail}, {"output_bytes", outcome->output_bytes}});
  return w.workspaces->keep_setup({m.session_id, lane});
}

expected<std::string> open_lane(const world& w, const run_experiment& m,
                                const std::string& stop_key) {
  const work_tree_id id{m.session_id, m.lane};
  const bool needs_setup = !m.settings->setup_command.empty();
  if (auto info = w.workspaces->info(id)) {
    auto known = w.workspaces->build_state_of(id, "");
    if (!needs_setup || (known && known->set_up)) return info->directory;
  }
  auto cut = w.workspaces->create(id, m.settings);
  if (!cut) return cut.error();
  if (needs_setup)
    if (auto ok = set_up_workspace(w, {m.session_id, m.settings, cut->directory}, m.lane, stop_key);
        !ok)
      return ok.error();
  return cut->directory;
}

}  // namespace ratchet
