// SPDX-License-Identifier: MIT
#include "actors/logic/session_step_rules.hpp"
#include "actors/logic/session_wishes.hpp"
#include "actors/logic/text.hpp"
#include "actors/session/session_turn.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using edit_turn = std::shared_ptr<turn<edit_answer>>;

expected<> check_author(const session_document& d, const given_edit& edit) {
  if (edit.given() || d.settings->edit_backend.name != "host") return {};
  return fail(errc::invalid_argument,
              "edits: this session's edit_backend is \"host\", so the caller writes the edit; give "
              "edits, diff or content",
              {{"field", "edits"}});
}

/// A call of a model that was cancelled, or whose worker could not apply what came, is paid for.
void undo_paid(const edit_turn& t, const failure& why, const std::optional<edit_usage>& usage) {
  if (usage) charge_usage(t->document(), *usage);
  t->undo(why);
}

/// Several candidates side by side; each is an iteration of its own.
void propose_round(const edit_turn& t, propose_variants ask) {
  t->ask(t->state().roles.generator, std::move(ask), longest_step,
         [t](const variants_outcome& outcome) {
           if (outcome.failed) return undo_paid(t, *outcome.failed, outcome.usage);
           t->finish(finish_edit_round(t->document(), outcome, t->effects, t->now()),
                     durability::process);
         });
}

/// Instructions that come with the call itself.
void steer_by_caller(const edit_turn& t, const std::string& instructions) {
  auto& d = t->document();
  if (instructions == d.state.instructions) return;
  take_instructions(d, instructions, rfc3339(t->now()));
  session_steered told;
  told.instructions = instructions;
  tell(d, t->effects, std::move(told), t->now());
}

}  // namespace

caf::result<edit_answer> take_edit(session_self self, const edit_candidate& m) {
  auto t = turn<edit_answer>::begin(self);
  t->open([t, edit = m.edit, instructions = m.instructions] {
    auto& d = t->document();
    if (instructions) steer_by_caller(t, *instructions);
    auto begun = begin_edit(d, t->effects, t->now());
    if (!begun) return t->refuse(begun.error());
    if (*begun) {  // the budget is spent, or others are waited for
      if (d.round.empty()) stop_side_by_side(t->self(), [] {});
      return t->finish(**begun);
    }
    if (auto ok = check_author(d, edit); !ok) return t->refuse(ok.error());
    t->mark([t, edit] {
      auto& doc = t->document();
      auto& s = doc.state;
      propose_edit ask{doc.session_id,  doc.settings,      s.iteration + 1, s.baseline_metric,
                       s.best_metric,   s.best_iteration,  s.head,          edit,
                       s.backend_state, s.usage,           s.instructions,  s.lessons,
                       s.since_keep,    s.unapplied_reason};
      if (is_parallel(doc) && !edit.given())
        return propose_round(t, {std::move(ask), free_places(doc)});
      t->ask(t->state().roles.generator, std::move(ask), longest_step,
             [t](const edit_outcome& outcome) {
               if (outcome.failed) return undo_paid(t, *outcome.failed, outcome.usage);
               auto finish = [t, outcome] {
                 // One sync an iteration is enough, and decide makes it.
                 t->finish(finish_edit(t->document(), outcome, t->effects, t->now()),
                           durability::process);
               };
               bool sample = !outcome.applied && outcome.exhausted.empty() && outcome.usage;
               if (!sample) return finish();
               record_failed_edit(t, *outcome.usage, finish);
             });
    });
  });
  return t->promise();
}

}  // namespace ratchet
