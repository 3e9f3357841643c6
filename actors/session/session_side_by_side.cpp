// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>

#include "actors/logic/noise.hpp"
#include "actors/logic/text.hpp"
#include "actors/logic/tournament.hpp"
#include "actors/session/session_turn.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using run_turn = std::shared_ptr<turn<run_answer>>;

/// Somebody has landed: the step that waits looks; when none is at work any more and nobody waits,
/// the session may go to another process.
void tell_changed(session_self self) {
  if (auto changed = self->state.beside.changed) changed();
  give_up_idle_lease(self);
}

void land(session_self self, int iteration, run_result result) {
  auto& b = self->state.beside;
  auto at = b.at_work.find(iteration);
  auto run = std::move(at->second);
  b.at_work.erase(at);
  result.duration_s += run.earlier_s;
  if (is_beside(self->state.document, iteration))
    b.arrived[iteration] = {std::move(run.what), std::move(run.incumbent), run.best,
                            std::move(result), run.confirms};
  tell_changed(self);
}

void fail_to_land(session_self self, int iteration, failure why) {
  auto& b = self->state.beside;
  b.at_work.erase(iteration);
  if (is_beside(self->state.document, iteration)) b.failed[iteration] = std::move(why);
  tell_changed(self);
}

/// What to do when the asked one fails.
auto lost(session_self self, int iteration) {
  return [self, iteration](const caf::error& e) {
    fail_to_land(self, iteration, as_failure(e, "session " + self->state.session_id));
  };
}

void send_out(session_self self, run_experiment job, run_at_work run) {
  const int iteration = job.iteration;
  run.incumbent = self->state.document.state.head;
  run.best = self->state.document.state.best_metric;
  self->state.beside.at_work[iteration] = std::move(run);
  job.beside = true;
  ask_within<run_result>(
      self, self->state.roles.runner, longest_step, std::move(job),
      [self, iteration](run_result& r) { land(self, iteration, std::move(r)); },
      lost(self, iteration));
}

double gain_over(const session_document& d, const run_result& r,
                 const std::optional<double>& best) {
  return relative_gain(r, d.settings->metric_direction, best, d.state.home_class);
}

run_experiment job_of(const session_document& d, const candidate& what) {
  iteration_record row;
  row.iteration = what.iteration;
  row.candidate = what;
  return measurement_of(d, row);
}

/// One run screens; what is better is measured at length, and min_delta asked of its pairs.
void screen(session_self self, const candidate& what) {
  const auto& d = self->state.document;
  auto job = job_of(d, what);
  job.single_run = deciding_pairs(d.settings, d.state.noise) > 1;
  send_out(self, std::move(job), {what, {}, {}});
}

void confirm(session_self self, run_arrived first, bool looks_at_best) {
  auto& d = self->state.document;
  if (first.incumbent == d.state.head) remember_incumbent(d, first.result);
  auto job = job_of(d, first.what);
  job.home_only = true;
  job.checked = true;
  send_out(self, std::move(job),
           {std::move(first.what), {}, {}, true, first.result.duration_s, looks_at_best});
}

/// It was better than a best that is none any more: its change on top of the best of now; of the
/// same lines its own, if it is better than that one, too.
void rebase(session_self self, run_arrived first) {
  auto& d = self->state.document;
  const int iteration = first.what.iteration;
  self->state.beside.at_work[iteration] = {first.what, {}, {}, true, first.result.duration_s};
  const bool wins = gain_over(d, first.result, d.state.best_metric) > 0;
  const rebase_tree ask{d.session_id, first.what.tree, first.what.parent, d.state.head, wins};
  ask_within<tree_rebased>(
      self, self->state.roles.keeper, git_timeout, ask,
      [self, iteration, first, onto = d.state.head](tree_rebased& made) mutable {
        auto& s = self->state;
        if (s.cancel_asked || s.beside.stopping)
          return fail_to_land(self, iteration, fail(errc::cancelled, "the run was cancelled"));
        if (!made.refused.empty()) {
          first.result.improved = false;
          first.result.reason = "it was better than the best of its time, but " + made.refused;
          first.result.duration_s = 0;  // which land() adds
          return land(self, iteration, std::move(first.result));
        }
        first.what.tree = made.drafted.tree;
        first.what.diff = made.drafted.diff;
        first.what.files_changed = made.drafted.files_changed;
        first.what.parent = onto;
        auto job = job_of(s.document, first.what);
        job.home_only = true;
        send_out(self, std::move(job), {first.what, {}, {}, true, first.result.duration_s});
      },
      lost(self, iteration));
}

