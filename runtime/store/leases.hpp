// SPDX-License-Identifier: MIT
//
// One owner a session: an advisory lock on `<state>/sessions/<id>/lock`.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/lease_port.hpp"

namespace ratchet {

/// Leases of the sessions of a state directory. The directories are made as they are needed.
///
/// Promises: at most one lease a session on this machine, between processes and within one; the
/// system takes it back when its holder ends, however that ends. Never waits, but for 200 ms where
/// the session's directory holds nothing else: such a lease is held for moments. The file names the
/// holder's process and stays when the lease is given back, unless it is alone in its directory:
/// then both go.
///
/// Fails with `session_busy` (text and `details.pid` name the holder), `invalid_argument` for an id
/// that is none, `store_failed` when the file cannot be made or locked. A file system shared by
/// machines must offer flock() between them, or two machines may hold one session.
expected<std::shared_ptr<lease_port>> open_leases(const std::filesystem::path& state_directory);

}  // namespace ratchet
