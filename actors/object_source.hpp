// SPDX-License-Identifier: MIT
//
// object_source: hands workers on other machines the git objects they ask for. It blocks on the
// disk, so it is spawned detached; the experiment_runner starts it with the first worker.
#pragma once

#include <memory>

#include "actors/ports/object_parts_port.hpp"
#include "messages/actors.hpp"

namespace ratchet {

object_source_actor::behavior_type object_source(object_source_actor::pointer self,
                                                 std::shared_ptr<object_parts_port> parts);

}  // namespace ratchet
