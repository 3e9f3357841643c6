// SPDX-License-Identifier: MIT
#include "runtime/embed/worker_world.hpp"

#include "runtime/git/workspaces.hpp"
#include "runtime/objects/object_cache.hpp"
#include "runtime/os/machine.hpp"
#include "runtime/process/process_runner.hpp"
#include "runtime/store/state_directory.hpp"

namespace ratchet {

namespace {

constexpr int most_places = 1024;

/// The first folder that no other worker uses.
expected<std::shared_ptr<object_cache_port>> take_place(const worker_options& options,
                                                        std::filesystem::path& place) {
  object_cache_limits limits;
  limits.max_bytes = options.max_cache_bytes;
  for (int n = 1;; ++n) {
    place = options.state_dir / (n == 1 ? "worker" : "worker-" + std::to_string(n));
    if (auto made = make_directory(place); !made) return made.error();
    auto cache = open_object_cache(place, limits);
    if (cache || !cache.error().details.contains("in_use") || n == most_places) return cache;
  }
}

}  // namespace

expected<worker_world> open_worker_world(const worker_options& options) {
  worker_world w;
  auto processes = open_process_runner(find_launcher());
  if (!processes) return processes.error();
  w.here.processes = *processes;
  auto cache = take_place(options, w.place);
  if (!cache) return cache.error();
  auto workspaces = open_workspaces(w.place);
  if (!workspaces) return workspaces.error();
  w.here.workspaces = *workspaces;
  w.here.machine = this_machine();
  if (!options.name.empty()) w.here.machine.name = options.name;
  w.here.machine.labels = options.labels;
  w.here.wrap = options.wrap;
  w.copies = std::make_shared<node_copies>(w.here, *cache, settling(*workspaces), options.shared);
  return w;
}

}  // namespace ratchet
