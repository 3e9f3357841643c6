// SPDX-License-Identifier: MIT
#include "actors/session_turn.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

void record(const std::shared_ptr<turn_base>& t, benchmark_row row, std::function<void()> then) {
  const auto& d = t->document();
  row.user_id = d.settings.goal_id.empty() ? d.session_id : d.settings.goal_id;
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

void record_run(const std::shared_ptr<turn_base>& t, const run_result& result,
                std::function<void()> then) {
  benchmark_row row;
  const auto& c = t->document().current.candidate;
  row.tool_name = c.backend.empty() ? "baseline" : c.backend;
  row.model_name = c.usage ? c.usage->model : "";
  row.completion_time_s = result.duration_s;
  row.success = !result.error && result.metric_value;
  record(t, std::move(row), std::move(then));
}

void record_failed_edit(const std::shared_ptr<turn_base>& t, const edit_usage& usage,
                        std::function<void()> then) {
  if (usage.model.empty()) return then();
  benchmark_row row;
  const auto& d = t->document();
  row.tool_name = d.settings.edit_backend.name;
  row.model_name = usage.model;
  auto took_ms = std::max<std::int64_t>(0, t->now() - d.state.step_started_ms);
  row.completion_time_s = static_cast<double>(took_ms) / 1000;
  record(t, std::move(row), std::move(then));
}

caf::result<run_answer> take_run(session_self self) {
  auto t = turn<run_answer>::begin(self);
  t->open([t] {
    if (auto ok = begin_run(t->document(), t->now()); !ok) return t->refuse(ok.error());
    t->mark([t] {
      auto& d = t->document();
      run_experiment measure{d.session_id,
                             d.settings,
                             d.state.iteration,
                             d.state.directory,
                             d.current.candidate.tree,
                             d.state.head,
                             d.state.best_metric};
      t->ask(t->state().roles.runner, std::move(measure), longest_step,
             [t](const run_result& result) {
               record_run(t, result, [t, result] {
                 t->finish(finish_run(t->document(), result, t->effects, t->now()),
                           durability::process);
               });
             });
    });
  });
  return t->promise();
}

caf::result<comparison> take_compare(session_self self, int pairs) {
  auto t = turn<comparison>::begin(self);
  t->open([t, pairs] {
    auto& d = t->document();
    if (d.state.next != session_step::edit)
      return t->refuse(fail(errc::wrong_step,
                            "the best code can be compared only between iterations; decide or "
                            "finalize first",
                            {{"expected", name_of(d.state.next)}}));
    compare_commits measure{d.session_id,        d.settings,   d.state.directory,
                            d.state.base_commit, d.state.head, pairs};
    auto restore = [t](std::function<void()> then) {
      t->ask_or(
          t->state().roles.keeper,
          restore_workspace{t->document().session_id, t->document().state.head}, git_timeout,
          [then](const done&) { then(); }, [t](const failure& why) { t->refuse(why); });
    };
    t->ask_or(
        t->state().roles.runner, std::move(measure), longest_step,
        [t, restore](const comparison& c) {
          t->document().state.comparison = c;
          restore([t, c] { t->finish(c); });
        },
        [t, restore](const failure& why) { restore([t, why] { t->refuse(why); }); });
  });
  return t->promise();
}

}  // namespace ratchet
