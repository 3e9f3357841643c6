// SPDX-License-Identifier: MIT
#pragma once

namespace ratchet {

/// This program's own: "0.1.0".
const char* program_version();

}  // namespace ratchet
