// SPDX-License-Identifier: MIT
//
// An experiment: what is measured, and what came of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/edits.hpp"
#include "messages/json.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// An applied edit awaiting its verdict. Objects are hexadecimal git ids in the session's private
/// repository.
struct candidate {
  int iteration = 0;
  std::string hypothesis;                  ///< one line, ≤ 200 characters
  std::vector<std::string> files_changed;  ///< relative paths, sorted
  std::string tree;                        ///< the tree with the edit applied
  std::string parent;                      ///< the commit it was cut from
  std::string diff;                        ///< unified, against the parent; binary files named only
  std::string backend;                     ///< who wrote it
  json changes;  ///< replayable: [{path, search, replace} | {path, content|null}], text files only
  std::optional<edit_usage> usage;

  static constexpr auto fields() {
    return field_list{field{"iteration", &candidate::iteration},
                      field{"hypothesis", &candidate::hypothesis},
                      field{"files_changed", &candidate::files_changed},
                      field{"tree", &candidate::tree},
                      field{"parent", &candidate::parent},
                      field{"diff", &candidate::diff},
                      field{"backend", &candidate::backend},
                      field{"changes", &candidate::changes, presence::if_set},
                      field{"usage", &candidate::usage, presence::if_set}};
  }
};

/// One execution of the run command.
struct run_sample {
  std::optional<double> metric_value;
  double duration_s = 0;
  bool incumbent = false;  ///< the best code so far, measured again for a fair comparison

  static constexpr auto fields() {
    return field_list{field{"metric_value", &run_sample::metric_value},
                      field{"duration_s", &run_sample::duration_s},
                      field{"incumbent", &run_sample::incumbent}};
  }
};

/// What a candidate's runs said, before any decision.
struct run_result {
  int iteration = 0;
  std::optional<double> metric_value;
  std::string metric_source;          ///< "pattern", "name", "json" or "fallback:<what matched>"
  std::optional<double> best_metric;  ///< the best before this run
  bool improved = false;
  std::optional<std::string> error;      ///< ≤ 20 lines, ≤ 4 KB
  double duration_s = 0;                 ///< all executions together
  std::map<std::string, double> guards;  ///< guard metric → value, those that were found
  std::vector<run_sample> samples;       ///< with repeats > 1
  std::optional<double> spread;          ///< sample standard deviation, with repeats > 1
  std::optional<double> p_value;         ///< one-sided exact paired test, with repeats > 1
  std::string output_tail;               ///< ≤ 5,000 characters of valid UTF-8
  std::string output_head;               ///< ≤ 5,000 characters, empty when the tail holds all
  long long output_bytes = 0;
  bool timed_out = false;
  int leftovers_killed = 0;  ///< processes that outlived the command
  std::string isolation;     ///< what the sandbox reached: "none", "network", "network+mounts"
  std::string machine;       ///< the class of machine it was measured on
  std::string worker;        ///< which joined worker ran it; empty: this node
  json environment;          ///< how that worker differs from this node: {fact: its value}
  /// The incumbent on that class of machine, where it had to be measured there first.
  std::optional<double> incumbent_metric;

  static constexpr auto fields() {
    using r = run_result;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"iteration", &r::iteration},
                      field{"metric_value", &r::metric_value},
                      field{"metric_source", &r::metric_source, if_set},
                      field{"best_metric", &r::best_metric},
                      field{"improved", &r::improved},
                      field{"error", &r::error},
                      field{"duration_s", &r::duration_s},
                      field{"guards", &r::guards, if_set},
                      field{"samples", &r::samples, if_set},
                      field{"spread", &r::spread, if_set},
                      field{"p_value", &r::p_value, if_set},
                      field{"output_tail", &r::output_tail, if_set},
                      field{"output_head", &r::output_head, if_set},
                      field{"output_bytes", &r::output_bytes},
                      field{"timed_out", &r::timed_out, if_set},
                      field{"leftovers_killed", &r::leftovers_killed},
                      field{"isolation", &r::isolation, if_set},
                      field{"machine", &r::machine, if_set},
                      field{"worker", &r::worker, if_set},
                      field{"environment", &r::environment, if_set},
                      field{"incumbent_metric", &r::incumbent_metric, if_set}};
  }
};

/// One row of the history: an iteration as it is stored in `results` and shown by `ratchet show`.
struct iteration_record {
  std::string session_id;
  int iteration = 0;  ///< 0 is the baseline
  /// baseline, edit_failed, kept, reverted, rejected_by_gate, commit_failed; empty: undecided
  std::string decision;
  std::string reason;
  std::string commit;
  std::string time;  ///< RFC 3339, when the row was last written
  ratchet::candidate candidate;
  std::optional<run_result> result;

  static constexpr auto fields() {
    using r = iteration_record;
    return field_list{field{"session_id", &r::session_id}, field{"iteration", &r::iteration},
                      field{"decision", &r::decision},     field{"reason", &r::reason},
                      field{"commit", &r::commit},         field{"time", &r::time},
                      field{"candidate", &r::candidate},   field{"result", &r::result}};
  }
};

}  // namespace ratchet
