// SPDX-License-Identifier: MIT
//
// A run as the supervisor received it: pointers into the request's body, which lives as long as
// the supervisor.
#pragma once

#include "runtime/process/launch_protocol.hpp"

namespace ratchet::launch {

struct job {
  run_header header;
  const char* directory = nullptr;
  const char* overlay = nullptr;  ///< "": none
  char** arguments = nullptr;     ///< ends in nullptr
  char** environment = nullptr;   ///< ends in nullptr
  char** read_only_paths = nullptr;
};

/// Reads a request from the control socket. False when it ends early, is too large or not ours.
bool receive_job(int control, job& into);

/// Value of `name` in the job's environment, or nullptr.
const char* variable(const job& job, const char* name);

/// send() of all bytes without SIGPIPE; false when the other end is gone.
bool send_all(int socket, const void* bytes, unsigned long size);

}  // namespace ratchet::launch
