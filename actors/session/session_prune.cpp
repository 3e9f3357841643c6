// SPDX-License-Identifier: MIT
//
// Passengers leave: the winning change is taken apart, each part is taken back in turn and what is
// left measured in pairs against the best. What is no worse without them goes as one last commit.
#include <algorithm>
#include <cmath>
#include <set>

#include "actors/logic/ablation.hpp"
#include "actors/logic/final_comparison.hpp"
#include "actors/logic/noise.hpp"
#include "actors/logic/recipe_steps.hpp"
#include "actors/logic/text.hpp"
#include "actors/session/session_turn.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

struct pruning {
  std::shared_ptr<turn<session_pruned>> t;
  std::map<std::string, std::string> best;  ///< the targets
  std::optional<ablation> change;
  std::set<std::size_t> gone;
  std::size_t part = 0;  ///< the one at work
  double until_ms = 0;
  session_pruned answer;

  session_document& document() const { return t->document(); }
  bool has_time() const { return static_cast<double>(t->now()) <= until_ms; }
  bool deterministic() const { return document().state.noise.deterministic(); }
};

using pruning_ptr = std::shared_ptr<pruning>;

/// No change was made: the work tree is at the best, and the session is told why.
void end_without(const pruning_ptr& p, const std::string& why) {
  auto& d = p->document();
  p->t->ask(p->t->state().roles.keeper, restore_workspace{d.session_id, d.state.head}, git_timeout,
            [p, why](const done&) {
              auto& doc = p->document();
              abandon_step(doc);
              if (p->answer.why_not.empty()) p->answer.why_not = why;
              p->answer.best_metric = doc.state.best_metric;
              p->t->finish(p->answer);
            });
}

/// What the pairs say of the best without something.
part_brings verdict_of(const session_document& d, const comparison& c, int pairs) {
  if (!c.error.empty() || !c.baseline_median || !c.best_median) return part_brings::something;
  const double sign = d.settings->metric_direction == metric_direction::higher_is_better ? 1 : -1;
  const double by_values = sign * (*c.best_median - *c.baseline_median);
  const double gain =
      c.gain_percent ? *c.gain_percent / 100 * std::abs(*c.baseline_median) : by_values;
  const auto spread = current_spread(d.state.noise, d.state.best_values);
  return verdict_without(gain, spread.value_or(0), pairs);
}

/// The best against a tree, in that many pairs; one is enough for a metric that never differs.
void measure(const pruning_ptr& p, const std::string& tree, int pairs,
             std::function<void(const comparison&)> go) {
  const auto& d = p->document();
  compare_commits job{d.session_id,       d.settings, d.state.directory,
                      d.state.head,       tree,       p->deterministic() ? 1 : pairs,
                      d.state.base_commit};
  p->t->ask_or(p->t->state().roles.runner, std::move(job), longest_step, std::move(go),
               [p](const failure& why) {
                 end_without(p, why.code == errc::cancelled ? "it was cancelled" : why.text);
               });
}

void draft(const pruning_ptr& p, const std::set<std::size_t>& gone,
           std::function<void(const tree_drafted&)> go) {
  const auto& d = p->document();
  p->t->ask_or(p->t->state().roles.keeper,
               draft_tree{d.session_id, d.state.head, p->change->without(gone)}, git_timeout,
               std::move(go), [p](const failure& why) { end_without(p, why.text); });
}

/// What the gates look at: the guards and the output of one more run, and the metric of the pairs.
void keep(const pruning_ptr& p, const tree_drafted& without, const comparison& measured) {
  iteration_record row;
  row.iteration = p->document().state.iteration + 1;
  row.candidate.tree = without.tree;
  auto job = measurement_of(p->document(), row);
  job.single_run = true;
  p->t->ask_or(
      p->t->state().roles.runner, std::move(job), longest_step,
      [p, without, measured](const run_result& one) {
        if (one.error || !one.metric_value)
          return end_without(p, one.error.value_or("it printed no metric"));
        auto& t = *p->t;
        auto& d = t.document();
        run_result result = one;
        result.reason.clear();
        if (!p->deterministic()) result.metric_value = measured.best_median;
        std::vector<file_change> changes;
        for (const auto& [path, bytes] : p->change->without(p->gone))
          changes.push_back({path, bytes, {}});
        for (auto part : p->gone) p->answer.taken_back.push_back(p->change->in_words(part));
        take_pruned(d, without, recipe_changes(p->best, changes), p->answer.taken_back, result,
                    t.effects, t.now());
        t.mark([p] {
          judge_and_keep(p->t, [p](const decide_answer& verdict) {
            auto& a = p->answer;
            a.iteration = verdict.iteration;
            a.commit = verdict.commit;
            a.best_metric = verdict.best_metric;
            if (verdict.decision != "kept") {
              a.taken_back.clear();
              a.why_not = verdict.decision + ": " + verdict.reason;
            }
            p->t->finish(a);
          });
        });
      },
      [p](const failure& why) {
        end_without(p, why.code == errc::cancelled ? "it was cancelled" : why.text);
      });
}

