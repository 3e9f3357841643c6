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
  std::string arm;                         ///< which kind of idea was asked for
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
                      field{"arm", &candidate::arm, presence::if_set},
                      field{"changes", &candidate::changes, presence::if_set},
                      field{"usage", &candidate::usage, presence::if_set}};
  }
};

/// One execution of the run command.
struct run_sample {
  std::optional<double> metric_value;
  double duration_s = 0;
  bool incumbent = false;  ///< the best code so far, measured again for a fair comparison
  std::string failed;      ///< a failed run that was repeated, and how it failed

  static constexpr auto fields() {
    return field_list{field{"metric_value", &run_sample::metric_value},
                      field{"duration_s", &run_sample::duration_s},
                      field{"incumbent", &run_sample::incumbent},
                      field{"failed", &run_sample::failed, presence::if_set}};
  }
};

/// How much a metric differs from run to run of the same code, in the metric's unit.
struct metric_noise {
  std::vector<double> values;    ///< of the baseline's runs
  std::optional<double> spread;  ///< a robust standard deviation of one run; 0: it never differed
  std::string advice;            ///< what that means for repeats and min_delta, in one sentence

  bool known() const { return spread.has_value(); }
  bool deterministic() const { return spread && *spread == 0; }
  static constexpr auto fields() {
    return field_list{field{"values", &metric_noise::values},
                      field{"spread", &metric_noise::spread},
                      field{"advice", &metric_noise::advice, presence::if_set}};
  }
};

/// What a candidate's runs said, before any decision.
struct run_result {
  int iteration = 0;
  std::optional<double> metric_value;
  std::string metric_source;          ///< "pattern", "name", "json" or "fallback:<what matched>"
  std::optional<double> best_metric;  ///< the best before this run
  bool improved = false;
  std::string reason;                ///< why it did not improve, with the numbers
  std::optional<std::string> error;  ///< ≤ 20 lines, ≤ 4 KB
  std::string failed_at;             ///< "build" or "check": it was not measured; else empty
  std::string metric_unit;           ///< of all the metric's values; empty: none was printed
  std::map<std::string, std::string> guard_units;
  std::optional<double> gain;              ///< median of the pairs' differences; positive is better
  std::optional<double> incumbent_median;  ///< of the best code's runs beside the candidate
  metric_noise noise;                      ///< of the baseline
  std::vector<std::string> warnings;       ///< what a person should know before believing it
  double build_s = 0;                      ///< of build_command
  double check_s = 0;                      ///< of check_command
  std::optional<double> wall_s;            ///< of one execution of the run command: the median
  std::optional<double> cpu_s;             ///< of all its processes, user and system: the median
  std::optional<double> max_rss_mb;    ///< the greatest resident set of one process, in 10^6 bytes
  std::optional<double> instructions;  ///< where they were counted
  double duration_s = 0;               ///< all executions together
  std::map<std::string, double> guards;          ///< guard metric → value, those that were found
  std::vector<run_sample> samples;               ///< with repeats > 1
  std::optional<double> spread;                  ///< sample standard deviation, with repeats > 1
  std::optional<double> p_value;                 ///< one-sided exact paired test, with repeats > 1
  std::map<std::string, std::string> collected;  ///< of collect_paths: path → valid UTF-8
  std::string output_tail;                       ///< ≤ 5,000 characters of valid UTF-8
  std::string output_head;  ///< ≤ 5,000 characters, empty when the tail holds all
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
                      field{"reason", &r::reason, if_set},
                      field{"error", &r::error},
                      field{"failed_at", &r::failed_at, if_set},
                      field{"metric_unit", &r::metric_unit, if_set},
                      field{"guard_units", &r::guard_units, if_set},
                      field{"gain", &r::gain, if_set},
                      field{"incumbent_median", &r::incumbent_median, if_set},
                      field{"noise", &r::noise},
                      field{"warnings", &r::warnings, if_set},
                      field{"build_s", &r::build_s},
                      field{"check_s", &r::check_s},
                      field{"wall_s", &r::wall_s, if_set},
                      field{"cpu_s", &r::cpu_s, if_set},
                      field{"max_rss_mb", &r::max_rss_mb, if_set},
                      field{"instructions", &r::instructions, if_set},
                      field{"duration_s", &r::duration_s},
                      field{"guards", &r::guards, if_set},
                      field{"samples", &r::samples, if_set},
                      field{"spread", &r::spread, if_set},
                      field{"p_value", &r::p_value, if_set},
                      field{"collected", &r::collected, if_set},
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
  /// baseline, edit_failed, build_failed, check_failed, kept, reverted, rejected_by_gate,
  /// commit_failed; empty: undecided
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
