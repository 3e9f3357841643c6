// SPDX-License-Identifier: MIT
//
// The worker's side of actors/ports/object_ports.hpp.
//
//   <state>/object_cache/lock                 held by the process that uses the cache
//                        repositories/<key>/  a bare repository: bases as packs, what changes bring
//                                             as loose objects; refs/ratchet/<session>/base while a
//                                             session has a work tree from here
//                        repositories/<key>/used   its time is that of the last use
//                        incoming/            what is not whole yet or is being removed; emptied at
//                                             the start
//
// Every object is in place before one that names it, so that a kill at any moment leaves no tree
// that lacks something. Nothing is synced: after a power loss something may be damaged, which shows
// when it is read (libgit2 checks the hash). forget() is for that: then the node sends the base
// again.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/object_ports.hpp"

namespace ratchet {

struct object_cache_limits {
  /// Of all repositories together. What no session has open goes first when there is more to come,
  /// least recently used first; what is open is never evicted, and more is refused then.
  std::uint64_t max_bytes = 20ULL << 30;
  transfer_limits transfer;
};

/// Opens (makes) the cache under the state directory of a worker; its sessions are those of
/// open_workspaces() of the same directory. Fails with workspace_failed when another process uses
/// it (details {"in_use": true}) or it cannot be written.
expected<std::shared_ptr<object_cache_port>> open_object_cache(
    const std::filesystem::path& state_dir, const object_cache_limits& limits = {});

}  // namespace ratchet
