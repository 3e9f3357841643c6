// SPDX-License-Identifier: MIT
//
// What the mutate backend remembers of a session between two proposals:
// `edit_context.backend_state`. The history a context carries ends after ten iterations; this is
// the rest. Bounded, as it is read and written with every step: 600 contents tried (the session
// itself knows all), 100 evaluated candidates, 16 gains; some 12 KB for a dozen literals.
//
// Format, version 2:
//   {"version": 2, "proposals": n, "keys": [key], "origin": [[k, value]],
//    "seen": "8 characters a content", "credit": [[k, step, wins, tries, direction, broken,
//    sound]], "moves": {move: [wins, tries]}, "model": [length, noise, fitted at, settled],
//    "pending": [{"iteration", "hypothesis", "move", "from": [[k, value]], "to": [[k, value]]}],
//    "evaluated": [[loss|null, k, value, k, value…]], "gains": [[[k, from, to]]]}
// k is an index into keys. Values are positions in a parameter's domain (domain.hpp); loss is the
// metric, lower is better.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "actors/ports/editor_port.hpp"

namespace ratchet {

struct literal_credit {
  double step = 0.18;  ///< deviation of a local step, as a share of the range
  double wins = 0;
  double tries = 0;
  int direction = 0;  ///< where the last step should have gone: +1, -1, 0 unknown
  double broken = 0;  ///< runs that failed after it was changed, shared among those changed
  double sound = 0;   ///< runs that did not

  /// Its change broke the run twice, and not less often than it went well: it is left alone.
  bool spoilt() const { return broken > 1.99 && broken > sound; }
};

struct move_credit {
  double wins = 0;
  double tries = 0;
};

using assignment = std::map<std::string, double>;

struct pending_proposal {
  int iteration = 0;
  std::string hypothesis;
  std::string move;
  assignment from;
  assignment to;
};

struct evaluated_place {
  assignment at;  ///< only what differs from the origin
  std::optional<double> loss;
};

struct search_memory {
  long long proposals = 0;
  assignment origin;  ///< a literal's value when the session first saw it
  std::map<std::string, literal_credit> credit;
  std::map<std::string, move_credit> moves;
  std::vector<pending_proposal> pending;
  std::vector<evaluated_place> evaluated;
  std::vector<std::map<std::string, std::pair<double, double>>> gains;  ///< newest last
  double model_length = 0;  ///< of the last fitted surrogate; 0: none
  double model_noise = 0;
  long long model_at = 0;  ///< `settled` when it was fitted
  long long settled = 0;   ///< candidates that were evaluated, ever

  /// A state of another version or shape gives an empty memory: the search starts anew.
  static search_memory from(const json& state);
  json to_state() const;

  bool saw(std::uint64_t content) const { return seen_.count(content & mask) > 0; }
  void note(std::uint64_t content);

  /// Takes over what became of earlier proposals: credit, step lengths, places and gains.
  void learn(const edit_context& context);

 private:
  static constexpr std::uint64_t mask = 0xffffffffffffull;
  void blame(const std::vector<std::string>& changed, bool failed);
  void forget_one();
  void settle(const pending_proposal& p, const iteration_record* record, bool higher_is_better);
  std::unordered_set<std::uint64_t> seen_;
  std::deque<std::uint64_t> order_;
};

}  // namespace ratchet
