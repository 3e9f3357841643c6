// SPDX-License-Identifier: MIT
//
// A node on another machine, joined with an invitation: the same tools and the same typed handles
// as at home, over one guarded connection. It is made when it is first needed, and made again when
// it has ended and somebody asks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "messages/actors.hpp"
#include "messages/failure.hpp"
#include "runtime/embed/pending_call.hpp"
#include "runtime/net/invitation.hpp"
#include "runtime/net/relay.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::net {

struct remote_node_options {
  std::chrono::milliseconds connect_deadline{15'000};  ///< of each address
  std::chrono::milliseconds answer_deadline{15'000};   ///< until the node has said what it offers
  relay_limits relays;
};

class remote_node {
 public:
  explicit remote_node(const invitation& invited, const remote_node_options& options = {});
  /// Ends the connection; calls under way are answered with `worker_lost`.
  ~remote_node();
  remote_node(const remote_node&) = delete;
  remote_node& operator=(const remote_node&) = delete;

  /// The node's front, connecting if need be. Blocks; from any thread that is not an actor's.
  /// Fails as connect_tls does, with the last address's failure, or `invalid_argument` when the
  /// node is of another version.
  expected<supervisor_actor> join();
  /// As those of the runtime, of this moment; they fail and block as join does.
  expected<session_registry_actor> registry();
  expected<event_hub_actor> events();

  /// As runtime::call, at the node: paths in the arguments are the node's. When the connection ends
  /// first, the answer is an error of code `worker_lost`; the step may go on.
  json call(std::string_view tool, const json& arguments, std::int64_t default_wait_ms = -1);
  /// A request that is decoded already; `name` is what it is called in error answers.
  json ask(std::string_view name, tool_call::request request, std::int64_t wait_ms);

  /// As runtime::start_call. Connects, so it may block for the deadlines of join.
  pending_call start_call(std::string_view tool, const json& arguments,
                          std::int64_t default_wait_ms, std::function<void(json)> answer);

  /// As runtime::cancel; does nothing while there is no connection.
  void cancel(const std::string& session_id);

  caf::actor_system& system();
  /// "192.0.2.7:7717": where it was reached last, or the first address of the invitation.
  std::string address() const;

 private:
  pending_call start(std::string_view name, tool_call::request request, std::int64_t wait_ms,
                     std::function<void(json)> answer);
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace ratchet::net
