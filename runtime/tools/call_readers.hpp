// SPDX-License-Identifier: MIT
//
// From a tool's arguments, whose kinds and limits have been checked, to the message that they stand
// for. What is refused is `invalid_argument` and names the field.
#pragma once

#include <string>

#include "messages/failure.hpp"
#include "messages/json.hpp"
#include "messages/sessions.hpp"

namespace ratchet {

expected<std::string> read_session_id(const json& arguments);
expected<edit_candidate> read_edit(const json& arguments);

/// A step that is asked for by its session alone.
template <class Request>
expected<Request> read_step(const json& arguments) {
  auto id = read_session_id(arguments);
  if (!id) return id.error();
  return Request{std::move(*id)};
}

}  // namespace ratchet
