// SPDX-License-Identifier: MIT
//
// The commands of a candidate's life in one work tree: build_command, check_command, and one
// execution of run_command, from protected files put back to metrics read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "actors/logic/metric.hpp"
#include "actors/work/world.hpp"

namespace ratchet {

/// What one execution gave: a metric or an error, and what is kept of its output.
struct measurement {
  std::optional<double> metric_value;
  std::string metric_source;
  std::string metric_unit;  ///< of metric_value
  std::map<std::string, double> guards;
  std::map<std::string, std::string> guard_units;  ///< of the guards that were found; "": none
  std::vector<std::string> warnings;               ///< what to know before believing it
  std::optional<std::string> error;
  bool voided = false;                           ///< a protected file was changed
  std::map<std::string, std::string> collected;  ///< what collect_paths names and the run wrote
  process_outcome process;
};

/// How build_command or check_command ended.
struct step_outcome {
  std::string error;  ///< the tool's own words; empty: it went well
  process_outcome process;
};

/// The metrics of one session, compiled once for all its executions.
class measurer {
 public:
  /// `invalid_argument` when a rule does not compile (setup has checked it).
  static expected<measurer> open(const world& w, const shared_settings& settings, work_tree_id id,
                                 std::string directory);

  /// Values are converted to these units from now on; those of another kind are errors. Without it
  /// the first execution that has a value says what the unit is.
  void expect_units(const std::string& metric_unit,
                    const std::map<std::string, std::string>& guard_units);

  /// `cancelled` when stopped; `process_failed` or `workspace_failed` when the laboratory failed.
  /// A command that fails, times out, prints no metric or touches a protected file gives a
  /// measurement with an error.
  expected<measurement> measure(std::stop_token stop) const;

  /// What a build writes stays in the work tree; a check's effects may go. Nothing is run where the
  /// session has no such command. Failures as of measure().
  expected<step_outcome> build(std::stop_token stop) const;
  expected<step_outcome> check(std::stop_token stop) const;

  /// The run command builds, too: what it writes has to stay in the work tree for the next run.
  void keep_what_runs_write(bool keep = true) { runs_build_ = keep; }

 private:
  measurer() = default;
  process_request request_for(const command_line& command, double timeout_s) const;
  /// `lasting`: what it writes is there for the commands after it, and no overlay takes it away.
  expected<process_outcome> run_in_tree(process_request request, output_sink& sink, bool lasting,
                                        std::stop_token stop) const;
  expected<step_outcome> run_step(const char* name, const command_line& command, double timeout_s,
                                  bool lasting, std::stop_token stop) const;
  measurement read(const process_outcome& outcome, std::vector<metric_scanner>& scanners) const;
  /// Before a run: what is there already, in files that are read after it. A metric's file that is
  /// not the code's own goes, unless build_command may have written it.
  expected<> look_at_files() const;
  metric_reading reading_of(std::size_t metric, metric_scanner& scanner,
                            const process_outcome& outcome) const;
  std::map<std::string, std::string> collect() const;
  metric_reading in_known_unit(std::size_t metric, metric_reading reading) const;

  const world* world_ = nullptr;
  shared_settings settings_;
  work_tree_id id_;
  std::string directory_;
  bool runs_build_ = false;
  std::vector<compiled_metric> metrics_;  ///< the session's, then the guards in order
  /// What each is converted to, from its first value on; "": a plain number.
  mutable std::vector<std::optional<std::string>> units_;
  mutable std::vector<std::optional<std::string>> files_before_;  ///< of each metric in a file
  mutable std::map<std::string, std::string> collected_before_;   ///< where an old one may be there
};

}  // namespace ratchet
