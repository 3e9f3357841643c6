// SPDX-License-Identifier: MIT
#include "runtime/net/caf_sockets.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <spdlog/spdlog.h>

#include <atomic>
#include <caf/logger.hpp>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/net/answer_slot.hpp"
#include "runtime/net/caf_io.hpp"

namespace ratchet::net {

namespace {

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

/// What CAF knows an entrance by, in place of a port.
std::uint16_t next_number() {
  static std::atomic<std::uint16_t> last{0};
  std::uint16_t n = ++last;
  return n == 0 ? ++last : n;
}

}  // namespace

networked_config::networked_config() {
  if (auto io = loaded_caf_io()) (*io)->add_middleman(*this);
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
  if (auto io = loaded_caf_io()) (*io)->settle(*system_);
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
  auto io = loaded_caf_io();
  if (!io) return io.error();
  auto pair = make_pair_of(SOCK_SEQPACKET);
  if (!pair) return pair.error();
  const auto number = next_number();
  (*io)->publish(system, pair->theirs.release(), number, std::move(whom), std::move(interface));
  return std::unique_ptr<caf_entrance>(new caf_entrance(system, std::move(pair->ours), number));
}

caf_entrance::~caf_entrance() {
  (*loaded_caf_io())->unpublish(system_, number_);  // or there would be no entrance
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

expected<file_descriptor> ask_for_published(caf::actor_system& system,
                                            std::function<void(expected<published_actor>)> found) {
  auto io = loaded_caf_io();
  if (!io) return io.error();
  auto pair = make_pair_of(SOCK_STREAM);
  if (!pair) return pair.error();
  (*io)->ask(
      system, pair->theirs.release(),
      [found = std::move(found)](const caf::strong_actor_ptr& actor,
                                 const std::set<std::string>& interface, const std::string& error) {
        if (!error.empty())
          found(fail(errc::worker_lost, "the connection ended before the node had answered (" +
                                            error + "); try again"));
        else if (!actor)
          found(fail(errc::worker_lost, "the node has ended its work; start it again"));
        else
          found(published_actor{actor, interface});
      });
  return std::move(pair->ours);
}

}  // namespace ratchet::net
