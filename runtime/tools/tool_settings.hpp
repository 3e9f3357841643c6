// SPDX-License-Identifier: MIT
//
// The arguments of autoresearch_setup as settings.
#pragma once

#include "messages/failure.hpp"
#include "messages/json.hpp"
#include "messages/settings.hpp"

namespace ratchet {

/// Arguments that have passed `check_argument` become settings, once all that two of them say
/// together, and every rule beyond kind and range, has been checked too. Nothing on disk is looked
/// at. Fails with `invalid_argument`, naming the field.
expected<session_settings> decode_settings(const json& arguments);

/// The spark budget that such arguments mean: as given; where only max_iterations is given, enough
/// to pay for all of them, and never less than the default.
int spark_budget_of(const json& arguments);

}  // namespace ratchet
