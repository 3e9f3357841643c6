// SPDX-License-Identifier: MIT
#include "runtime/embed/worker_world.hpp"

#include "runtime/git/workspaces.hpp"
#include "runtime/objects/object_cache.hpp"
#include "runtime/os/machine.hpp"
#include "runtime/process/process_runner.hpp"
#include "runtime/store/state_directory.hpp"

namespace ratchet {

expected<worker_world> open_worker_world(const worker_options& options) {
  worker_world w;
  auto processes = open_process_runner(find_launcher());
  if (!processes) return processes.error();
  w.here.processes = *processes;
  if (auto made = make_directory(options.state_dir / "worker"); !made) return made.error();
  const auto own = options.state_dir / "worker";
  auto workspaces = open_workspaces(own);
  if (!workspaces) return workspaces.error();
  w.here.workspaces = *workspaces;
  object_cache_limits limits;
  limits.max_bytes = options.max_cache_bytes;
  auto cache = open_object_cache(own, limits);
  if (!cache) return cache.error();
  w.here.machine = this_machine();
  if (!options.name.empty()) w.here.machine.name = options.name;
  w.here.machine.labels = options.labels;
  w.copies = std::make_shared<node_copies>(w.here, *cache, settling(*workspaces), options.shared);
  return w;
}

}  // namespace ratchet
