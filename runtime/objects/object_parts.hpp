// SPDX-License-Identifier: MIT
//
// What a node sends its workers, by parts: a base's pack is written once to a nameless file in the
// state directory, from which every worker that lacks it reads. The two last used are kept.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/object_parts_port.hpp"

namespace ratchet {

std::shared_ptr<object_parts_port> open_object_parts(const std::filesystem::path& state_dir);

}  // namespace ratchet
