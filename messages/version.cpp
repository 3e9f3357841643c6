// SPDX-License-Identifier: MIT
#include "messages/version.hpp"

namespace ratchet {

const char* program_version() { return RATCHET_VERSION; }

}  // namespace ratchet
