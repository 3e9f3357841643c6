// SPDX-License-Identifier: MIT
#include "actors/session/session_turn.hpp"

#include <spdlog/spdlog.h>

#include <boost/core/demangle.hpp>
#include <utility>

#include "actors/logic/session_invariants.hpp"
#include "actors/logic/session_wishes.hpp"
#include "actors/logic/text.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

failure turn_base::cancelled_before() {
  return fail(errc::cancelled, "cancelled before it was begun");
}

void turn_base::wait(next go) {
  auto& s = state();
  if (s.at_work) return s.waiting_steps.push_back({std::move(go)});
  s.at_work = true;
  go();
}

void turn_base::open(next go) {
  wait([me = shared_from_this(), go = std::move(go)] {
    if (me->state().lease_kept) return me->go_on(go);
    me->take_lease(false,
                   [me, go](const opened_step& opened) { me->take_opened(opened, false, go); });
  });
}

/// The lease is here already, and as a rule the session, too.
void turn_base::go_on(next go) {
  const bool known = state().document_known;
  auto me = shared_from_this();
  ask_or(
      state().roles.journal, open_step{state().session_id, false, false, known}, store_timeout,
      [me, known, go = std::move(go)](const opened_step& opened) {
        me->take_opened(opened, known, go);
      },
      [me](const failure& why) { me->turn_away(why); });
}

void turn_base::take_opened(const opened_step& opened, bool known, const next& go) {
  if (!known) {
    auto read = session_document::read(opened.record, opened.current, opened.round);
    if (!read) return refuse(read.error());
    document() = std::move(*read);
  }
  take_wishes(document(), opened.wishes);
  if (!opened.wishes.empty()) wishes_taken_ = opened.wishes.back().id;
  recover(go);
}

void turn_base::open_fresh(next go) {
  take_lease(true, [go = std::move(go)](const opened_step&) { go(); });
}

void turn_base::take_lease(bool fresh, std::function<void(const opened_step&)> go) {
  ask_or(state().roles.journal, open_step{state().session_id, true, fresh}, store_timeout,
         std::move(go), [me = shared_from_this()](const failure& why) { me->turn_away(why); });
}

void turn_base::recover(next go) {
  std::string note;
  recovery plan = plan_recovery(document(), note);
  if (plan == recovery::nothing) return go();
  spdlog::warn("session {}: {}", state().session_id, note);
  document().state.recovered = note;
  auto me = shared_from_this();
  roll_back(plan, [me, go] {
    // Stored at once: a step that is refused afterwards must not leave the mark behind.
    me->store(durability::process, false, go, [me](const failure& why) { me->close(why); });
  });
}

void turn_base::roll_back(recovery plan, next go) {
  auto me = shared_from_this();
  const auto& id = state().session_id;
  auto& d = document();
  auto close = [me](const failure& why) { me->close(why); };
  auto abandoned = [me, go](const done&) {
    abandon_step(me->document());
    go();
  };
  // The session's end does not wait for its folder: what is left there now belongs to no session,
  // and the next start finds it.
  auto without_removal = [me, close, abandoned](const failure& why) {
    if (why.code != errc::workspace_failed) return close(why);
    spdlog::warn("session {}: its workspace is left for the next start to remove: {}",
                 me->state().session_id, why.text);
    abandoned({});
  };
  auto& keeper = state().roles.keeper;
  switch (plan) {
    case recovery::nothing:
    case recovery::redo:
      return abandoned({});
    case recovery::restore_head:
      return ask_or(keeper, restore_workspace{id, d.state.head}, git_timeout, abandoned, close);
    case recovery::restore_candidate:
      return ask_or(keeper, restore_workspace{id, d.current.candidate.tree}, git_timeout, abandoned,
                    close);
    case recovery::finish_finalize:
      return ask_or(keeper, remove_workspace{id}, git_timeout, abandoned, without_removal);
    case recovery::drop_session:
      fail_setup(d, fail(errc::baseline_failed, "setup was interrupted"), effects, now());
      return ask_or(keeper, remove_workspace{id}, git_timeout, abandoned, without_removal);
    case recovery::finish_keep:
      return ask_or(
          keeper, publish_commit{id, d.state.intent->commit, d.state.intent->parent}, git_timeout,
          [me, go](const done&) {
            auto& doc = me->document();
            std::string note = doc.state.recovered;
            if (!is_pruning(doc.current)) me->kept_recipe = recipe_of(doc, me->now());
            finish_kept(doc, doc.state.intent->commit, me->effects, me->now());
            me->kept_snapshot = snapshot_of(doc, me->now());
            doc.state.recovered = note;
            go();
          },
          close);
  }
}

void turn_base::mark(next go) {
  auto me = shared_from_this();
  spdlog::debug("session {}: at work on {}", state().session_id, name_of(document().state.in_step));
  store(durability::process, false, std::move(go), [me](const failure& why) { me->close(why); });
}

