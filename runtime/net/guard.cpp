// SPDX-License-Identifier: MIT
#include "runtime/net/guard.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <list>

#include "runtime/net/answer_slot.hpp"
#include "runtime/os/wall_clock.hpp"

namespace ratchet::net {

namespace {
constexpr std::chrono::seconds end_deadline{5};
}

struct guard::parts {
  parts(caf_entrance& to, std::string own, member_list list, guard_options o)
      : entrance(to), own_id(std::move(own)), members(std::move(list)), options(std::move(o)) {}

  struct connection {
    std::shared_ptr<relay> through;
    std::string caf_node;           ///< once it has said so
    std::function<void()> proceed;  ///< waits until an older connection of caf_node has ended
  };
  using place = std::list<connection>::iterator;

  bool is_member(const std::string& node_id) const {
    return node_id == own_id || members.find(node_id, wall_clock_ms());
  }

  bool may(std::string_view protocol, const std::string& node_id,
           const std::string& process) const {
    if (protocol == cluster_protocol) {
      if (node_id == own_id) return true;
      const auto m = members.find(node_id, wall_clock_ms());
      return m && has_use(*m, process);
    }
    auto other = options.others.find(protocol);
    return other != options.others.end() && other->second.may(node_id);
  }

  bool has_use(const member& m, const std::string& process) const {
    auto counted = members.use(m, process);
    if (!counted) spdlog::error("{} is turned away: {}", m.name, counted.error().text);
    if (counted && !*counted)
      spdlog::info("{} is turned away: its invitation has been used {} times, as often as it may",
                   m.name, m.uses);
    return counted && *counted;
  }

  void take(secure_connection peer) {
    auto other = options.others.find(peer.protocol);
    if (other != options.others.end()) return other->second.take(std::move(peer));
    auto caf = entrance.connect();
    if (!caf) {
      spdlog::error("a member at {} was turned away: {}", peer.address, caf.error().text);
      return;
    }
    spdlog::info("member {} has joined from {}", peer.peer.substr(0, 8), peer.address);
    auto where = all.emplace(all.end());
    ++count;
    where->through =
        relay::start(std::move(peer), std::move(*caf), basp_filter::sender::client, options.relays,
                     {[this, where](const std::string& caf_node, std::function<void()> proceed) {
                        greet(where, caf_node, std::move(proceed));
                      },
                      [this, where](const std::string& why) { forget(where, why); }});
  }

  void greet(place where, const std::string& caf_node, std::function<void()> proceed) {
    where->caf_node = caf_node;
    bool waits = false;
    for (auto older = all.begin(); older != all.end(); ++older) {
      if (older == where || older->caf_node != caf_node) continue;
      if (older->through->peer() != where->through->peer())
        return where->through->end("it says to be a node that another member is");
      older->through->end("the same node has come again");
      waits = true;
    }
    if (!waits) return proceed();
    where->proceed = std::move(proceed);
  }

  void forget(place where, const std::string& why) {
    spdlog::info("member {} at {} has left: {}", where->through->peer().substr(0, 8),
                 where->through->address(), why);
    const auto caf_node = where->caf_node;
    all.erase(where);
    --count;
    if (all.empty() && !listener) none_left.set(true);
    if (caf_node.empty()) return;
    connection* waiting = nullptr;
    for (auto& c : all)
      if (c.caf_node == caf_node) {
        if (!c.proceed) return;  // another older one is still ending
        waiting = &c;
      }
    if (waiting) std::exchange(waiting->proceed, nullptr)();
  }

  /// At who may still be here.
  void look() {
    clock.expires_after(options.look_interval);
    clock.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      for (auto it = all.begin(); it != all.end();) {
        auto through = (it++)->through;
        if (!is_member(through->peer())) through->end("its membership was revoked or has expired");
      }
      look();
    });
  }

  void end_all() {
    clock.cancel();
    listener.reset();
    for (auto it = all.begin(); it != all.end();) (it++)->through->end("the node ends");
    if (all.empty()) none_left.set(true);
  }

  caf_entrance& entrance;
  const std::string own_id;  ///< who has the node's own key is its owner, on this machine
  const member_list members;
  const guard_options options;
  std::atomic<std::size_t> count{0};
  std::list<connection> all;
  loop_thread loop;
  boost::asio::steady_timer clock{loop.context()};
  std::unique_ptr<tls_listener> listener;
  answer_slot<bool> none_left;  ///< after end_all: CAF has forgotten every connection
};

guard::guard(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

expected<std::unique_ptr<guard>> guard::open(caf_entrance& entrance, const node_key& own,
                                             const member_list& members, guard_options options) {
  for (const auto& [name, other] : options.others) options.listen.protocols.push_back(name);
  auto p = std::make_unique<parts>(entrance, own.node_id(), members, std::move(options));
  auto* raw = p.get();
  auto listener = tls_listener::open(
      p->loop.context(), own, p->options.listen,
      [raw](std::string_view protocol, const std::string& id, const std::string& process) {
        return raw->may(protocol, id, process);
      },
      [raw](secure_connection peer) { raw->take(std::move(peer)); });
  if (!listener) return listener.error();
  p->listener = std::move(*listener);
  boost::asio::post(p->loop.context(), [raw] { raw->look(); });
  return std::unique_ptr<guard>(new guard(std::move(p)));
}

guard::~guard() {
  boost::asio::post(parts_->loop.context(), [p = parts_.get()] { p->end_all(); });
  if (!parts_->none_left.await(end_deadline))
    spdlog::warn("CAF holds on to connections that have ended");
  parts_->loop.stop();
  parts_->all.clear();  // while the loop they belong to is there
}

std::uint16_t guard::port() const { return parts_->listener->port(); }
std::size_t guard::connections() const { return parts_->count; }

}  // namespace ratchet::net