/// What one run says of a candidate: is it worth the pairs that decide?
void look_at_screening(side_by_side& b, const session_document& d, run_arrived& run) {
  const auto& s = d.state;
  if (b.screened_for != s.head) b.screened.begin_again();
  b.screened_for = s.head;
  run.screened = true;
  const double unit = std::abs(s.best_metric.value_or(0));
  const double spread =
      current_spread(s.noise, s.best_values).value_or(std::numeric_limits<double>::infinity());
  const bool worth = b.screened.is_worth_pairs(
      gain_over(d, run.result, s.best_metric), gain_over(d, run.result, run.best),
      unit > 0 ? spread / unit : spread, static_cast<std::size_t>(d.settings->num_variants));
  if (worth || !run.result.improved) return;
  auto& r = run.result;
  r.improved = false;
  r.reason = "better than the best";
  if (const auto than = r.incumbent_metric ? r.incumbent_metric : run.best)
    r.reason += " by " + amount(std::abs(*r.metric_value - *than), s.metric_unit) + " (" +
                shortest(*r.metric_value) + " against " + shortest(*than) + ")";
  r.reason +=
      " in one run" +
      (std::isfinite(spread) ? ", within the spread of one, " + amount(spread, s.metric_unit)
                             : std::string()) +
      ", and less so than another of the last " + std::to_string(d.settings->num_variants);
}

/// Those that look better and have to be looked at once more go out again.
void look_again_at(session_self self) {
  auto& b = self->state.beside;
  const auto& d = self->state.document;
  const int pairs = deciding_pairs(d.settings, d.state.noise);
  std::vector<std::pair<double, int>> order;
  for (const auto& [iteration, run] : b.arrived)
    order.emplace_back(-gain_over(d, run.result, d.state.best_metric), iteration);
  std::sort(order.begin(), order.end());
  for (const auto& [gain, iteration] : order) {
    auto& run = b.arrived.at(iteration);
    if (run.result.error) continue;
    if (pairs > 1 && !run.confirmed && !run.screened) look_at_screening(b, d, run);
    if (!run.result.improved) continue;
    const bool stale = run.what.parent != d.state.head;
    const bool unsure =
        !run.confirmed && needs_confirmation(run.result, pairs, d.state.home_class, true);
    if (!stale && !unsure) continue;
    auto again = std::move(b.arrived.extract(iteration).mapped());
    stale ? rebase(self, std::move(again)) : confirm(self, std::move(again), false);
  }
}

struct taken_runs {
  std::vector<measured_candidate> measured;
  std::size_t winner = 0;
};

/// Of those that have arrived: all that are not better, and the best of the others. What is better
/// and not the best stays for the next step, which looks at it on top of that one; but a round that
/// was waited for ends with its winner.
taken_runs choose(const session_state& s, bool whole_round) {
  const auto& d = s.document;
  std::vector<run_result> results;
  for (const auto& [iteration, run] : s.beside.arrived) results.push_back(run.result);
  const auto best = tournament_winner(results, d.settings->metric_direction, d.state.best_metric,
                                      d.state.home_class);
  taken_runs taken;
  std::size_t i = 0;
  for (const auto& [iteration, run] : s.beside.arrived) {
    const bool wins = i++ == best;
    if (wins) taken.winner = taken.measured.size();
    if (wins || whole_round || !run.is_better())
      taken.measured.push_back({run.what, run.result, run.incumbent, run.best});
  }
  return taken;
}

