// SPDX-License-Identifier: MIT
//
// How code inside runtime/git gives up: it throws a `refusal`, and the port's edge (`guarded`)
// turns that, and anything the standard library threw, into the `failure` that a caller sees.
// Nothing but the ports' edges catches one, apart from places that put something back first.
#pragma once

#include <cerrno>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "actors/logic/text.hpp"
#include "messages/failure.hpp"

namespace ratchet::git {

struct refusal {
  failure why;
};

[[noreturn]] inline void refuse(errc code, std::string text, json details = nullptr) {
  throw refusal{fail(code, std::move(text), std::move(details))};
}

/// "cannot WHAT: Permission denied"; `next` says what a person can do about it.
[[noreturn]] inline void refuse_errno(const std::string& what, const std::string& next = "",
                                      int error = errno) {
  refuse(errc::workspace_failed,
         "cannot " + what + ": " + std::strerror(error) + (next.empty() ? "" : "; " + next));
}

/// Runs `work` and returns what it returns, or the failure it ended with, whose text is valid
/// UTF-8: a path in it may be any bytes, but it will be stored and sent. Never throws.
template <class Work>
auto guarded(Work&& work) noexcept -> expected<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const refusal& r) {
    return fail(r.why.code, valid_utf8(r.why.text), r.why.details);
  } catch (const std::bad_alloc&) {
    return fail(errc::workspace_failed,
                "not enough memory to work on the workspace; free some and repeat the step");
  } catch (const std::exception& e) {
    return fail(errc::internal, std::string("the workspace failed unexpectedly: ") + e.what());
  }
}

}  // namespace ratchet::git
