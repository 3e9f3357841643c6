// SPDX-License-Identifier: MIT
#include "runtime/net/caf_sockets.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <spdlog/spdlog.h>

#include <atomic>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/acceptor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/logger.hpp>
#include <caf/scoped_actor.hpp>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/net/answer_slot.hpp"

namespace ratchet::net {

namespace {

namespace io = caf::io;
using io::network::default_multiplexer;
using io::network::native_socket;

struct socket_pair {
  file_descriptor ours, theirs;
};

expected<socket_pair> make_pair_of(int type) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return fail(errc::process_failed,
                "no socket pair could be made: " + std::generic_category().message(errno) +
                    "; too many open files?");
  return socket_pair{file_descriptor(ends[0]), file_descriptor(ends[1])};
}

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

/// What CAF knows an entrance by, in place of a port.
std::uint16_t next_number() {
  static std::atomic<std::uint16_t> last{0};
  std::uint16_t n = ++last;
  return n == 0 ? ++last : n;
}

}  // namespace

networked_config::networked_config() {
  load<io::middleman>();
  set("middleman.heartbeat-interval", caf::timespan{heartbeat_interval});
}

struct networked_system::life {
  answer_slot<caf::actor_system*> begun;
  answer_slot<bool> enough, ended;
};

networked_system::networked_system() : life_(std::make_shared<life>()) {
  std::thread([l = life_] {
    {
      networked_config config;
      caf::actor_system system(config);
      l->begun.set(&system);
      l->enough.await();
    }
    l->ended.set(true);
  }).detach();
  system_ = life_->begun.await();
}

networked_system::~networked_system() {
  {
    caf::scoped_actor self{*system_};
    self->request(broker_of(*system_), std::chrono::seconds(1), caf::get_atom::value,
                  system_->node())
        .receive([](const caf::node_id&, const std::string&, std::uint16_t) {},
                 [](const caf::error&) {});  // either way it has handled what came before
  }
  caf::logger::set_current_actor_system(nullptr);  // what this thread's scoped_actors have set
  life_->enough.set(true);
  if (!life_->ended.await(std::chrono::seconds(5)))
    spdlog::info("CAF's actor system did not end by itself and is left to the process's end");
}

caf_entrance::caf_entrance(caf::actor_system& system, file_descriptor hand_over,
                           std::uint16_t number)
    : system_(system), hand_over_(std::move(hand_over)), number_(number) {}

expected<std::unique_ptr<caf_entrance>> caf_entrance::open(caf::actor_system& system,
                                                           caf::strong_actor_ptr whom,
                                                           std::set<std::string> interface) {
  auto pair = make_pair_of(SOCK_SEQPACKET);
  if (!pair) return pair.error();
  const auto number = next_number();
  io::doorman_ptr doorman =
      caf::make_counted<pair_doorman>(loop_of(system), pair->theirs.release(), number);
  caf::anon_send(broker_of(system), caf::publish_atom::value, std::move(doorman), number,
                 std::move(whom), std::move(interface));
  return std::unique_ptr<caf_entrance>(new caf_entrance(system, std::move(pair->ours), number));
}

caf_entrance::~caf_entrance() {
  caf::anon_send(broker_of(system_), caf::close_atom::value, number_);
}

expected<file_descriptor> caf_entrance::connect() {
  auto pair = make_pair_of(SOCK_STREAM);
  if (!pair) return pair.error();
  const int theirs = pair->theirs.get();
  if (::write(hand_over_.get(), &theirs, sizeof(theirs)) != sizeof(theirs))
    return fail(errc::process_failed, "the node takes no more connections now; try again");
  pair->theirs.release();
  return std::move(pair->ours);
}

namespace {

using find_published = std::function<void(expected<published_actor>)>;

/// Longer than anybody waits for `found`; only so that the asker itself ends.
constexpr std::chrono::seconds broker_timeout{120};

void ask_broker(caf::event_based_actor* self, const caf::actor& broker,
                const io::scribe_ptr& scribe, const find_published& found) {
  self->request(broker, broker_timeout, caf::connect_atom::value, scribe, std::uint16_t{0})
      .then(
          [found](const caf::node_id&, const caf::strong_actor_ptr& actor,
                  const std::set<std::string>& interface) {
            if (!actor)
              found(fail(errc::worker_lost, "the node has ended its work; start it again"));
            else
              found(published_actor{actor, interface});
          },
          [found](const caf::error& error) {
            found(fail(errc::worker_lost, "the connection ended before the node had answered (" +
                                              caf::to_string(error) + "); try again"));
          });
}

}  // namespace

expected<file_descriptor> ask_for_published(caf::actor_system& system,
                                            std::function<void(expected<published_actor>)> found) {
  auto pair = make_pair_of(SOCK_STREAM);
  if (!pair) return pair.error();
  auto scribe = loop_of(system).new_scribe(pair->theirs.release());
  system.spawn(ask_broker, broker_of(system), std::move(scribe), std::move(found));
  return std::move(pair->ours);
}

}  // namespace ratchet::net