/// All that go, measured once more, and long enough.
void take_together(const pruning_ptr& p) {
  if (p->gone.empty()) return end_without(p, "every part brings something");
  draft(p, p->gone, [p](const tree_drafted& without) {
    measure(p, without.tree, pairs_of_all, [p, without](const comparison& c) {
      if (verdict_of(p->document(), c, pairs_of_all) == part_brings::nothing)
        return keep(p, without, c);
      end_without(p, c.error.empty() ? "measured once more, it was worse without them" : c.error);
    });
  });
}

void next_part(const pruning_ptr& p);

void look_at_part(const pruning_ptr& p, const std::string& tree, int pairs) {
  measure(p, tree, pairs, [p, tree, pairs](const comparison& c) {
    const auto brings = verdict_of(p->document(), c, pairs);
    if (brings == part_brings::unsure && p->has_time()) return look_at_part(p, tree, pairs_of_all);
    ++p->answer.measured;
    if (brings == part_brings::nothing) p->gone.insert(p->part);
    ++p->part;
    next_part(p);
  });
}

void next_part(const pruning_ptr& p) {
  if (p->part == p->change->parts()) return take_together(p);
  if (!p->has_time()) {
    p->answer.why_not = "there was time for " + std::to_string(p->answer.measured) + " of " +
                        std::to_string(p->answer.parts) + " parts";
    return take_together(p);
  }
  auto without = p->gone;
  without.insert(p->part);
  // Without any of it, it would be the baseline again.
  if (without.size() == p->change->parts()) return take_together(p);
  draft(p, without,
        [p](const tree_drafted& drafted) { look_at_part(p, drafted.tree, pairs_of_a_part); });
}

/// How the best differs from the base, in parts.
void take_apart(const pruning_ptr& p) {
  const auto& d = p->document();
  auto otherwise = [p](const failure& why) { end_without(p, why.text); };
  p->t->ask_or(
      p->t->state().roles.keeper, read_targets{d.session_id}, git_timeout,
      [p, otherwise](const targets_read& read) {
        p->best = read.files;
        const auto& doc = p->document();
        p->t->ask_or(
            p->t->state().roles.keeper, draft_tree{doc.session_id, doc.state.base_commit, p->best},
            git_timeout,
            [p](const tree_drafted& whole) {
              auto change = ablation::of(whole.diff, p->best);
              if (!change) return end_without(p, change.error().text);
              p->change = std::move(*change);
              p->answer.parts = static_cast<int>(p->change->parts());
              if (p->change->parts() < 2) return end_without(p, "the winning change is one part");
              next_part(p);
            },
            otherwise);
      },
      otherwise);
}

}  // namespace

caf::result<session_pruned> take_prune(session_self self, const prune_session& m) {
  auto t = turn<session_pruned>::begin(self);
  t->open([t, time_s = m.time_s] {
    auto p = std::make_shared<pruning>();
    p->t = t;
    auto& d = t->document();
    auto nothing = begin_prune(d, t->now());
    if (!nothing) return t->refuse(nothing.error());
    if (!nothing->empty()) {
      p->answer.why_not = *nothing;
      p->answer.best_metric = d.state.best_metric;
      t->promise().deliver(p->answer);
      return t->close_quietly();
    }
    const double elapsed = progress_of(d, t->now()).elapsed_s;
    const double allowed_s = time_s > 0 ? time_s : time_at_the_end(d.settings, elapsed);
    p->until_ms = static_cast<double>(t->now()) + allowed_s * 1000;
    // The last measurements are made in any case: they have to fit in, too.
    const int pairs = p->deterministic() ? 2 : pairs_of_all + 1;
    p->until_ms -= 2000 * d.state.run_s * pairs;
    t->mark([p] {
      auto& doc = p->document();
      if (!p->has_time()) return end_without(p, "there is no time for it");
      p->t->ask(p->t->state().roles.keeper, restore_workspace{doc.session_id, doc.state.head},
                git_timeout, [p](const done&) { take_apart(p); });
    });
  });
  return t->promise();
}

}  // namespace ratchet
