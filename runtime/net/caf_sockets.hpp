// SPDX-License-Identifier: MIT
//
// How CAF 0.17.6 is given connections that nobody else can reach: one end of a socket pair each, in
// this process. No port, no file, no name. The bytes that go in must have passed a basp_filter.
// What has to know CAF's middleman is caf_io.hpp's.
#pragma once

#include <caf/actor_system.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "messages/caf_port.hpp"
#include "messages/failure.hpp"
#include "runtime/embed/system.hpp"
#include "runtime/os/file_descriptor.hpp"

namespace ratchet::net {

/// An actor system that can speak to others: heartbeats every `heartbeat_interval`.
class networked_config : public system_config {
 public:
  static constexpr std::chrono::seconds heartbeat_interval{5};
  networked_config();
};

/// An actor system of that configuration, with an end that is bounded. CAF 0.17.6's own destructor
/// waits, and in rare cases for ever, for an actor with a thread of its own that a message under
/// way still refers to; and for every thread that has used a scoped_actor of the system, unless it
/// is the one that made it. So the system is made and ended by a thread of its own. The destructor
/// lets the messages under way arrive, then gives CAF 5 s; what is left then is left to the end of
/// the process. End what is yours in it first.
class networked_system {
 public:
  networked_system();
  ~networked_system();
  networked_system(const networked_system&) = delete;
  networked_system& operator=(const networked_system&) = delete;
  caf::actor_system& get() { return *system_; }

 private:
  struct life;
  std::shared_ptr<life> life_;
  caf::actor_system* system_;
};

/// Where CAF takes connections to one published actor.
class caf_entrance {
 public:
  /// `system` must have been made from a networked_config and outlive the entrance.
  template <class Handle>
  static expected<std::unique_ptr<caf_entrance>> publish(caf::actor_system& system,
                                                         const Handle& whom) {
    return open(system, caf::actor_cast<caf::strong_actor_ptr>(whom), system.message_types(whom));
  }
  /// CAF takes no connection any more; those it has live on.
  ~caf_entrance();
  caf_entrance(const caf_entrance&) = delete;
  caf_entrance& operator=(const caf_entrance&) = delete;

  /// A connection to CAF: this is the other end. CAF speaks first. From any thread.
  expected<file_descriptor> connect();

 private:
  caf_entrance(caf::actor_system& system, file_descriptor hand_over, std::uint16_t number);
  static expected<std::unique_ptr<caf_entrance>> open(caf::actor_system& system,
                                                      caf::strong_actor_ptr whom,
                                                      std::set<std::string> interface);
  caf::actor_system& system_;
  file_descriptor hand_over_;
  std::uint16_t number_;
};

/// What a CAF on the other side has published.
struct published_actor {
  caf::strong_actor_ptr actor;
  std::set<std::string> interface;
};

/// Lets this system's CAF speak, as the connecting side, through a socket pair of which `found`
/// gets nothing but the outcome, once, from a thread of the system; the returned descriptor is the
/// other end. `worker_lost` when the connection ends before the other side has said what it
/// published.
expected<file_descriptor> ask_for_published(caf::actor_system& system,
                                            std::function<void(expected<published_actor>)> found);

/// The published actor as a handle; `invalid_argument` when it does not answer to all that the
/// handle needs, as another version's may.
template <class Handle>
expected<Handle> as_handle(caf::actor_system& system, const published_actor& found) {
  const auto needed = system.message_types<Handle>();
  for (const auto& message : needed)
    if (!found.interface.contains(message))
      return fail(errc::invalid_argument,
                  "the node is of another version of Ratchet: it does not answer to " + message +
                      "; use the same version on both sides");
  return caf::actor_cast<Handle>(found.actor);
}

}  // namespace ratchet::net
