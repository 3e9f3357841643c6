// SPDX-License-Identifier: MIT
#include "runtime/net/remote_node.hpp"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

#include "actors/watched_request.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"
#include "runtime/embed/tool_client.hpp"
#include "runtime/net/answer_slot.hpp"
#include "runtime/net/caf_sockets.hpp"
#include "runtime/os/event_loop.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::net {

namespace {

constexpr std::chrono::milliseconds grace{1000};

}  // namespace

struct remote_node::parts {
  parts(const invitation& i, const remote_node_options& o)
      : invited(i), options(o), address(i.addresses.front().text()) {}

  struct pending {
    std::string tool, session_id;
    std::function<void(json)> answer;
    tool_client_actor client;
  };

  /// Who was refused at one address is not told that there is nobody at another.
  static int weight(const failure& why) {
    if (why.code == errc::invalid_argument) return 2;
    return why.details.contains("reached") ? 1 : 0;
  }

  expected<secure_connection> connect() {
    std::optional<failure> worst;
    for (const auto& where : invited.addresses) {
      auto slot = std::make_shared<answer_slot<expected<secure_connection>>>();
      connect_tls(loop.context(), invited.key, where, invited.node, cluster_protocol,
                  options.connect_deadline,
                  [slot](expected<secure_connection> c) { slot->set(std::move(c)); });
      auto connected = slot->await(options.connect_deadline + grace);
      if (connected && *connected) {
        std::lock_guard lock(mutex);
        address = where.text();
        return std::move(*connected);
      }
      auto why =
          connected ? connected->error() : fail(errc::timed_out, "no answer from " + where.text());
      if (!worst || weight(why) > weight(*worst)) worst = std::move(why);
    }
    return worst.value_or(fail(errc::internal, "no address"));
  }

  expected<supervisor_actor> join() {
    std::lock_guard one_at_a_time(joining);
    {
      std::unique_lock lock(mutex);
      if (supervisor) return supervisor;
      // CAF must have forgotten the old connection, or it would go on using it.
      changed.wait_for(lock, options.answer_deadline, [this] { return !through; });
    }
    auto peer = connect();
    if (!peer) return peer.error();
    auto found = std::make_shared<answer_slot<expected<published_actor>>>();
    auto caf = ask_for_published(system, [found](expected<published_actor> a) { found->set(a); });
    if (!caf) return caf.error();
    start_relay(std::move(*peer), std::move(*caf));
    auto published = found->await(options.answer_deadline);
    expected<supervisor_actor> handle =
        !published ? expected<supervisor_actor>(
                         fail(errc::timed_out, "the node at " + where() +
                                                   " was reached, but does not "
                                                   "answer; is its machine overloaded?"))
        : *published ? as_handle<supervisor_actor>(system, **published)
                     : expected<supervisor_actor>(published->error());
    std::unique_lock lock(mutex);
    if (handle && through) return supervisor = *handle;
    if (handle)
      handle = fail(errc::worker_lost, "the connection to " + address + " ended: " + ended_because);
    lock.unlock();
    cut("it was of no use");
    return handle;
  }

  using role_handles = std::tuple<session_registry_actor, event_hub_actor, gate_chain_actor>;
  expected<role_handles> roles() {
    auto front = join();
    if (!front) return front.error();
    return ask_watched<session_registry_actor, event_hub_actor, gate_chain_actor>(
        system, *front, join_timeout, "the node at " + where(), find_roles{});
  }

  void start_relay(secure_connection peer, file_descriptor caf) {
    auto started = std::make_shared<answer_slot<bool>>();
    auto connection = std::make_shared<secure_connection>(std::move(peer));
    auto end = std::make_shared<file_descriptor>(std::move(caf));
    boost::asio::post(loop.context(), [this, started, connection, end] {
      std::lock_guard lock(mutex);
      through =
          relay::start(std::move(*connection), std::move(*end), basp_filter::sender::server,
                       options.relays, {nullptr, [this](const std::string& why) { lost(why); }});
      started->set(true);
    });
    started->await(options.answer_deadline);
  }

  void cut(const std::string& why) {
    boost::asio::post(loop.context(), [this, why] {
      std::shared_ptr<relay> now;
      {
        std::lock_guard lock(mutex);
        now = through;
      }
      if (now) now->end(why);
    });
  }

  void lost(const std::string& why) {
    std::map<std::uint64_t, pending> unanswered;
    {
      std::lock_guard lock(mutex);
      through.reset();
      supervisor = nullptr;
      ended_because = why;
      unanswered.swap(calls);
      changed.notify_all();
    }
    for (auto& [id, call] : unanswered) give_up(call, why);
  }

  void give_up(pending& call, const std::string& why) {
    if (call.client) caf::anon_send_exit(call.client, caf::exit_reason::user_shutdown);
    call.answer(error_answer(
        fail(errc::worker_lost, "the connection to the node at " + where() + " ended (" + why +
                                    ") before " + call.tool +
                                    " was answered. The step may go on there: ask for the status"),
        call.session_id));
  }

