// SPDX-License-Identifier: MIT
//
// What an event of each topic says: the `payload` of messages/events.hpp. A page of all keys is
// made from these structs and their comments: messages/README.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "messages/sessions.hpp"

namespace ratchet {

/// Whose event it is: the end of every payload.
struct event_origin {
  std::string session_id;
  std::string experiment_id;  ///< as setup was given it
  std::string goal_id;        ///< as setup was given it

  static constexpr auto fields() {
    using o = event_origin;
    return field_list{field{"session_id", &o::session_id},
                      field{"experiment_id", &o::experiment_id}, field{"goal_id", &o::goal_id}};
  }
};

/// A session has a baseline and awaits its first edit.
struct session_started : event_origin {
  static constexpr std::string_view topic = "autoresearch.started";
};

/// What the unmodified code measures.
struct baseline_measured : event_origin {
  static constexpr std::string_view topic = "autoresearch.baseline";
  std::optional<double> baseline;  ///< null: no value was printed, and that is allowed

  static constexpr auto fields() {
    return joined_fields{field_list{field{"baseline", &baseline_measured::baseline}},
                         event_origin::fields()};
  }
};

/// Setup came to no baseline; there is no session to go on with.
struct setup_failed : event_origin {
  static constexpr std::string_view topic = "autoresearch.failed";
  std::string error;  ///< why, as setup answered it

  static constexpr auto fields() {
    return joined_fields{field_list{field{"error", &setup_failed::error}}, event_origin::fields()};
  }
};

/// An edit was applied: a candidate awaits its run.
struct candidate_edited : event_origin {
  static constexpr std::string_view topic = "autoresearch.edited";
  int iteration = 0;
  std::string hypothesis;                  ///< one line, ≤ 200 characters
  std::vector<std::string> files_changed;  ///< relative paths, sorted
  std::optional<edit_usage> usage;         ///< what the model cost that wrote it

  static constexpr auto fields() {
    using e = candidate_edited;
    return joined_fields{
        field_list{field{"iteration", &e::iteration}, field{"hypothesis", &e::hypothesis},
                   field{"files_changed", &e::files_changed},
                   field{"usage", &e::usage, presence::if_set}},
        event_origin::fields()};
  }
};

/// A candidate was measured, or its build or check failed; one event each of those side by side.
struct candidate_measured : run_findings, event_origin {
  static constexpr std::string_view topic = "autoresearch.iteration";
  std::string recovered;   ///< what was rolled back or resumed before this run
  std::string hypothesis;  ///< whose idea was measured
  std::string worker;      ///< which joined worker ran it

  static constexpr auto fields() {
    using m = candidate_measured;
    constexpr auto if_set = presence::if_set;
    return joined_fields{run_findings::fields(),
                         joined_fields{field_list{field{"recovered", &m::recovered, if_set},
                                                  field{"hypothesis", &m::hypothesis},
                                                  field{"worker", &m::worker, if_set}},
                                       event_origin::fields()}};
  }
};

/// The user has said something to a search that runs; it counts from its next edit on.
struct session_steered : event_origin {
  static constexpr std::string_view topic = "autoresearch.steered";
  std::optional<std::string> instructions;  ///< for whoever writes edits, in place of those so far
  std::optional<bool> pause;                ///< true: no further edit; false: it goes on

  static constexpr auto fields() {
    using s = session_steered;
    constexpr auto if_set = presence::if_set;
    return joined_fields{field_list{field{"instructions", &s::instructions, if_set},
                                    field{"pause", &s::pause, if_set}},
                         event_origin::fields()};
  }
};

/// A gate refused a candidate that had improved.
struct candidate_rejected : event_origin {
  static constexpr std::string_view topic = "autoresearch.rejected";
  int iteration = 0;
  std::string gate;
  std::string reason;
  std::vector<std::string> regressions;  ///< guard metrics that got worse, with the numbers
  std::string output_tail;               ///< what a gate's command printed last, ≤ 4 KB

  static constexpr auto fields() {
    using r = candidate_rejected;
    constexpr auto if_set = presence::if_set;
    return joined_fields{
        field_list{field{"iteration", &r::iteration}, field{"gate", &r::gate},
                   field{"reason", &r::reason}, field{"regressions", &r::regressions, if_set},
                   field{"output_tail", &r::output_tail, if_set}},
        event_origin::fields()};
  }
};

/// A candidate was kept: its commit exists.
struct candidate_promoted : event_origin {
  static constexpr std::string_view topic = "autoresearch.promoted";
  int iteration = 0;
  std::optional<double> metric_value;    ///< the best from here on
  std::optional<double> baseline_value;  ///< what it was better than; null: nothing was measured
  std::string commit;

  static constexpr auto fields() {
    using p = candidate_promoted;
    return joined_fields{
        field_list{field{"iteration", &p::iteration}, field{"metric_value", &p::metric_value},
                   field{"baseline_value", &p::baseline_value}, field{"commit", &p::commit}},
        event_origin::fields()};
  }
};

/// A candidate was not kept; the work tree is the best commit again.
struct candidate_reverted : event_origin {
  static constexpr std::string_view topic = "autoresearch.reverted";
  int iteration = 0;
  std::string reason;  ///< one line

  static constexpr auto fields() {
    using r = candidate_reverted;
    return joined_fields{field_list{field{"iteration", &r::iteration}, field{"reason", &r::reason}},
                         event_origin::fields()};
  }
};

/// No further edit may begin; told once.
struct budget_spent : event_origin {
  static constexpr std::string_view topic = "autoresearch.budget_exhausted";
  std::string reason;  ///< which budget, and what raises it

  static constexpr auto fields() {
    return joined_fields{field_list{field{"reason", &budget_spent::reason}},
                         event_origin::fields()};
  }
};

/// The session is finalized: its progress as get_autoresearch_status answers it.
struct session_completed : progress {
  static constexpr std::string_view topic = "autoresearch.completed";
  std::string experiment_id;  ///< as setup was given it
  std::string goal_id;        ///< as setup was given it

  static constexpr auto fields() {
    using c = session_completed;
    return joined_fields{progress::fields(), field_list{field{"experiment_id", &c::experiment_id},
                                                        field{"goal_id", &c::goal_id}}};
  }
};

/// Calls `visit(std::type_identity<Payload>{})` for each, in the order of a session's life.
template <class Visit>
void each_event_payload(Visit visit) {
  const auto all = [&]<class... Payload>(std::type_identity<Payload>... types) {
    (visit(types), ...);
  };
  all(std::type_identity<session_started>{}, std::type_identity<baseline_measured>{},
      std::type_identity<setup_failed>{}, std::type_identity<candidate_edited>{},
      std::type_identity<candidate_measured>{}, std::type_identity<candidate_rejected>{},
      std::type_identity<candidate_promoted>{}, std::type_identity<candidate_reverted>{},
      std::type_identity<budget_spent>{}, std::type_identity<session_steered>{},
      std::type_identity<session_completed>{});
}

}  // namespace ratchet