/// Who lost to an old record may have lost to a faster machine: the nearest is looked at once more,
/// beside the best.
bool looks_at_the_best(session_self self, const taken_runs& taken) {
  auto& b = self->state.beside;
  const auto& d = self->state.document;
  const auto& nearest = taken.measured[taken.winner];
  const bool looked_at = std::any_of(b.at_work.begin(), b.at_work.end(),
                                     [](const auto& run) { return run.second.looks_at_best; }) ||
                         std::any_of(b.arrived.begin(), b.arrived.end(),
                                     [](const auto& run) { return run.second.confirmed; });
  if (nearest.result.improved || nearest.result.error || looked_at ||
      deciding_pairs(d.settings, d.state.noise) == 1 ||
      !best_is_due(d.settings, d.state.noise, d.state.best_values, nearest.what.iteration))
    return false;
  confirm(self, std::move(b.arrived.extract(nearest.what.iteration).mapped()), true);
  return true;
}

/// The recorder takes them one after the other; nobody has to ask for the next.
void finish(const run_turn& t, const std::shared_ptr<taken_runs>& taken) {
  auto recorded = [t, taken, left = std::make_shared<std::size_t>(taken->measured.size())] {
    if (--*left > 0) return;
    t->finish(finish_run_round(t->document(), taken->measured, taken->winner, t->effects, t->now()),
              durability::process);
  };
  for (const auto& one : taken->measured) record_run(t, one.what, one.result, recorded);
}

void look(const run_turn& t, bool wait_for_all) {
  auto self = t->self();
  auto& b = t->state().beside;
  auto give_up = [&](const failure& why) {
    b.changed = nullptr;
    b.failed.clear();
    t->undo(why);
  };
  if (t->state().cancel_asked) {
    if (b.at_work.empty()) give_up(fail(errc::cancelled, "the run was cancelled"));
    return;
  }
  const bool screening = std::any_of(b.at_work.begin(), b.at_work.end(),
                                     [](const auto& run) { return !run.second.confirms; });
  if (wait_for_all && screening) return;
  look_again_at(self);
  if (!b.at_work.empty() && (wait_for_all || b.arrived.empty())) return;
  if (b.arrived.empty()) {
    const auto why = b.failed.begin()->second;
    return give_up(why);
  }
  auto taken = std::make_shared<taken_runs>(choose(t->state(), wait_for_all));
  if (looks_at_the_best(self, *taken)) return look(t, wait_for_all);
  b.changed = nullptr;
  for (const auto& one : taken->measured) b.arrived.erase(one.what.iteration);
  finish(t, taken);
}

}  // namespace

void run_side_by_side(const run_turn& t, bool wait_for_all) {
  auto self = t->self();
  auto& b = t->state().beside;
  const auto& d = t->document();
  const auto gone = [&](const auto& run) { return !is_beside(d, run.first); };
  std::erase_if(b.arrived, gone);
  std::erase_if(b.failed, gone);
  const auto begin_runs = [&] {
    for (const auto& row : d.round)
      if (!b.knows(row.iteration)) screen(self, row.candidate);
  };
  if (!t->state().cancel_asked) {
    begin_runs();
    // What the laboratory could not make is made again once there is nothing else to wait for.
    if (b.at_work.empty() && b.arrived.empty()) {
      b.failed.clear();
      begin_runs();
    }
  }
  b.changed = [t, wait_for_all] { look(t, wait_for_all); };
  look(t, wait_for_all);
}

void stop_side_by_side(session_self self, std::function<void()> then) {
  auto& s = self->state;
  s.beside.arrived.clear();
  s.beside.failed.clear();
  if (s.beside.at_work.empty()) return then();
  s.beside.stopping = true;
  self->send(s.roles.runner, stop_job{s.session_id});
  s.beside.changed = [self, then = std::move(then)] {
    auto& b = self->state.beside;
    if (!b.at_work.empty()) return;
    const auto go = then;
    b.changed = nullptr;
    b.stopping = false;
    go();
  };
}

void give_up_idle_lease(session_self self) {
  auto& s = self->state;
  if (!s.lease_kept || s.at_work || !s.beside.at_work.empty()) return;
  s.lease_kept = false;
  self->send(s.roles.journal, close_step{s.session_id});
}

}  // namespace ratchet
