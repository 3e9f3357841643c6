// SPDX-License-Identifier: MIT
//
// What the name of a called function says of the numbers among its arguments.
#pragma once

#include <string>

namespace ratchet {

/// "nn.Linear" → "Linear"
std::string last_part(const std::string& dotted);

/// add_argument, click.option…: their `default` is a setting of the option's name.
bool declares_options(const std::string& callee);
/// "-s, --size <n>" → "--size"
std::string option_name(std::string text);

/// Calls whose numbers shape data, the output or the run of another program: print, range,
/// make_classification, subprocess.run…
bool is_no_place_for_settings(const std::string& callee);

}  // namespace ratchet
