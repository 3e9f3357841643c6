// SPDX-License-Identifier: MIT
//
// What a worker measures with: its processes, its work trees, its cache of objects. Under a folder
// of its own in the state directory, so that a machine can be node and worker at once:
//
//   <state>/worker/sessions/       work trees of nodes' sessions, see runtime/git
//                  object_cache/   their objects
//
// A second worker on the same state directory (two in one home, tasks of a cluster's array) takes
// worker-2 beside it, and so on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/work/node_copies.hpp"
#include "actors/work/world.hpp"

namespace ratchet {

struct worker_options {
  std::filesystem::path state_dir;
  std::string name;                           ///< empty: the host's
  std::map<std::string, std::string> labels;  ///< of this machine, see actors/logic/requirements
  std::map<std::string, std::string> shared;  ///< where sessions' shared paths are here
  std::uint64_t max_cache_bytes = 20ULL << 30;
  std::vector<std::string> wrap;  ///< what runs sessions' commands, see world
};

struct worker_world {
  std::filesystem::path place;  ///< its folder
  world here;
  std::shared_ptr<node_copies> copies;
};

/// Starts the launcher: call it while the process is small.
expected<worker_world> open_worker_world(const worker_options& options);

}  // namespace ratchet
