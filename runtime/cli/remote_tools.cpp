// SPDX-License-Identifier: MIT
#include "runtime/cli/remote_tools.hpp"

#include <algorithm>
#include <iostream>
#include <mutex>
#include <thread>

#include "actors/watched_request.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"
#include "runtime/cli/node_view.hpp"
#include "runtime/cli/style.hpp"
#include "runtime/net/remote_events.hpp"
#include "runtime/net/remote_node.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

using std::chrono::steady_clock;

/// How long a search waits for its node: a machine may start anew meanwhile.
constexpr std::chrono::minutes longest_absence{10};
constexpr std::chrono::milliseconds first_rejoin_pause{100};
constexpr std::chrono::milliseconds longest_rejoin_pause{5000};
constexpr std::chrono::seconds output_interval{2};

void pause_unless(const std::atomic<bool>& stop, std::chrono::milliseconds pause) {
  const auto until = steady_clock::now() + pause;
  while (!stop && steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

class remote_tools final : public tool_host {
 public:
  explicit remote_tools(const net::invitation& invited)
      : node_(invited, {.connect_deadline = std::chrono::seconds(5)}) {}

  pending_call start_call(std::string_view tool, const json& arguments,
                          std::int64_t default_wait_ms, std::function<void(json)> answer) override {
    return node_.start_call(tool, arguments, default_wait_ms, std::move(answer));
  }
  void cancel(const std::string& session_id) override { node_.cancel(session_id); }
  /// As the node told it last; asked for again once it is old.
  std::string last_output(const std::string& session_id) const override {
    auto h = heard_;
    std::unique_lock lock(h->mutex);
    if (h->asking || steady_clock::now() - h->asked < output_interval) return h->line;
    h->asking = true;
    h->asked = steady_clock::now();
    const auto line = h->line;
    lock.unlock();
    // On a thread of its own: an agent host's loop does not wait for a node that is away.
    asker_ = std::jthread([this, h, session_id] {
      node_.start_call(tool_names::status, {{"session_id", session_id}}, 0, [h](const json& told) {
        std::lock_guard answer_lock(h->mutex);
        h->asking = false;
        h->line = told.value("last_output", std::string());
      });
    });
    return line;
  }
  bool outlives_this_process() const override { return true; }

  expected<comparison> compare(const std::string& session_id, int pairs,
                               const std::stop_token& stop) override {
    return ask<comparison>(compare_session{session_id, pairs}, stop);
  }

  expected<session_pruned> prune(const std::string& session_id, double time_s,
                                 const std::stop_token& stop) override {
    return ask<session_pruned>(prune_session{session_id, time_s}, stop);
  }

  std::shared_ptr<void> follow(std::function<void(const event&)> deliver,
                               std::function<void(const expected<>&)> begun) override {
    subscription from_now_on;
    from_now_on.after_seq = -1;
    auto once = [told = false, begun = std::move(begun)](const expected<>& how) mutable {
      if (!std::exchange(told, true)) begun(how);
    };
    auto tell = std::make_shared<decltype(once)>(std::move(once));  // two hooks, one thread
    net::remote_events::hooks told;
    told.deliver = std::move(deliver);
    told.taken = [tell](const subscribed&) { (*tell)({}); };
    told.interrupted = [tell](const failure& why) {
      (*tell)(why);
      return why.code != errc::invalid_argument;
    };
    return std::make_shared<net::remote_events>(node_, from_now_on, told);
  }

  /// A node that is just being started again is waited for.
  expected<> await_node(std::chrono::seconds patience) {
    const auto until = steady_clock::now() + patience;
    auto pause = first_rejoin_pause;
    for (bool told = false; steady_clock::now() < until;) {
      auto node = node_.join();
      if (node) {
        say_if_nobody_is_there();
        return {};
      }
      if (node.error().code == errc::invalid_argument || steady_clock::now() + pause > until)
        return node.error();
      if (!std::exchange(told, true))
        std::cerr << "ratchet: " << node.error().text << "; trying again for " << patience.count()
                  << " s\n";
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, longest_rejoin_pause);
    }
    return {};
  }

  expected<std::string> rejoin(const std::atomic<bool>& stop) override {
    const auto began = steady_clock::now();
    auto pause = first_rejoin_pause;
    for (;;) {
      auto node = node_.join();
      const std::chrono::duration<double> away = steady_clock::now() - began;
      if (node)
        return "the node at " + node_.address() + " is reached again after " +
               duration_text(away.count()) + ": the search goes on where the session stands";
      if (node.error().code == errc::invalid_argument) return node.error();
      if (stop)
        return fail(errc::cancelled,
                    "it was interrupted while the node was away; the session is "
                    "left as it stands (" +
                        node.error().text + ")");
      if (away > longest_absence)
        return fail(errc::worker_lost, "the node has been away for " + duration_text(away.count()) +
                                           ": " + node.error().text);
      pause_unless(stop, pause);
      pause = std::min(2 * pause, longest_rejoin_pause);
    }
  }

 private:
  /// The search will wait, and its user should know for what.
  void say_if_nobody_is_there() {
    auto front = node_.join();
    if (!front) return;
    auto list = machines_of(node_.system(), *front, "the node");
    if (list && std::none_of(list->workers.begin(), list->workers.end(),
                             [](const worker_row& w) { return w.slots > 0 && !w.draining; }))
      std::cerr << "ratchet: no machine runs this node's experiments yet, and the search waits for "
                   "one; `ratchet --join FILE worker` adds one\n";
  }

  template <class Answer, class Request>
  expected<Answer> ask(const Request& request, const std::stop_token& stop) {
    auto registry = node_.registry();
    if (!registry) return registry.error();
    return ask_for_step<Answer>(node_.system(), *registry, "the node at " + node_.address(),
                                request, stop);
  }

  struct heard {
    std::mutex mutex;
    std::string line;
    bool asking = false;
    steady_clock::time_point asked;
  };

  mutable net::remote_node node_;
  std::shared_ptr<heard> heard_ = std::make_shared<heard>();
  mutable std::jthread asker_;  ///< last: it uses the node
};

}  // namespace

expected<std::unique_ptr<tool_host>> open_remote_tools(const std::string& invitation,
                                                       std::chrono::seconds patience) {
  auto invited = net::invitation::read(invitation);
  if (!invited) return invited.error();
  auto tools = std::make_unique<remote_tools>(*invited);
  if (auto ok = tools->await_node(patience); !ok) return ok.error();
  return std::unique_ptr<tool_host>(std::move(tools));
}

}  // namespace ratchet::cli
