// SPDX-License-Identifier: MIT
//
// Files under the state directory: made so that they are still there, whole, after a crash.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "messages/failure.hpp"

namespace ratchet {

/// Makes a directory and what is missing above it, mode 0700, and syncs the new entries. There
/// already is success. `store_failed` when something else is there or it may not be made.
expected<> make_directory(const std::filesystem::path& directory);

/// Replaces a file by `bytes`: at every moment, also after a power failure, the old or the new
/// content is there and never a part. The directory must exist. On failure the old file is as it
/// was and nothing is left beside it. `store_failed` with the path and the system's reason.
expected<> replace_file(const std::filesystem::path& file, std::string_view bytes);

/// `invalid_argument` unless the id is fit to name a file: 1 to 128 of A-Z a-z 0-9 _ . - and not
/// made of dots alone.
expected<> check_session_id(std::string_view session_id);

}  // namespace ratchet
