// SPDX-License-Identifier: MIT
//
// What a session asks of the edit generator, and what comes of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/experiments.hpp"
#include "messages/failure.hpp"
#include "messages/json.hpp"
#include "messages/settings.hpp"

namespace ratchet {

struct propose_edit {
  std::string session_id;
  shared_settings settings;
  int iteration = 0;
  std::optional<double> baseline_metric;
  std::optional<double> best_metric;
  int best_iteration = 0;
  std::string head;  ///< the commit the edit is cut from
  given_edit given;
  json backend_state;
  usage_totals spent;        ///< by this session so far
  std::string instructions;  ///< the user's words, as they are now
  std::vector<lesson> lessons;
  int since_keep = 0;     ///< measured candidates since the last keep
  std::string unapplied;  ///< why the edit before this one did not apply, if it did not

  static constexpr auto fields() {
    using p = propose_edit;
    return field_list{field{"session_id", &p::session_id},
                      field{"settings", &p::settings},
                      field{"iteration", &p::iteration},
                      field{"baseline_metric", &p::baseline_metric},
                      field{"best_metric", &p::best_metric},
                      field{"best_iteration", &p::best_iteration},
                      field{"head", &p::head},
                      field{"given", &p::given},
                      field{"backend_state", &p::backend_state},
                      field{"spent", &p::spent},
                      field{"instructions", &p::instructions, presence::if_set},
                      field{"lessons", &p::lessons, presence::if_set},
                      field{"since_keep", &p::since_keep},
                      field{"unapplied", &p::unapplied, presence::if_set}};
  }
};

/// Asks for several candidates of one parent, each different from the others. Nothing is left in
/// the work tree: their trees are in the object database.
struct propose_variants {
  propose_edit ask;  ///< `iteration` is the first one's
  int count = 1;

  static constexpr auto fields() {
    return field_list{field{"ask", &propose_variants::ask},
                      field{"count", &propose_variants::count}};
  }
};

/// An applied candidate, or why there is none (the work tree is then as before).
struct edit_outcome {
  std::optional<candidate> applied;
  std::string reason;
  std::optional<failure> failed;    ///< set: the laboratory's, not the edit's; the step is undone
  std::string exhausted;            ///< set: this budget does not pay for another; no iteration
  bool permanent = false;           ///< `reason` will not go away by asking again; no iteration
  std::optional<edit_usage> usage;  ///< also of what came to nothing
  std::string lesson;               ///< what its author says was learnt; may be empty
  std::string arm;                  ///< which kind of idea was asked for; may be empty
  json backend_state;

  static constexpr auto fields() {
    return field_list{field{"applied", &edit_outcome::applied},
                      field{"reason", &edit_outcome::reason},
                      field{"failed", &edit_outcome::failed},
                      field{"exhausted", &edit_outcome::exhausted},
                      field{"permanent", &edit_outcome::permanent},
                      field{"usage", &edit_outcome::usage},
                      field{"lesson", &edit_outcome::lesson, presence::if_set},
                      field{"arm", &edit_outcome::arm, presence::if_set},
                      field{"backend_state", &edit_outcome::backend_state}};
  }
};

/// One outcome an attempt, in order; fewer than asked for when a budget ran out. Each one's
/// backend_state is that after it.
struct variants_outcome {
  std::vector<edit_outcome> outcomes;
  std::optional<failure> failed;    ///< set: one ended the round, and there are no outcomes
  std::optional<edit_usage> usage;  ///< then: of all that were asked for

  static constexpr auto fields() {
    return field_list{field{"outcomes", &variants_outcome::outcomes},
                      field{"failed", &variants_outcome::failed},
                      field{"usage", &variants_outcome::usage}};
  }
};

}  // namespace ratchet
