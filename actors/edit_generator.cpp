// SPDX-License-Identifier: MIT
#include "actors/edit_generator.hpp"

#include <spdlog/spdlog.h>

#include <future>
#include <mutex>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/history_line.hpp"
#include "actors/logic/recipe_steps.hpp"
#include "actors/logic/target_set.hpp"
#include "actors/logic/text.hpp"
#include "actors/logic/usage.hpp"
#include "actors/work/edit_knowledge.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using edit_worker_self = edit_worker_actor::stateful_pointer<edit_worker_state>;

expected<std::shared_ptr<editor_port>> editor_for(edit_worker_self self, const world& w,
                                                  const edit_backend_choice& choice) {
  auto& known = self->state.editors[to_text(json(choice))];
  if (known) return known;
  auto made = w.make_editor(choice);
  if (made) known = *made;
  return made;
}

/// What the proposals of a round have in common.
struct round_of_edits {
  std::mutex mutex;
  std::set<std::string> trees;          ///< of the candidates so far, which are in no store yet
  std::optional<edit_context> context;  ///< made by the first that needs it
};

expected<edit_context> context_of(const world& w, const propose_edit& m, const file_contents& files,
                                  round_of_edits& round, const editor_port& editor) {
  auto c = knowledge_for(w, m, files, editor.asks_others() || editor.edits_in_place());
  if (!c) return c;
  c->tried_as = [&w, &m, &round](const std::vector<file_change>& changes) -> std::string {
    auto tree = w.workspaces->tree_with(m.session_id, m.head, changes);
    if (!tree) return "";  // apply() will say what is wrong with it
    {
      std::lock_guard lock(round.mutex);
      if (round.trees.count(*tree) > 0) return "another one of this round";
    }
    auto row = w.sessions->tried_as(m.session_id, *tree);
    return row && *row ? "iteration " + history_line(**row, m.settings->metric_name) : "";
  };
  return c;
}

expected<proposal> author(edit_worker_self self, const world& w, const propose_edit& m,
                          const file_contents& files, round_of_edits& round, std::stop_token stop) {
  if (m.given.given()) {
    auto changes = apply_given(m.given, files, target_names(m.settings->target_files, files));
    if (!changes) return changes.error();
    proposal p;
    p.hypothesis = m.given.hypothesis;
    p.changes = std::move(*changes);
    return p;
  }
  auto editor = editor_for(self, w, m.settings->edit_backend);
  if (!editor) return editor.error();
  if (!round.context) {
    auto made = context_of(w, m, files, round, **editor);
    if (!made) return made.error();
    round.context = std::move(*made);
  }
  bring_up_to_date(*round.context, m);
  spdlog::debug("session {}: {} is asked for iteration {}", m.session_id,
                m.settings->edit_backend.name, m.iteration);
  if ((*editor)->edits_in_place())
    if (auto begun = w.workspaces->begin_run(m.session_id); !begun) return begun.error();
  auto proposed = (*editor)->propose(*round.context, stop);
  if (proposed && proposed->hypothesis.empty()) proposed->hypothesis = m.given.hypothesis;
  return proposed;
}

/// What really changed, told by the files themselves and not by whoever changed them.
json changes_between(const file_contents& before, const file_contents& after) {
  std::vector<file_change> changes;
  for (const auto& [path, bytes] : after)
    if (auto it = before.find(path); it == before.end() || it->second != bytes)
      changes.push_back({path, bytes, {}});
  for (const auto& [path, bytes] : before)
    if (!after.contains(path)) changes.push_back({path, {}, {}});
  return recipe_changes(before, changes);
}

struct taken_edit {
  applied_edit edit;
  json steps;  ///< that repeat it: actors/logic/recipe_steps.hpp
};

/// Of a round (`drafted`) in the object database alone; the work tree is as before.
expected<taken_edit> apply(const world& w, const propose_edit& m, const proposal& p,
                           const file_contents& before, bool drafted) {
  auto edit = drafted ? w.workspaces->draft(m.session_id, m.head, p.changes)
                      : w.workspaces->apply(m.session_id, m.head, p.changes);
  if (!edit) return edit.error();
  return taken_edit{std::move(*edit), recipe_changes(before, p.changes)};
}

/// What a program did in the work tree; of a round that goes back to the best code then.
expected<taken_edit> adopt(const world& w, const propose_edit& m, const file_contents& before,
                           bool drafted) {
  auto edit = w.workspaces->adopt(m.session_id, m.head);
  if (!edit) return edit.error();
  auto after = w.workspaces->targets(m.session_id);
  if (!after) return after.error();
  if (drafted)
    if (auto ok = w.workspaces->restore(m.session_id, m.head); !ok) return ok.error();
  return taken_edit{std::move(*edit), changes_between(before, *after)};
}