void turn_base::write(next answer, durability safety) {
  auto me = shared_from_this();
  store(
      safety, true,
      [me, answer = std::move(answer)] {
        spdlog::debug("session {}: {} is stored and answered", me->state().session_id,
                      name_of(me->document().state.last_step));
        answer();
        me->end();
      },
      // Nothing durable, so nothing was answered; the mark makes the next step recover.
      [me](const failure& why) { me->close(why); });
}

void turn_base::store(durability safety, bool release, next go,
                      std::function<void(const failure&)> or_else) {
  check(document());
  const bool keeps = release && keeps_lease();
  write_step w;
  w.release = release && !keeps;
  w.what.safety = safety;
  w.what.session = document().record(now());
  w.what.iterations = std::exchange(effects.rows, {});
  if (effects.store_row) w.what.iterations.push_back(document().current);
  w.what.events = std::exchange(effects.events, {});
  w.what.kept_recipe = std::exchange(kept_recipe, {});
  w.what.kept_snapshot = std::exchange(kept_snapshot, {});
  w.what.wishes_taken = std::exchange(wishes_taken_, 0);
  effects.store_row = false;
  state().document_known = false;
  if (release) state().lease_kept = keeps;
  ask_or(
      state().roles.journal, std::move(w), store_timeout,
      [me = shared_from_this(), go = std::move(go)](const done&) {
        me->state().document_known = true;
        go();
      },
      std::move(or_else));
}

/// Who takes the session now would find runs of another process in its work trees.
bool turn_base::keeps_lease() { return !state().beside.at_work.empty(); }

void turn_base::say_asked(const std::type_info& request) {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  spdlog::debug("session {}: asks {}", state().session_id, boost::core::demangle(request.name()));
}

void turn_base::refuse(const failure& why) { close(why); }

void turn_base::turn_away(const failure& why) {
  fail_caller(why);
  end();
}

void turn_base::undo(const failure& why) {
  auto me = shared_from_this();
  std::string note;
  effects = {};
  recovery plan = plan_recovery(document(), note);
  spdlog::debug("session {}: {} is undone: {}", state().session_id,
                name_of(document().state.in_step), why.text);
  if (plan == recovery::finish_keep) plan = recovery::redo;  // the intent stays: decide again
  // Refused before anything was done: rolling back would overwrite what somebody else wrote.
  if (why.untouched) plan = recovery::redo;
  roll_back(plan, [me, why] {
    me->store(
        durability::power, true,
        [me, why] {
          me->fail_caller(why);
          me->end();
        },
        [me, why](const failure&) { me->close(why); });
  });
}

void turn_base::close(const failure& why) {
  spdlog::debug("session {}: a step ends with a failure: {}", state().session_id, why.text);
  fail_caller(why);
  close_quietly();
}

void turn_base::close_quietly() {
  state().document_known = false;
  state().lease_kept = keeps_lease();
  if (!state().lease_kept) self_->send(state().roles.journal, close_step{state().session_id});
  end();
}

void turn_base::end() {
  auto& s = state();
  s.at_work = !s.waiting_steps.empty();
  s.cancel_asked = s.at_work && s.waiting_steps.front().cancelled;
  // Who asked for a recovery looks at its answer; one that was refused would ask for the next here.
  if (!std::exchange(s.recovering, false)) look_at_waiting(self_);
  if (!s.at_work) return give_up_idle_lease(self_);
  auto begin = std::move(s.waiting_steps.front().begin);
  s.waiting_steps.pop_front();
  begin();
}

void warn_unenforced(const session_document& d, std::string_view what, std::string_view why) {
  spdlog::warn("session {}: iteration {} went on WITHOUT {}: {}", d.session_id, d.current.iteration,
               what, why);
}

recipe recipe_of(const session_document& d, std::int64_t now_ms) {
  recipe r;
  r.session_id = d.session_id;
  r.experiment_id = d.settings->experiment_id;
  r.iteration = d.current.iteration;
  r.metric_name = d.settings->metric_name;
  r.before = d.state.best_metric;
  r.after = d.current.result ? d.current.result->metric_value : std::nullopt;
  r.hypothesis = d.current.candidate.hypothesis;
  const auto& changed = d.current.candidate.files_changed;
  const auto& targets = d.settings->target_files;
  r.target_file = !changed.empty() ? changed.front() : targets.empty() ? "" : targets.front();
  r.changes = d.current.candidate.changes;
  r.time = rfc3339(now_ms);
  return r;
}

snapshot snapshot_of(const session_document& d, std::int64_t now_ms) {
  snapshot s;
  s.experiment_key = d.settings->experiment_id.empty() ? d.session_id : d.settings->experiment_id;
  s.session_id = d.session_id;
  s.iteration = d.current.iteration;
  s.commit = d.state.head;
  if (d.current.result) s.metrics = d.current.result->guards;
  if (d.state.best_metric) s.metrics[d.settings->metric_name] = *d.state.best_metric;
  s.time = rfc3339(now_ms);
  return s;
}

}  // namespace ratchet
