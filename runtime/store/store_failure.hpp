// SPDX-License-Identifier: MIT
//
// SQLite's errors in words that a person can act on.
#pragma once

#include <filesystem>
#include <string>

#include "messages/failure.hpp"
#include "runtime/store/sqlite.hpp"

namespace ratchet {

/// `doing` completes "Cannot …", such as "write to the store".
failure store_failure(const std::string& doing, const std::filesystem::path& file,
                      const sqlite::error& e);

}  // namespace ratchet
