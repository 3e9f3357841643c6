// SPDX-License-Identifier: MIT
//
// Which failures of a model call are worth another try, and when. Pure.
#pragma once

#include <optional>
#include <string>

#include "runtime/llm/chat.hpp"
#include "runtime/llm/http.hpp"

namespace ratchet {

enum class call_failure : std::uint8_t {
  transient,  ///< may well work in a moment
  quota,      ///< credit or quota is used up: nothing that waiting for would help
  final,      ///< the same request would be refused again
  cancelled
};

struct call_verdict {
  call_failure kind = call_failure::final;
  std::string what;  ///< in words, with what to do where that is known; no key in it
  std::optional<double> retry_after_s;
};

/// Why an attempt gave no reply. `error` is what the server said, if anything.
call_verdict judge_failure(const http_outcome& outcome, const chat_error& error);

struct retry_policy {
  int retries = 4;           ///< after the first attempt
  double base_s = 1;         ///< doubled with each
  double max_s = 30;         ///< of one pause, unless the server asks for more
  double max_total_s = 180;  ///< of all pauses of one call
};

/// How long to wait before retry number `retry` (1 …), `waited_s` having been waited already;
/// nothing when there is no further one. A pause is spread (`draw` in [0, 1)) so that many clients
/// do not come back together: between half of and the whole back-off, or up to a tenth beyond what
/// the server asked for.
std::optional<double> pause_before(int retry, double waited_s,
                                   const std::optional<double>& retry_after_s, double draw,
                                   const retry_policy& policy);

}  // namespace ratchet
