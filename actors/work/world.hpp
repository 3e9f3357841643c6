// SPDX-License-Identifier: MIT
//
// Every port that the actors reach the world through, in one value that the wiring fills.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/ports/benchmarks_port.hpp"
#include "actors/ports/clock_port.hpp"
#include "actors/ports/code_port.hpp"
#include "actors/ports/editor_port.hpp"
#include "actors/ports/events_port.hpp"
#include "actors/ports/federation_port.hpp"
#include "actors/ports/lease_port.hpp"
#include "actors/ports/object_parts_port.hpp"
#include "actors/ports/process_port.hpp"
#include "actors/ports/recipes_port.hpp"
#include "actors/ports/report_port.hpp"
#include "actors/ports/sessions_port.hpp"
#include "actors/ports/workspace_port.hpp"
#include "actors/work/cancellations.hpp"
#include "actors/work/lanes.hpp"
#include "actors/work/live_output.hpp"
#include "actors/work/slot_place.hpp"
#include "messages/hive.hpp"

namespace ratchet {

struct world {
  std::shared_ptr<clock_port> clock;
  std::shared_ptr<process_port> processes;
  std::shared_ptr<workspace_port> workspaces;
  std::shared_ptr<code_port> code;
  std::shared_ptr<sessions_port> sessions;
  std::shared_ptr<events_port> events;
  std::shared_ptr<benchmarks_port> benchmarks;
  std::shared_ptr<recipes_port> recipes;
  std::shared_ptr<lease_port> leases;
  std::shared_ptr<report_port> reports;
  /// Null: a node without peers.
  std::shared_ptr<federation_port> federation;
  /// There is something new in the outbox. May be empty; neither blocks nor throws.
  std::function<void()> deliver_soon;
  /// Checks a backend choice before anything runs, and makes the editor for it.
  std::function<expected<>(const session_settings&)> check_backend;
  std::function<expected<std::shared_ptr<editor_port>>(const edit_backend_choice&)> make_editor;
  machine_facts machine;                       ///< this one
  std::chrono::seconds lease_time{10};         ///< of runs at workers on other machines
  std::shared_ptr<object_parts_port> objects;  ///< for workers on other machines
  std::shared_ptr<cancellations> stops = std::make_shared<cancellations>();
  std::shared_ptr<standing_lanes> lanes = std::make_shared<standing_lanes>();
  std::shared_ptr<live_output> output = std::make_shared<live_output>();
  slot_place place;  ///< of who makes runs with this
  /// What a session's commands are run by: {"apptainer", "exec", "IMAGE"}; empty: nothing.
  std::vector<std::string> wrap;
};

/// The command as it is run here.
command_line wrapped(const world& w, command_line command);

/// In place, somebody else may write to the targets between two steps: then nothing may be measured
/// or overwritten. Fine in a work tree of our own, and when the targets are as `tree` has them
/// (empty: as the commit `parent` has them).
expected<> targets_untouched(const world& w, const std::string& session_id,
                             const session_settings& settings, const std::string& parent,
                             const std::string& tree);

}  // namespace ratchet
