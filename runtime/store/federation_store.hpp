// SPDX-License-Identifier: MIT
//
// What a node keeps about other nodes, in the same SQLite file as everything else (schema.hpp).
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/federation_port.hpp"
#include "runtime/store/sqlite_store.hpp"

namespace ratchet {

/// Opens it; makes the store where it is absent, as open_store() does, and fails as it does.
///
/// Promises: what `accept` has answered survives a power failure; what else was answered survives
/// kill -9 (told twice is the worst that comes of a lost note: the receiver knows it). Several
/// threads and processes may use it at once.
expected<std::shared_ptr<federation_port>> open_federation(
    const std::filesystem::path& state_directory);

/// All ports to one file, which is looked at once.
struct opened_stores {
  std::shared_ptr<whole_store> store;
  std::shared_ptr<federation_port> federation;
};
expected<opened_stores> open_stores(const std::filesystem::path& state_directory);

}  // namespace ratchet
