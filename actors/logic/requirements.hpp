// SPDX-License-Identifier: MIT
//
// Which machine may run a session's experiments, and which machines measure alike.
//
// A requirement is one of
//   NAME             the machine has that label ("gpu")
//   NAME=VALUE       that label, or one of the facts arch, cpu, os, name, device, has that value;
//                    an os is met by its first word ("os=linux")
//   NAME>=NUMBER     cpus, memory_gb or a label with a number is at least that
// and all of a session's requirements have to be met. Names: [A-Za-z0-9_.-]{1,64}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"
#include "messages/hive.hpp"

namespace ratchet {

/// What is wrong with the text of a requirement; empty when it is well formed.
std::string requirement_fault(std::string_view requirement);

bool meets(const machine_facts& machine, std::string_view requirement);
bool meets_all(const machine_facts& machine, const std::vector<std::string>& requirements);

/// Architecture, processor, their number, the owner's labels and the devices' model, as one line.
/// Metrics are compared only between runs on machines of one class.
std::string machine_class(const machine_facts& machine);

/// The facts in which a worker differs from the node: {"os": "linux 6.1", …}, the worker's values.
json environment_difference(const machine_facts& node, const machine_facts& worker);

/// A label as an owner gives it, NAME or NAME=VALUE; `invalid_argument` (field "label") otherwise.
expected<std::pair<std::string, std::string>> parse_label(std::string_view text);

}  // namespace ratchet
