// SPDX-License-Identifier: MIT
#include "actors/work/standing_tree.hpp"

#include "actors/work/experiment.hpp"

namespace ratchet {

namespace {

/// Beside the lanes in which candidates of a round are measured.
constexpr int first_lane_of_incumbents = 5000;

}  // namespace

standing_tree::standing_tree(const world& w, const shared_settings& settings, work_tree_id id,
                             measurer m)
    : world_(&w), settings_(settings), id_(std::move(id)), measurer_(std::move(m)) {}

expected<standing_tree> standing_tree::open(const world& w, const shared_settings& settings,
                                            work_tree_id id, std::string directory) {
  auto commands = measurer::open(w, settings, id, std::move(directory));
  if (!commands) return commands.error();
  standing_tree tree(w, settings, std::move(id), std::move(*commands));
  if (auto ok = tree.look_for_products(); !ok) return ok.error();
  return tree;
}

expected<> standing_tree::look_for_products() {
  auto known = world_->workspaces->build_state_of(id_, "");
  if (!known) return known.error();
  has_products_ = known->has_products;
  // An overlay would take away what a run has built, and the next one would build it again.
  measurer_.keep_what_runs_write(has_products_ && settings_->build_command.empty());
  return {};
}

expected<> standing_tree::build(standing& s, std::stop_token stop) {
  if (settings_->build_command.empty()) return {};
  auto& workspaces = *world_->workspaces;
  for (bool all_new : {false, true}) {
    auto built = measurer_.build(stop);
    if (!built) return built.error();
    s.build_s += built->process.duration_s;
    if (!built->error.empty()) {
      s.failed_at = "build";
      s.error = built->error;
      s.process = built->process;
      return {};
    }
    auto made = workspaces.mark_built(id_);
    if (!made) return made.error();
    if (*made) return {};
    if (all_new) break;
    // The build does not know that the edited file matters; it would be the best code that is run.
    if (auto ok = workspaces.make_all_new(id_); !ok) return ok;
  }
  s.doubt =
      "build_command made nothing of this edit, so that the program that ran may be the best "
      "code's: does the build depend on the files that were changed?";
  return {};
}

expected<standing> standing_tree::stand(const std::string& tree, bool check, std::stop_token stop) {
  standing s;
  if (tree_ != tree) {
    tree_.clear();
    checked_ = false;
    world_->lanes->stands(id_, "");
    if (auto ok = world_->workspaces->restore(id_, tree); !ok) return ok.error();
    if (auto ok = build(s, stop); !ok) return ok.error();
    if (!s.failed_at.empty()) return s;
    tree_ = tree;
    fresh_ = settings_->build_command.empty();
    world_->lanes->stands(id_, tree);
  }
  if (check && !checked_ && !settings_->check_command.empty()) {
    auto passed = measurer_.check(stop);
    if (!passed) return passed.error();
    s.check_s = passed->process.duration_s;
    fresh_ = false;
    if (!passed->error.empty()) {
      s.failed_at = "check";
      s.error = passed->error;
      s.process = passed->process;
      return s;
    }
    checked_ = true;
  }
  return s;
}

expected<measurement> standing_tree::run(std::stop_token stop) {
  // Always: what is measured must be what would be committed, whoever wrote to the files since.
  if (!fresh_) {
    auto& workspaces = *world_->workspaces;
    const bool built = has_products() || !settings_->build_command.empty();
    auto ok = built ? workspaces.tidy(id_, tree_) : workspaces.restore(id_, tree_);
    if (!ok) return ok.error();
  }
  fresh_ = false;
  return measurer_.measure(stop);
}

std::string standing_tree::doubt_of_run() const {
  if (!settings_->build_command.empty() || !has_products_) return "";
  auto made = world_->workspaces->run_built(id_);
  if (!made || *made) return "";
  return "run_command built nothing of this edit, so that the program that ran may be the best "
         "code's: does it build, and does the build depend on the files that were changed? Give "
         "the build as build_command (--build-command): then it is made sure of";
}

expected<> standing_tree::keep_products() {
  if (auto ok = world_->workspaces->keep_products(id_); !ok) return ok;
  expects_products_ = false;
  return look_for_products();
}

expected<job_trees> job_trees::open(const world& w, const shared_settings& settings,
                                    work_tree_id id, std::string directory, std::string stop_key) {
  job_trees trees;
  trees.world_ = &w;
  trees.settings_ = settings;
  trees.id_ = std::move(id);
  trees.stop_key_ = std::move(stop_key);
  auto first = standing_tree::open(w, settings, trees.id_, std::move(directory));
  if (!first) return first.error();
  trees.first_ = std::make_shared<standing_tree>(std::move(*first));
  return trees;
}

void job_trees::expect_units(const std::string& metric_unit,
                             const std::map<std::string, std::string>& guard_units) {
  units_ = {metric_unit, guard_units};
  first_->expect_units(metric_unit, guard_units);
  if (second_) second_->expect_units(metric_unit, guard_units);
}

expected<standing_tree*> job_trees::other() {
  // In place there is one tree alone. So there is where builds leave nothing in the work tree: a
  // folder outside is the same for all of them.
  if (!first_->has_products() || settings_->workspace == workspace_kind::in_place)
    return first_.get();
  if (!second_) {
    const work_tree_id id{id_.session, first_lane_of_incumbents + id_.lane};
    run_experiment cut;
    cut.session_id = id.session;
    cut.settings = settings_;
    cut.lane = id.lane;
    auto directory = open_lane(*world_, cut, stop_key_);
    if (!directory) return directory.error();
    auto opened = standing_tree::open(*world_, settings_, id, *directory);
    if (!opened) return opened.error();
    second_ = std::make_shared<standing_tree>(std::move(*opened));
    if (units_) second_->expect_units(units_->first, units_->second);
    if (settings_->build_command.empty() && !second_->has_products()) second_->expect_products();
  }
  return second_.get();
}

}  // namespace ratchet
