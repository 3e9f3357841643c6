// SPDX-License-Identifier: MIT
//
// A turn: the time in which one step has the session to itself. It holds the caller's promise and
// keeps the order that makes a crash harmless:
//
//   open (lease, read, recover) ─► mark (stored: a step is at work) ─► ask… ─► finish (stored, then
//   answered)
//
// A turn ends exactly once: `finish`, `refuse` (nothing was marked) or `undo` (marked: the step is
// rolled back as after a crash, then the failure is answered).
#pragma once

#include <memory>
#include <typeinfo>
#include <utility>

#include "actors/session/session.hpp"
#include "actors/work/ask_within.hpp"
#include "messages/timeouts.hpp"

namespace ratchet {

/// The part that does not depend on what the step answers.
class turn_base : public std::enable_shared_from_this<turn_base> {
 public:
  using next = std::function<void()>;

  explicit turn_base(session_self self) : self_(self) {}
  virtual ~turn_base() = default;

  session_self self() const { return self_; }
  session_state& state() { return self_->state; }
  session_document& document() { return self_->state.document; }
  std::int64_t now() { return state().roles.clock->now_ms(); }

  step_effects effects;
  std::optional<recipe> kept_recipe;
  std::optional<snapshot> kept_snapshot;

  /// Waits for its turn, and has done nothing yet.
  void wait(next go);
  /// Waits for its turn, then takes the lease, reads the session and rolls back or completes what
  /// an earlier process left at work.
  void open(next go);
  /// For a session that is new: takes its lease. The turn has come.
  void open_fresh(next go);
  /// Stores that the step is at work.
  void mark(next go);
  /// Stores the document, row and events; gives the lease back; then answers. What is stored with
  /// `process` safety survives kill -9, and power loss from the next write with `power` on.
  void write(next answer, durability safety = durability::power);
  void refuse(const failure& why);
  /// Refused before the session was opened: there is no lease to give back.
  void turn_away(const failure& why);
  /// The caller has its answer already and nothing changed: only gives the lease back.
  void close_quietly();
  void undo(const failure& why);

  /// Asks another role; its failure undoes the step. Once a cancel was asked for, those who could
  /// be at it for long are not asked: the answer is `cancelled`.
  template <class Role, class Request, class Duration, class Take>
  void ask(const Role& role, Request request, Duration patience, Take take) {
    ask_or(role, std::move(request), patience, std::move(take),
           [turn = shared_from_this()](const failure& why) { turn->undo(why); });
  }
  template <class Role, class Request, class Duration, class Take, class Else>
  void ask_or(const Role& role, Request request, Duration patience, Take take, Else otherwise) {
    using answer = answer_to<Role, Request>;
    if (takes_long<Role> && state().cancel_asked) return otherwise(cancelled_before());
    ask_within<answer>(
        self_, role, patience, std::move(request),
        [turn = shared_from_this(), take = std::move(take)](const answer& a) mutable { take(a); },
        [turn = shared_from_this(),
         otherwise = std::move(otherwise)](const caf::error& error) mutable {
          otherwise(as_failure(error, "session " + turn->state().session_id));
        });
    say_asked(typeid(Request));
  }

 protected:
  virtual void fail_caller(const failure& why) = 0;

 private:
  template <class Role, class Request>
  struct answer_of;
  template <class Role, class Request>
  using answer_to = typename answer_of<Role, Request>::type;

  template <class Role>
  static constexpr bool takes_long =
      std::is_same_v<Role, edit_generator_actor> || std::is_same_v<Role, experiment_runner_actor>;
  static failure cancelled_before();

  void take_lease(bool fresh, std::function<void(const opened_step&)> go);
  void go_on(next go);
  void take_opened(const opened_step& opened, bool known, const next& go);
  /// For those who follow a session in the log, at level debug.
  void say_asked(const std::type_info& request);
  void recover(next go);
  void roll_back(recovery plan, next go);
  void store(durability safety, bool release, next go, std::function<void(const failure&)> or_else);
  bool keeps_lease();
  void close(const failure& why);
  void end();

  session_self self_;
  std::int64_t wishes_taken_ = 0;  ///< up to this one they are in the document, not stored yet
};

// What CAF calls the response type of a typed handle, for one request and one answer.
template <class... Signatures, class Request>
struct turn_base::answer_of<caf::typed_actor<Signatures...>, Request> {
  template <class Signature>
  struct match {
    static constexpr bool value = false;
    using type = void;
  };
  template <class Answer>
  struct match<caf::typed_mpi<caf::detail::type_list<Request>, caf::output_tuple<Answer>>> {
    static constexpr bool value = true;
    using type = Answer;
  };
  template <class First, class... Rest>
  struct find {
    using type =
        typename std::conditional_t<match<First>::value, match<First>, find<Rest...>>::type;
  };
  template <class Last>
  struct find<Last> {
    using type = typename match<Last>::type;
  };
  using type = typename find<Signatures...>::type;
};

template <class Answer>
class turn final : public turn_base {
 public:
  explicit turn(session_self self)
      : turn_base(self), promise_(self->template make_response_promise<Answer>()) {}

  static std::shared_ptr<turn> begin(session_self self) { return std::make_shared<turn>(self); }
  caf::typed_response_promise<Answer> promise() const { return promise_; }

  /// Answers once everything is stored.
  void finish(Answer answer, durability safety = durability::power) {
    auto me = std::static_pointer_cast<turn>(shared_from_this());
    write([me, answer = std::move(answer)]() mutable { me->promise_.deliver(std::move(answer)); },
          safety);
  }

 protected:
  void fail_caller(const failure& why) override { promise_.deliver(as_error(why)); }

 private:
  caf::typed_response_promise<Answer> promise_;
};

/// Tells the benchmark recorder of a candidate's run; its failure flips the flag, loudly, and goes
/// on.
void record_run(const std::shared_ptr<turn_base>& t, const candidate& c, const run_result& result,
                std::function<void()> then);
/// A run step of candidates side by side: begins their runs, waits until some are measured, or all
/// that are at work, and ends the turn.
void run_side_by_side(const std::shared_ptr<turn<run_answer>>& t, bool wait_for_all);
/// An edit of a model that came to nothing counts against it, as a run that failed does.
void record_failed_edit(const std::shared_ptr<turn_base>& t, const edit_usage& usage,
                        std::function<void()> then);
/// Measures the base commit against the best; the work tree holds the best one afterwards. One of
/// the two is called, once.
void compare_with_base(const std::shared_ptr<turn_base>& t, int pairs,
                       std::function<void(const comparison&)> go,
                       std::function<void(const failure&)> otherwise);
/// The measured candidate goes before the gates, and is kept or reverted; `finish` gets the answer
/// and ends the turn.
void judge_and_keep(const std::shared_ptr<turn_base>& t,
                    std::function<void(const decide_answer&)> finish);
void warn_unenforced(const session_document& d, std::string_view what, std::string_view why);
recipe recipe_of(const session_document& d, std::int64_t now_ms);
/// The metrics of the current result; call it once best_metric has moved.
snapshot snapshot_of(const session_document& d, std::int64_t now_ms);

}  // namespace ratchet
