// SPDX-License-Identifier: MIT
//
// One byte sequence for one JSON value: RFC 8785 (JSON Canonicalization Scheme, JCS), so that two
// programs in any language sign and check the same bytes. No blanks; keys sorted by their UTF-16
// code units; strings with the fewest escapes; numbers as ECMAScript prints them, the shortest text
// that reads back as the same double.
//
// Numbers are doubles here, whatever they were before: an integer beyond 2^53 loses its last digits
// in the canonical form, as the RFC has it. Who lets a signature vouch for such a number must
// refuse it first.
#pragma once

#include <string>

#include "messages/failure.hpp"

namespace ratchet {

/// Fails with `invalid_argument` for what has no canonical form: a number that is not finite, text
/// that is not UTF-8, a value of a kind that JSON does not have (nlohmann's binary). Recursive:
/// bound the depth of what came from outside before (json_bounds.hpp).
expected<std::string> canonical_json(const json& value);

/// A finite number as ECMAScript's Number.prototype.toString prints it.
std::string ecmascript_number(double value);

/// Whether `a` comes before `b` by UTF-16 code units. Both must be UTF-8.
bool utf16_less(std::string_view a, std::string_view b);

}  // namespace ratchet
