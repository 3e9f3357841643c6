// SPDX-License-Identifier: MIT
//
// The runs of a session's candidates side by side. They are begun by a run step and go on between
// the steps, so that no place waits for the slowest: the step that finds some measured takes them,
// decide and edit follow, and the next run step begins what was proposed meanwhile.
//
// A run screens its candidate against the best of the moment in which it begins. What looks better
// is measured once more where that has to be and is worth it (actors/logic/tournament.hpp), and
// always when another candidate has been kept meanwhile: then on top of that one, and against it.
// Nothing depends on anything but the order of arrival; of several that are there at once, the
// greatest gain comes first.
//
// While any is at work the session's lease stays with this process. A process that takes the
// session up later begins the runs again, which were paid for.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/logic/tournament.hpp"
#include "messages/experiments.hpp"
#include "messages/failure.hpp"

namespace ratchet {

struct run_at_work {
  candidate what;
  std::string incumbent;       ///< the best code of the moment in which it began
  std::optional<double> best;  ///< and its metric
  bool confirms = false;       ///< it was measured before
  double earlier_s = 0;        ///< which took so long
  bool looks_at_best = false;  ///< begun to see whether the best's record still holds
};

struct run_arrived {
  candidate what;
  std::string incumbent;       ///< as in run_at_work
  std::optional<double> best;  ///< likewise
  run_result result;
  bool confirmed = false;  ///< against the commit that `what` was cut from
  bool screened = false;   ///< what one run says of it has been looked at

  bool is_better() const { return result.improved && !result.error; }
};

/// By iteration.
struct side_by_side {
  std::map<int, run_at_work> at_work;
  std::map<int, run_arrived> arrived;  ///< which no step has taken yet
  std::map<int, failure> failed;       ///< the laboratory's failures, not the candidates'
  std::function<void()> changed;       ///< of the step that waits for them
  bool stopping = false;               ///< nothing more is begun until none is at work
  screening screened;                  ///< of those that `screened_for` was to be beaten by
  std::string screened_for;

  bool knows(int iteration) const {
    return at_work.contains(iteration) || arrived.contains(iteration) || failed.contains(iteration);
  }
};

}  // namespace ratchet
