// SPDX-License-Identifier: MIT
//
// A work tree in which one version of the code stands: put there, built and checked once, then run
// as often as needed without a file of it changing in between. Where builds leave products,
// candidate and best stand in two work trees, so that no run is ever that of a half rebuilt other
// version; where nothing is built one tree is restored before every run. The same on a node's work
// trees and on those of a worker.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "actors/work/measurement.hpp"
#include "actors/work/world.hpp"
#include "messages/jobs.hpp"

namespace ratchet {

/// Why a version cannot be measured: "build" or "check", in the tool's words. Empty `failed_at`:
/// it stands.
struct standing {
  std::string failed_at;
  std::string error;
  double build_s = 0;  ///< 0 when it stood already, or nothing is built
  double check_s = 0;
  process_outcome process;  ///< of the command that failed
  std::string doubt;        ///< the build made nothing of the edit
};

class standing_tree {
 public:
  /// The work tree is at `directory`.
  static expected<standing_tree> open(const world& w, const shared_settings& settings,
                                      work_tree_id id, std::string directory);

  /// Restores `tree` and builds it, unless it stands here already; with `check`, check_command has
  /// to pass as well.
  expected<standing> stand(const std::string& tree, bool check, std::stop_token stop);
  /// One run of what stands here.
  expected<measurement> run(std::stop_token stop);
  /// After a run of what stands here: a doubt where that was to build it and built nothing, else
  /// empty.
  std::string doubt_of_run() const;
  /// What stands here is the best so far: its products are built upon.
  expected<> keep_products();
  expected<build_state> build_state_of(const std::string& code) const {
    return world_->workspaces->build_state_of(id_, code);
  }
  /// measurer has the promise.
  void expect_units(const std::string& metric_unit,
                    const std::map<std::string, std::string>& guard_units) {
    measurer_.expect_units(metric_unit, guard_units);
  }
  /// Whether the run command builds is not known yet: what it writes has to stay to be seen.
  void expect_products() {
    expects_products_ = true;
    measurer_.keep_what_runs_write();
  }
  /// Whether builds leave something in this work tree, or may do so.
  bool has_products() const { return has_products_ || expects_products_; }

 private:
  standing_tree(const world& w, const shared_settings& settings, work_tree_id id, measurer m);
  expected<> look_for_products();
  /// Runs build_command; what it leaves are products.
  expected<> build(standing& s, std::stop_token stop);

  const world* world_;
  shared_settings settings_;
  work_tree_id id_;
  measurer measurer_;
  std::string tree_;      ///< what stands here; empty: nothing that is known
  bool fresh_ = false;    ///< nothing ran since it was put there
  bool checked_ = false;  ///< check_command has passed
  bool has_products_ = false;
  bool expects_products_ = false;  ///< until keep_products() has looked
};

/// The work trees of one job.
class job_trees {
 public:
  /// `second` is where the incumbent stands when it cannot stand in the candidate's place: opened,
  /// with its setup_command, when it is first asked for.
  static expected<job_trees> open(const world& w, const shared_settings& settings, work_tree_id id,
                                  std::string directory, std::string stop_key);

  standing_tree& first() { return *first_; }
  /// Of all of them; see measurer.
  void expect_units(const std::string& metric_unit,
                    const std::map<std::string, std::string>& guard_units);
  /// The tree for the other version: another one where builds leave products.
  expected<standing_tree*> other();

 private:
  job_trees() = default;

  const world* world_ = nullptr;
  shared_settings settings_;
  work_tree_id id_;
  std::string stop_key_;
  std::optional<std::pair<std::string, std::map<std::string, std::string>>> units_;
  std::shared_ptr<standing_tree> first_, second_;
};

}  // namespace ratchet
