// SPDX-License-Identifier: MIT
//
// What can go wrong in the laboratory itself. A failing experiment is a result, not one of these.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "messages/json.hpp"

namespace ratchet {

/// The codes that a tool answer carries in `code`. At most 15: a caller decides by them, the text
/// tells a person the rest.
enum class errc : std::uint8_t {
  invalid_argument = 1,  ///< an argument is missing, unknown, of the wrong kind or out of range
  unknown_session,       ///< no session has this id
  wrong_step,            ///< the step is not the one expected next; nothing was done
  session_busy,          ///< another process or call is working on this session
  session_ended,         ///< the session is completed, failed or out of budget
  repository_refused,    ///< not a repository, or one that cannot be worked on safely
  edit_refused,          ///< the edit leaves the targets, the workspace or does not apply
  baseline_failed,       ///< the unmodified code failed or printed no metric
  workspace_failed,      ///< the work tree or its private git directory could not be changed
  store_failed,          ///< the SQLite store could not be read or written
  process_failed,        ///< a process could not be started or watched
  worker_lost,           ///< the actor that worked on it died; it was replaced
  timed_out,             ///< an answer did not come within the protocol's time limit
  cancelled,             ///< the caller, or the end of the runtime, cancelled it
  internal,              ///< a bug: please report
};

template <>
struct enum_names<errc> {
  static constexpr std::array<std::pair<errc, std::string_view>, 15> value{{
      {errc::invalid_argument, "invalid_argument"},
      {errc::unknown_session, "unknown_session"},
      {errc::wrong_step, "wrong_step"},
      {errc::session_busy, "session_busy"},
      {errc::session_ended, "session_ended"},
      {errc::repository_refused, "repository_refused"},
      {errc::edit_refused, "edit_refused"},
      {errc::baseline_failed, "baseline_failed"},
      {errc::workspace_failed, "workspace_failed"},
      {errc::store_failed, "store_failed"},
      {errc::process_failed, "process_failed"},
      {errc::worker_lost, "worker_lost"},
      {errc::timed_out, "timed_out"},
      {errc::cancelled, "cancelled"},
      {errc::internal, "internal"},
  }};
};
static_assert(enum_names<errc>::value.size() == static_cast<std::size_t>(errc::internal));

/// What happened, to what, and what to do next; in words a person can act on.
struct failure {
  errc code = errc::internal;
  std::string text;
  /// More keys for the tool answer, such as `expected` or `field`; an object or null. For people
  /// and callers: what the program itself acts on has a member.
  json details;
  bool untouched = false;  ///< nothing was begun, and what is there is somebody else's: no rollback
  bool permanent = false;  ///< asked again, it ends the same way

  static constexpr auto fields() {
    using f = failure;
    constexpr auto if_set = presence::if_set;
    return field_list{
        field{"code", &f::code}, field{"text", &f::text}, field{"details", &f::details, if_set},
        field{"untouched", &f::untouched, if_set}, field{"permanent", &f::permanent, if_set}};
  }
};

inline failure fail(errc code, std::string text, json details = nullptr) {
  failure f;
  f.code = code;
  f.text = std::move(text);
  f.details = std::move(details);
  return f;
}

/// Found by boost::system::result::value() on a failure: reading past one is a bug.
[[noreturn]] inline void throw_exception_from_error(const failure& e,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked failure: " + e.text);
}

/// What every port answers: a value, or why there is none. Test with `if (x)`, read with `*x` and
/// `x.error()`; `expected<>` has no value.
template <class T = void>
using expected = boost::system::result<T, failure>;

}  // namespace ratchet
