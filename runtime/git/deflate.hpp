// SPDX-License-Identifier: MIT
//
// Bytes whose size is known, as one zlib stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ratchet::git {

enum class deflate_for { speed, size };

std::string deflated(std::string_view bytes, deflate_for what);
/// What was deflated, of `size` bytes; nothing when `bytes` is anything but that. A size that
/// cannot be takes no memory.
std::optional<std::string> inflated(std::string_view bytes, std::uint64_t size);

}  // namespace ratchet::git