  /// Hands the answer over unless that was done.
  void answered(std::uint64_t id, json result) {
    std::function<void(json)> tell;
    {
      std::lock_guard lock(mutex);
      auto it = calls.find(id);
      if (it == calls.end()) return;
      tell = std::move(it->second.answer);
      calls.erase(it);
    }
    tell(std::move(result));
  }

  std::string where() {
    std::lock_guard lock(mutex);
    return address;
  }

  const invitation invited;
  const remote_node_options options;
  std::mutex joining;
  std::mutex mutex;  ///< for all that follows up to the loop
  std::condition_variable changed;
  std::string address;
  std::shared_ptr<relay> through;
  std::string ended_because;
  std::map<std::uint64_t, pending> calls;
  std::uint64_t last_call = 0;
  networked_system own_system;
  caf::actor_system& system = own_system.get();
  supervisor_actor supervisor;  ///< while connected
  loop_thread loop;
};

remote_node::remote_node(const invitation& invited, const remote_node_options& options)
    : parts_(std::make_unique<parts>(invited, options)) {}

remote_node::~remote_node() {
  auto& p = *parts_;
  {
    std::unique_lock lock(p.mutex);
    if (p.through) {
      lock.unlock();
      p.cut("this side ends");
      lock.lock();
      p.changed.wait_for(lock, grace, [&] { return !p.through; });
    }
  }
  p.loop.stop();
  p.lost("this side ends");
}

expected<supervisor_actor> remote_node::join() { return parts_->join(); }

expected<session_registry_actor> remote_node::registry() {
  auto found = parts_->roles();
  if (!found) return found.error();
  return std::get<session_registry_actor>(*found);
}

expected<event_hub_actor> remote_node::events() {
  auto found = parts_->roles();
  if (!found) return found.error();
  return std::get<event_hub_actor>(*found);
}

namespace {

void send_cancel(caf::event_based_actor* self, const supervisor_actor& front,
                 const std::string& session_id) {
  self->request(front, std::chrono::seconds(30), find_roles{})
      .then([self, session_id](
                const session_registry_actor& registry, const event_hub_actor&,
                const gate_chain_actor&) { self->send(registry, cancel_step{session_id}); },
            [](const caf::error&) {});  // the node is gone, and its callers are told
}

}  // namespace

void remote_node::cancel(const std::string& session_id) {
  supervisor_actor front;
  {
    std::lock_guard lock(parts_->mutex);
    front = parts_->supervisor;
  }
  if (!front) return;
  parts_->system.spawn(send_cancel, front, session_id);
}

caf::actor_system& remote_node::system() { return parts_->system; }
std::string remote_node::address() const { return parts_->where(); }

pending_call remote_node::start_call(std::string_view tool, const json& arguments,
                                     std::int64_t default_wait_ms,
                                     std::function<void(json)> answer) {
  auto call = read_call(tool, arguments, default_wait_ms);
  if (!call) {
    answer(error_answer(call.error()));
    return {};
  }
  return start(tool, std::move(call->request), call->wait_ms, std::move(answer));
}

pending_call remote_node::start(std::string_view name, tool_call::request request,
                                std::int64_t wait_ms, std::function<void(json)> answer) {
  auto& p = *parts_;
  auto node = join();
  if (!node) {
    answer(error_answer(node.error()));
    return {};
  }
  const auto session_id = session_of(request);
  std::uint64_t id = 0;
  {
    std::lock_guard lock(p.mutex);
    id = ++p.last_call;
    p.calls[id] = {std::string(name), session_id, std::move(answer), {}};
  }
  auto client = call_tool(
      p.system, *node, std::string(name), std::move(request), wait_ms,
      [this, id](json result) { parts_->answered(id, std::move(result)); },
      fail(errc::worker_lost, "the node at " + p.where() + " was gone before " + std::string(name) +
                                  " was begun; try again"));
  std::unique_lock lock(p.mutex);
  auto it = p.calls.find(id);
  if (it != p.calls.end() && p.supervisor) {
    it->second.client = client;
  } else if (it != p.calls.end()) {  // lost while it was being sent
    auto call = std::move(it->second);
    call.client = client;
    p.calls.erase(it);
    const auto why = p.ended_because;
    lock.unlock();
    p.give_up(call, why);
  } else {  // answered, or lost and answered so
    caf::anon_send_exit(client, caf::exit_reason::user_shutdown);
  }
  return {session_id, [client, session_id] { caf::anon_send(client, cancel_step{session_id}); }};
}

namespace {

json await_answer(const std::function<void(std::function<void(json)>)>& begin) {
  auto promise = std::make_shared<std::promise<json>>();
  begin([promise](json answer) { promise->set_value(std::move(answer)); });
  return promise->get_future().get();
}

}  // namespace

json remote_node::call(std::string_view tool, const json& arguments, std::int64_t default_wait_ms) {
  return await_answer(
      [&](auto answer) { start_call(tool, arguments, default_wait_ms, std::move(answer)); });
}

json remote_node::ask(std::string_view name, tool_call::request request, std::int64_t wait_ms) {
  return await_answer(
      [&](auto answer) { start(name, std::move(request), wait_ms, std::move(answer)); });
}

}  // namespace ratchet::net
