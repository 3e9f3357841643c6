// SPDX-License-Identifier: MIT
//
// What the mutate backend remembers of a session between two proposals:
// `edit_context.backend_state`. The history a context carries ends after ten iterations; this is
// the rest. Bounded: some 40 KB for the contents tried, 120 evaluated candidates, 16 gains.
//
// Format, version 1:
//   {"version": 1, "proposals": n, "origin": {key: value}, "seen": "8 characters a content",
//    "credit": {key: [step, wins, tries, direction]}, "moves": {move: [wins, tries]},
//    "pending": [{"iteration", "hypothesis", "move", "from": {key: value}, "to": {key: value}}],
//    "evaluated": [{"at": {key: value}, "loss": number|null}], "gains": [{key: [from, to]}]}
// Values are positions in a parameter's domain (domain.hpp); loss is the metric, lower is better.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "actors/ports.hpp"

namespace ratchet {

struct literal_credit {
  double step = 0.18;  ///< deviation of a local step, as a share of the range
  double wins = 0;
  double tries = 0;
  int direction = 0;  ///< where the last step should have gone: +1, -1, 0 unknown
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

  /// A state of another version or shape gives an empty memory: the search starts anew.
  static search_memory from(const json& state);
  json to_state() const;

  bool saw(std::uint64_t content) const { return seen_.count(content & mask) > 0; }
  void note(std::uint64_t content);

  /// Takes over what became of earlier proposals: credit, step lengths, places and gains.
  void learn(const edit_context& context);

 private:
  static constexpr std::uint64_t mask = 0xffffffffffffull;
  void settle(const pending_proposal& p, const iteration_record* record, bool higher_is_better);
  std::unordered_set<std::uint64_t> seen_;
  std::vector<std::uint64_t> order_;
};

}  // namespace ratchet
