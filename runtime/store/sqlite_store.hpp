// SPDX-License-Identifier: MIT
//
// The store on SQLite: `<state>/ratchet.db` in write-ahead-log mode. Its layout is in schema.hpp.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/benchmarks_port.hpp"
#include "actors/ports/events_port.hpp"
#include "actors/ports/recipes_port.hpp"
#include "actors/ports/sessions_port.hpp"

namespace ratchet {

/// One file behind the four ports; whoever uses one of them is given that one.
class whole_store : public sessions_port,
                    public events_port,
                    public benchmarks_port,
                    public recipes_port {};

/// Opens the store of a state directory, which is made (mode 0700) when it is absent; a file of an
/// older layout is brought up to date.
///
/// Promises: `write` is one transaction, given back only once it is on the disk
/// (`durability::power`) or in the system's hands (`durability::process`: survives kill -9, not a
/// power failure). Several threads and processes may use the same file; writers take turns and
/// wait ≤ 10 s for each other, readers wait for nobody. Single look-ups take the same time whatever
/// the number of rows. Invalid UTF-8 is stored as U+FFFD, non-finite numbers as null.
///
/// Fails with `store_failed`: SQLite's text, the file, what to do; `details` has `file`,
/// `sqlite_code` and `outcome`: "nothing_written", or "unknown" after an I/O error during the
/// commit: then read the session again before going on. A file that is no database, of another
/// program or of a newer Ratchet is refused and left as it is.
///
/// Refuses (`invalid_argument`) a benchmark whose time is negative or not finite.
/// Must not be used in the child of a fork().
expected<std::shared_ptr<whole_store>> open_store(const std::filesystem::path& state_directory);

}  // namespace ratchet
