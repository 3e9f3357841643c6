// SPDX-License-Identifier: MIT
//
// Who proposes edits. Blocks for as long as a model or a person's program takes; never throws.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "messages/benchmarks.hpp"
#include "messages/edits.hpp"
#include "messages/failure.hpp"
#include "messages/records.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// What a backend knows when it proposes an edit.
struct edit_context {
  std::string session_id;
  shared_settings settings;
  int iteration = 0;
  int variant = 1;  ///< of `variants` that are asked for at once and do not know of each other
  int variants = 1;
  std::optional<double> baseline_metric;
  std::optional<double> best_metric;
  int best_iteration = 0;
  std::vector<iteration_record> history;  ///< the last ≤ 10 iterations, oldest first
  std::vector<iteration_record> earlier;  ///< ≤ 90 before those, where a prompt is to tell them
  std::optional<iteration_record> best_run;  ///< of the best code so far
  std::string instructions;                  ///< the user's words; may be empty
  std::string idea;                          ///< of the user, for this iteration; may be empty
  std::map<std::string, std::string> context_files;  ///< path → bytes, to be read only
  std::vector<std::string> context_left_out;         ///< those for which there is no room
  std::map<std::string, std::string> neighbours;     ///< files that the targets speak of
  std::vector<lesson> lessons;                       ///< the best supported first
  std::vector<std::string> experiment_lessons;       ///< of other sessions of this experiment
  std::string unapplied;  ///< why the edit before this one did not apply; empty: it did
  int since_keep = 0;     ///< measured candidates since the last keep
  std::map<std::string, std::string> targets;  ///< path → bytes, of the best code so far
  std::string directory;                       ///< the work tree
  json backend_state;  ///< what the backend returned as `state` last time; null at first
  usage_totals spent;  ///< by this session so far
  /// Where these changes give a tree that this session has tried before: as what, in words. Else
  /// empty.
  std::function<std::string(const std::vector<file_change>&)> tried_as;

  bool tried(const std::vector<file_change>& changes) const {
    return tried_as && !tried_as(changes).empty();
  }
};

struct proposal {
  /// Set: nothing usable came of it, for this reason; usage and state count all the same.
  std::string refused;
  /// Set: it could not be seen through (a call that was cancelled), and had cost `usage` by then.
  std::optional<failure> failed;
  /// Set: nothing was begun, as it might have gone over this budget of the session.
  std::string exhausted;
  bool permanent = false;  ///< `refused` will not go away by asking again
  std::string hypothesis;
  std::string lesson;  ///< what its author says was learnt, in one line; may be empty
  std::string arm;     ///< which kind of idea was asked for; empty: nobody was asked
  std::vector<file_change> changes;
  bool changed_in_place = false;  ///< the backend edited the work tree itself
  std::optional<edit_usage> usage;
  json state;  ///< kept with the session and given to the next call
};

/// The reason will be the same however often the editor is asked.
inline failure for_good(failure why) {
  why.permanent = true;
  return why;
}

class editor_port {
 public:
  virtual ~editor_port() = default;
  /// `edit_refused` with the reason when nothing usable came of it, `permanent` (see for_good)
  /// where asking again is of no use. A failure that had cost something by then is in the proposal.
  virtual expected<proposal> propose(const edit_context& context, std::stop_token stop) = 0;
  /// Whether it may write in the work tree itself.
  virtual bool edits_in_place() const { return false; }
  /// Whether propose() mostly waits for others and may be called by several threads at once: then
  /// the proposals of a parallel round are asked for together.
  virtual bool asks_others() const { return false; }
};

}  // namespace ratchet
