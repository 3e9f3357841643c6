// SPDX-License-Identifier: MIT
//
// ratchet-caf-io.so: the only file that knows CAF's middleman. It needs nothing else of Ratchet.
#include <unistd.h>

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/acceptor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/scoped_actor.hpp>
#include <utility>

#include "runtime/net/caf_io.hpp"

namespace ratchet::net {

namespace {

namespace io = caf::io;
using io::network::default_multiplexer;
using io::network::native_socket;

/// A connection is accepted by reading its descriptor's number.
struct read_descriptor {
  static bool try_accept(native_socket& accepted, native_socket from) {
    int fd = -1;
    if (::read(from, &fd, sizeof(fd)) != sizeof(fd)) return false;
    accepted = fd;
    return true;
  }
};

class pair_doorman final : public io::doorman {
 public:
  pair_doorman(default_multiplexer& loop, native_socket from, std::uint16_t number)
      : doorman(io::network::accept_hdl_from_socket(from)),
        acceptor_(loop, from),
        number_(number) {}

  bool new_connection() override {
    auto fd = acceptor_.accepted_socket();
    if (detached()) {
      ::close(fd);
      return false;
    }
    auto& loop = acceptor_.backend();
    auto scribe = loop.new_scribe(fd);
    auto handle = scribe->hdl();
    parent()->add_scribe(std::move(scribe));
    return doorman::new_connection(&loop, handle);
  }
  void graceful_shutdown() override {
    acceptor_.graceful_shutdown();
    detach(&acceptor_.backend(), false);
  }
  void launch() override { acceptor_.start(this); }
  std::string addr() const override { return "socket pair"; }
  std::uint16_t port() const override { return number_; }
  void add_to_loop() override { acceptor_.activate(this); }
  void remove_from_loop() override { acceptor_.passivate(); }

 private:
  io::network::acceptor_impl<read_descriptor> acceptor_;
  std::uint16_t number_;
};

default_multiplexer& loop_of(caf::actor_system& system) {
  return static_cast<default_multiplexer&>(system.middleman().backend());
}

/// The actor that speaks the protocol. It exists since the system's start: this only finds it.
caf::actor broker_of(caf::actor_system& system) {
  return system.middleman().named_broker<io::basp_broker>(caf::atom("BASP"));
}

void add_middleman(caf::actor_system_config& config) { config.load<io::middleman>(); }

void settle(caf::actor_system& system) {
  caf::scoped_actor self{system};
  self->request(broker_of(system), std::chrono::seconds(1), caf::get_atom::value, system.node())
      .receive([](const caf::node_id&, const std::string&, std::uint16_t) {},
               [](const caf::error&) {});  // either way it has handled what came before
}

void publish(caf::actor_system& system, int hand_over, std::uint16_t number,
             caf::strong_actor_ptr whom, std::set<std::string> interface) {
  io::doorman_ptr doorman = caf::make_counted<pair_doorman>(loop_of(system), hand_over, number);
  caf::anon_send(broker_of(system), caf::publish_atom::value, std::move(doorman), number,
                 std::move(whom), std::move(interface));
}

void unpublish(caf::actor_system& system, std::uint16_t number) {
  caf::anon_send(broker_of(system), caf::close_atom::value, number);
}

/// Longer than anybody waits for `found`; only so that the asker itself ends.
constexpr std::chrono::seconds broker_timeout{120};

void ask_broker(caf::event_based_actor* self, const caf::actor& broker,
                const io::scribe_ptr& scribe, const published_found& found) {
  self->request(broker, broker_timeout, caf::connect_atom::value, scribe, std::uint16_t{0})
      .then([found](const caf::node_id&, const caf::strong_actor_ptr& actor,
                    const std::set<std::string>& interface) { found(actor, interface, {}); },
            [found](const caf::error& error) { found(nullptr, {}, caf::to_string(error)); });
}

void ask(caf::actor_system& system, int connection, published_found found) {
  auto scribe = loop_of(system).new_scribe(connection);
  system.spawn(ask_broker, broker_of(system), std::move(scribe), std::move(found));
}

}  // namespace

}  // namespace ratchet::net

extern "C" [[gnu::visibility("default")]] const ratchet::net::caf_io ratchet_caf_io{
    ratchet::net::add_middleman, ratchet::net::settle, ratchet::net::publish,
    ratchet::net::unpublish, ratchet::net::ask};
