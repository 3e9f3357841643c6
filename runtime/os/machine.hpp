// SPDX-License-Identifier: MIT
//
// What this machine is, for requirements and for the class its measurements belong to.
#pragma once

#include "messages/hive.hpp"

namespace ratchet {

/// Name (the host's), architecture, processor, processors and memory that this process may use
/// (allocation.hpp), kernel.
/// What the system does not tell is left empty or 0.
machine_facts this_machine();

}  // namespace ratchet