/// Why a tree is not worth a run: it has had one, or is at it beside others. (Not so what a gate
/// refused, perhaps for the words of its hypothesis, or what could not be committed.)
expected<std::string> had_its_run(const world& w, const propose_edit& m, const std::string& tree) {
  auto row = w.sessions->tried_as(m.session_id, tree);
  if (!row) return row.error();
  if (*row && (*row)->decision.empty() && m.settings->hive_parallel)
    return "the edit gives exactly the code of iteration " + std::to_string((*row)->iteration) +
           ", which is being measured; propose another change";
  if (!*row || !(*row)->result) return "";
  if ((*row)->decision == "rejected_by_gate" || (*row)->decision == "commit_failed") return "";
  return "the edit gives exactly the code that was measured already (iteration " +
         history_line(**row, m.settings->metric_name) + "); propose another change";
}

/// What became of a proposal. In a parallel round (`drafted`) the work tree is as before when this
/// returns.
edit_outcome take(const world& w, const propose_edit& m, const file_contents& before,
                  const expected<proposal>& proposed, round_of_edits& round, bool drafted) {
  edit_outcome outcome;
  if (proposed) outcome.usage = proposed->usage;  // paid for, whatever comes of it
  auto failed = [&](const failure& why) {
    outcome.failed = why;
    return outcome;
  };
  auto refused = [&](const failure& why) {
    if (why.code != errc::edit_refused) return failed(why);
    outcome.reason = why.text;
    outcome.permanent = !m.given.given() && why.permanent;
    return outcome;
  };
  const bool nothing =
      !proposed || proposed->failed || !proposed->refused.empty() || !proposed->exhausted.empty();
  if (nothing && !m.given.given()) {
    // A backend that edits in place may have left something behind.
    if (auto clean = w.workspaces->restore(m.session_id, m.head); !clean)
      return failed(clean.error());
  }
  if (!proposed) return refused(proposed.error());
  if (proposed->failed) return failed(*proposed->failed);
  outcome.backend_state = proposed->state;
  outcome.lesson = proposed->lesson;
  outcome.arm = proposed->arm;
  outcome.reason = proposed->refused;
  outcome.permanent = proposed->permanent && !proposed->refused.empty();
  outcome.exhausted = proposed->exhausted;
  if (nothing) return outcome;
  auto taken = proposed->changed_in_place ? adopt(w, m, before, drafted)
                                          : apply(w, m, *proposed, before, drafted);
  if (!taken) return refused(taken.error());
  if (auto known = had_its_run(w, m, taken->edit.tree); !known || !known->empty()) {
    if (!drafted)
      if (auto clean = w.workspaces->restore(m.session_id, m.head); !clean)
        return failed(clean.error());
    return known ? refused(fail(errc::edit_refused, *known)) : failed(known.error());
  }
  if (std::lock_guard lock(round.mutex); !round.trees.insert(taken->edit.tree).second)
    return refused(fail(errc::edit_refused, "the same edit as another one of this round"));
  candidate c;
  c.iteration = m.iteration;
  c.hypothesis = one_line(proposed->hypothesis);
  if (c.hypothesis.empty()) c.hypothesis = "no hypothesis given";
  c.files_changed = taken->edit.files_changed;
  c.tree = taken->edit.tree;
  c.parent = m.head;
  c.diff = valid_utf8(taken->edit.diff);
  c.backend = m.given.given() ? "host" : m.settings->edit_backend.name;
  c.changes = std::move(taken->steps);
  outcome.applied = std::move(c);
  return outcome;
}

/// The targets as the best code so far has them; the work tree holds just that.
expected<file_contents> begin(edit_worker_self self, const world& w, const propose_edit& m) {
  bool in_place = m.settings->workspace == workspace_kind::in_place;
  if (auto ok = targets_untouched(w, m.session_id, m.settings, m.head, ""); !ok) return ok.error();
  if (!in_place && self->state.seen.insert(m.session_id).second)
    if (auto ok = w.workspaces->restore(m.session_id, m.head); !ok) return ok.error();
  return w.workspaces->targets(m.session_id);
}

/// Not the session's own key: a stop that comes late to a run must not find the edit after it.
std::string stop_key(const std::string& session_id) { return "edit of " + session_id; }

expected<edit_outcome> generate(edit_worker_self self, const world& w, const propose_edit& m) {
  cancellable job(*w.stops, stop_key(m.session_id));
  auto before = begin(self, w, m);
  if (!before) return before.error();
  round_of_edits alone;
  return take(w, m, *before, author(self, w, m, *before, alone, job.token()), alone, false);
}

