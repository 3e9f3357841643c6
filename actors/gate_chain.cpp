// SPDX-License-Identifier: MIT
#include "actors/gate_chain.hpp"

#include <algorithm>

#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

using front = gate_chain_state::front;

/// One candidate on its way through the gates that were added.
class added_round : public std::enable_shared_from_this<added_round> {
 public:
  added_round(front self, judge_candidate what)
      : self_(self),
        what_(std::move(what)),
        gates_(is_baseline(what_) ? std::vector<gate_chain_state::added_gate>{}
                                  : self->state.added),
        promise_(self->make_response_promise<judgement>()) {}

  const auto& promise() const { return promise_; }

  void begin(judgement so_far) {
    so_far_ = std::move(so_far);
    ask_next();
  }
  void fail(const caf::error& why) { promise_.deliver(why); }

 private:
  void ask_next() {
    if (next_ == gates_.size() || !so_far_.allowed()) {
      promise_.deliver(so_far_);
      return;
    }
    auto me = shared_from_this();
    self_->request(gates_[next_].actor, added_gate_timeout, what_)
        .then([me](const gate_verdict& verdict) { me->take(verdict); },
              [me](const caf::error& e) { me->take(as_failure(e, "it")); });
  }

  void take(const expected<gate_verdict>& answer) {
    append_verdict(so_far_, gates_[next_++].name, answer, what_);
    ask_next();
  }

  front self_;
  judge_candidate what_;
  std::vector<gate_chain_state::added_gate> gates_;
  caf::typed_response_promise<judgement> promise_;
  judgement so_far_;
  std::size_t next_ = 0;
};

caf::result<judgement> judge(front self, const judge_candidate& what) {
  auto round = std::make_shared<added_round>(self, what);
  self->state.pool->hand<judgement>(
      what.session_id, what, gates_patience(what.settings),
      [round](judgement& so_far) { round->begin(std::move(so_far)); },
      [round](const failure& why) { round->fail(as_error(why)); });
  return round->promise();
}

expected<done> add(gate_chain_state& s, const add_gate& m, const gate_actor& gate) {
  if (m.name.empty() || !gate)
    return fail(errc::invalid_argument, "a gate needs a name and a living actor");
  if (m.name == "constitutional" || m.name == "baseline_delta" ||
      std::any_of(s.added.begin(), s.added.end(), [&](auto& g) { return g.name == m.name; }))
    return fail(errc::invalid_argument,
                "there is a gate named " + m.name + " already; give this one another name");
  s.added.push_back({m.name, gate});
  return done{};
}

}  // namespace

gate_chain_actor::behavior_type gate_chain_with(front self,
                                                std::function<gate_worker_actor()> spawn_worker) {
  auto& s = self->state;
  s.pool = std::make_unique<worker_pool<front, gate_worker_actor>>(self, "gate worker", 1,
                                                                   std::move(spawn_worker));
  return {
      [self](const judge_candidate& m) { return judge(self, m); },
      [&s](const add_gate& m, const gate_actor& gate) { return as_result(add(s, m, gate)); },
  };
}

gate_chain_actor::behavior_type gate_chain(front self, std::shared_ptr<recipes_port> kept,
                                           std::shared_ptr<process_port> processes) {
  auto gates = built_in_gates(std::move(kept));
  return gate_chain_with(self, [self, gates = std::move(gates), processes] {
    return self->spawn<caf::detached>(gate_worker, gates, processes);
  });
}

}  // namespace ratchet
