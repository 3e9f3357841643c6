// SPDX-License-Identifier: MIT
//
// What the llm backend remembers of a session's models between two proposals, for the bandit:
// `edit_context.backend_state`, which is stored with the session.
//
// An iteration is credited by its row, as the row alone says what became of it. The history that a
// context carries ends after ten rows, so what was credited is kept as sums. An edit that did not
// apply may leave no row: what was asked is remembered as open until its row comes, and counts as
// asked for nothing when the same iteration is asked for again.
//
// The proposals of a parallel round start from one state, and the last one's is kept. Nothing is
// lost by that: all credit the same rows, and the round's own are credited next time. What only
// the others knew, that a model could not be reached, is found out again. Of a round of more than
// ten, the earlier rows are not seen, but for the best one.
//
// Format, version 1:
//   {"version": 1, "through": the last iteration that was credited,
//    "models": [{…model_yield, "unreached": n, "gains": [gain]}],
//    "open": [{"iteration": n, "usage": {…}}]}
#pragma once

#include <map>
#include <string>
#include <vector>

#include "actors/ports/editor_port.hpp"
#include "runtime/edit/model_bandit.hpp"

namespace ratchet {

class model_memory {
 public:
  /// A state of another version or shape gives an empty memory: every model is tried anew.
  static model_memory from(const json& state);
  json to_state() const;

  /// Takes over what became of earlier proposals.
  void learn(const edit_context& context);

  /// This proposal: what it cost, if anything, and the models in whose place another one was asked.
  void note(int iteration, const std::optional<edit_usage>& usage,
            const std::vector<std::string>& unreached);

  /// Of these models, in their order. What is open counts as asked, without a gain so far.
  std::vector<model_arm> arms_of(const std::vector<chat_model>& models) const;

 private:
  void credit(const iteration_record& row);
  model_arm& arm(const std::string& model);

  std::map<std::string, model_arm> arms_;
  std::map<int, edit_usage> open_;  ///< by iteration
  int through_ = 0;
};

}  // namespace ratchet