/// The outcomes of a round; one that failed ends it, and then all are paid for and none counts.
class round_outcome {
 public:
  void add(edit_outcome one) {
    if (one.usage) usage_ = usage_ ? joined(*usage_, *one.usage) : *one.usage;
    if (one.failed && !whole_.failed) whole_.failed = std::move(one.failed);
    whole_.outcomes.push_back(std::move(one));
  }
  variants_outcome whole() && {
    if (!whole_.failed) return std::move(whole_);
    whole_.outcomes.clear();
    whole_.usage = std::move(usage_);
    return std::move(whole_);
  }

 private:
  variants_outcome whole_;
  std::optional<edit_usage> usage_;
};

/// Each knows of those before it, by the state of the backend and the trees.
variants_outcome propose_in_turn(edit_worker_self self, const world& w, const propose_variants& m,
                                 const file_contents& before, const std::stop_token& stop) {
  round_outcome outcome;
  round_of_edits round;
  propose_edit ask = m.ask;
  for (int i = 0; i < m.count; ++i) {
    auto one = take(w, ask, before, author(self, w, ask, before, round, stop), round, true);
    if (one.usage) add_usage(ask.spent, *one.usage);
    if (!one.backend_state.is_null()) ask.backend_state = one.backend_state;
    ++ask.iteration;
    // A backend that fails at its first will fail at the others; the next edit asks it again.
    const bool over = one.failed || !one.exhausted.empty() || (round.trees.empty() && !one.applied);
    outcome.add(std::move(one));
    if (over) break;
  }
  return std::move(outcome).whole();
}

/// All are asked at once, a thread each: the round takes as long as the slowest answer.
expected<variants_outcome> propose_together(editor_port& editor, const world& w,
                                            const propose_variants& m, const file_contents& before,
                                            const std::stop_token& stop) {
  round_of_edits round;
  auto common = context_of(w, m.ask, before, round, editor);
  if (!common) return common.error();
  std::vector<propose_edit> asks(static_cast<std::size_t>(m.count), m.ask);
  std::vector<std::future<expected<proposal>>> coming;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    asks[i].iteration += static_cast<int>(i);
    auto context = *common;
    bring_up_to_date(context, asks[i]);
    context.variant = static_cast<int>(i) + 1;
    context.variants = m.count;
    coming.push_back(std::async(std::launch::async, [&editor, stop, c = std::move(context)] {
      return editor.propose(c, stop);
    }));
  }
  std::vector<expected<proposal>> proposed;
  for (auto& one : coming) proposed.push_back(one.get());
  round_outcome outcome;
  for (std::size_t i = 0; i < asks.size(); ++i)
    outcome.add(take(w, asks[i], before, proposed[i], round, true));
  return std::move(outcome).whole();
}

expected<variants_outcome> generate_round(edit_worker_self self, const world& w,
                                          const propose_variants& m) {
  cancellable job(*w.stops, stop_key(m.ask.session_id));
  auto before = begin(self, w, m.ask);
  if (!before) return before.error();
  auto editor = editor_for(self, w, m.ask.settings->edit_backend);
  if (!editor) return editor.error();
  // A budget is kept by asking only once it is known what the last answer cost.
  const auto& s = *m.ask.settings;
  if ((*editor)->asks_others() && !s.max_tokens && !s.max_cost_usd)
    return propose_together(**editor, w, m, *before, job.token());
  return propose_in_turn(self, w, m, *before, job.token());
}

}  // namespace

edit_generator_actor::behavior_type edit_generator(edit_generator_state::front self, world w,
                                                   std::size_t workers) {
  return edit_generator_with(self, w, workers,
                             [self, w] { return self->spawn<caf::detached>(edit_worker, w); });
}

edit_generator_actor::behavior_type edit_generator_with(
    edit_generator_state::front self, world w, std::size_t workers,
    std::function<edit_worker_actor()> spawn_worker) {
  auto& pool = self->state.pool;
  pool = std::make_unique<worker_pool<edit_generator_state::front, edit_worker_actor>>(
      self, "edit worker", workers, std::move(spawn_worker));
  return {
      [&pool, w](const propose_edit& m) {
        w.stops->expect(stop_key(m.session_id));
        return pool->submit<edit_outcome>(m.session_id, m, longest_step);
      },
      [&pool, w](const propose_variants& m) {
        w.stops->expect(stop_key(m.ask.session_id));
        return pool->submit<variants_outcome>(m.ask.session_id, m, longest_step);
      },
      [&pool, w](const stop_job& m) {
        pool->forget(m.session_id);
        w.stops->cancel(stop_key(m.session_id));
      },
  };
}

edit_worker_actor::behavior_type edit_worker(edit_worker_self self, world w) {
  return {
      [self, w](const propose_edit& m) { return as_result(generate(self, w, m)); },
      [self, w](const propose_variants& m) { return as_result(generate_round(self, w, m)); },
  };
}

}  // namespace ratchet
