// SPDX-License-Identifier: MIT
//
// Small files that hold a secret: whole or absent after a crash, and readable by their owner alone.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "messages/failure.hpp"

namespace ratchet::net {

/// Makes `file` with mode 0600 and these bytes, at once: nobody sees a part of it. The directory
/// must exist. True when it was made, false when something of that name is there already (it is
/// left alone). `store_failed` with the path and the system's reason.
expected<bool> create_private_file(const std::filesystem::path& file, std::string_view bytes);

/// The bytes of a file that create_private_file has made. Refuses (`store_failed`, and says what to
/// do) what is larger than `max_bytes`, no plain file, somebody else's, or open to others.
expected<std::string> read_private_file(const std::filesystem::path& file, std::size_t max_bytes);

/// The same of a secret that a system has put there for this program, as Kubernetes and systemd do:
/// the file may be found through links, and be the superuser's, who may let its group read it.
expected<std::string> read_mounted_secret(const std::filesystem::path& file, std::size_t max_bytes);

}  // namespace ratchet::net
