// SPDX-License-Identifier: MIT
//
// What a command asks of a node's own actors, at this machine or another.
#pragma once

#include "messages/actors.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/net/invitation.hpp"
#include "runtime/net/remote_node.hpp"

namespace ratchet::cli {

/// The one that was given with --join; else the owner's own way to the node on the state directory.
expected<net::invitation> invitation_of(const command_context& context);

expected<experiment_runner_actor> runner_of(net::remote_node& node);
/// Of the node that `front` is the supervisor of; `name` is what it is called in a failure.
expected<worker_list> machines_of(caf::actor_system& system, const supervisor_actor& front,
                                  const std::string& name);

}  // namespace ratchet::cli
