// SPDX-License-Identifier: MIT
#pragma once

#include "actors/ports/process_port.hpp"
#include "runtime/process/launch_protocol.hpp"

namespace ratchet {

/// What a report without an outcome means, in words: always `process_failed`.
failure run_failure(const process_request& request, const launch::run_report& report);

}  // namespace ratchet
