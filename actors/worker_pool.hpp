// SPDX-License-Identifier: MIT
//
// What every front with workers has in its state: idle workers, a queue, and the promise that a
// caller always gets an answer. A worker that dies is replaced within the restart budget
// (messages/timeouts.hpp) and its caller gets `worker_lost`; the front's handle never changes. A
// front that is told to end does so after its workers.
#pragma once

#include <spdlog/spdlog.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/quit_after.hpp"
#include "actors/work/ask_within.hpp"
#include "messages/caf_port.hpp"
#include "messages/timeouts.hpp"

namespace ratchet {

template <class Front, class Worker>
class worker_pool {
 public:
  /// `name` is what a lost worker is called in messages: "run worker".
  worker_pool(Front front, std::string name, std::size_t size, std::function<Worker()> spawn)
      : worker_pool(front, std::move(name), size,
                    [spawn = std::move(spawn)](int /*seat*/) { return spawn(); }) {}
  /// `spawn` is told which seat the worker takes, from 0.
  worker_pool(Front front, std::string name, std::size_t size, std::function<Worker(int)> spawn)
      : front_(front), name_(std::move(name)), spawn_(std::move(spawn)), seats_(size) {
    front_->set_down_handler([this](caf::down_msg& down) { on_down(down); });
    front_->set_exit_handler(
        [this](caf::exit_msg& exit) { quit_after(front_, workers(), exit.reason); });
    for (auto& seat : seats_) fill(seat);
  }

  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;
  /// The front was killed, and its workers end with it. (They are not linked: a link would end the
  /// front when a worker dies.)
  ~worker_pool() {
    for (const auto& worker : workers())
      caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
  }

  /// Hands the request to an idle worker, or queues it; `key` is what `forget` finds it by.
  template <class Answer, class Request>
  caf::result<Answer> submit(std::string key, Request request, std::chrono::milliseconds patience) {
    auto promise = front_->template make_response_promise<Answer>();
    hand<Answer>(
        std::move(key), std::move(request), patience,
        [promise](Answer& answer) mutable { promise.deliver(std::move(answer)); },
        [promise](const failure& why) mutable { promise.deliver(as_error(why)); });
    return promise;
  }

  /// The same, with one of two functions called in place of a promise kept.
  template <class Answer, class Request>
  void hand(std::string key, Request request, std::chrono::milliseconds patience,
            std::function<void(Answer&)> answered, std::function<void(const failure&)> failed) {
    job j;
    j.key = std::move(key);
    j.fail = failed;
    j.start = [this, answered = std::move(answered), failed = std::move(failed),
               request = std::move(request), patience](seat& s) mutable {
      auto ticket = s.ticket;
      auto* where = &s;
      ask_within<Answer>(
          front_, s.worker, patience, std::move(request),
          [this, where, ticket, answered = std::move(answered)](Answer& answer) {
            if (where->ticket != ticket) return;
            release(*where);
            answered(answer);
            serve();
          },
          [this, where, ticket, failed = std::move(failed)](const caf::error& error) {
            if (where->ticket != ticket) return;
            release(*where);
            failed(as_failure(error, name_));
            serve();
          });
    };
    queue_.push_back(std::move(j));
    serve();
  }

  /// A monitored actor has ended; false when it was none of these workers.
  bool on_down(const caf::down_msg& down) {
    for (auto& s : seats_) {
      if (!s.worker || caf::actor_cast<caf::actor_addr>(s.worker) != down.source) continue;
      spdlog::warn("a {} died and is replaced", name_);
      s.worker = nullptr;
      auto told = std::exchange(s.fail, nullptr);
      bool was_busy = s.busy;
      s.busy = false;
      ++s.ticket;
      if (may_restart()) fill(s);
      if (was_busy && told) told(lost("while it worked on this; call again"));
      serve();
      return true;
    }
    return false;
  }

  /// Queued jobs of this key are answered with `cancelled`; those at work are not touched.
  void forget(const std::string& key) {
    for (auto it = queue_.begin(); it != queue_.end();) {
      if (it->key != key) {
        ++it;
        continue;
      }
      it->fail(fail(errc::cancelled, "cancelled before it was begun"));
      it = queue_.erase(it);
    }
  }

  std::size_t size() const { return seats_.size(); }
  std::vector<caf::actor> workers() const {
    std::vector<caf::actor> all;
    for (const auto& s : seats_)
      if (s.worker) all.push_back(caf::actor_cast<caf::actor>(s.worker));
    return all;
  }

 private:
  struct seat;
  struct job {
    std::string key;
    std::function<void(seat&)> start;
    std::function<void(const failure&)> fail;
  };
  struct seat {
    Worker worker;
    bool busy = false;
    std::uint64_t ticket = 0;  ///< of the job at work; answers to an older one are ignored
    std::function<void(const failure&)> fail;
  };

  void fill(seat& s) {
    s.worker = spawn_(static_cast<int>(&s - seats_.data()));
    front_->monitor(s.worker);
  }

  void release(seat& s) {
    s.busy = false;
    s.fail = nullptr;
    ++s.ticket;
  }

  void serve() {
    for (auto& s : seats_) {
      if (queue_.empty()) return;
      if (s.busy) continue;
      if (!s.worker) {
        if (!may_restart()) continue;
        fill(s);
      }
      job j = std::move(queue_.front());
      queue_.pop_front();
      s.busy = true;
      s.fail = std::move(j.fail);
      j.start(s);
    }
    if (queue_.empty()) return;
    for (auto& s : seats_)
      if (s.worker) return;  // busy: it comes back to the queue
    auto stranded = std::exchange(queue_, {});
    for (auto& j : stranded) j.fail(lost("and the restart budget is used up; wait a minute"));
  }

  failure lost(const std::string& how) const {
    return fail(errc::worker_lost, "the " + name_ + " died " + how);
  }

  /// Counts a restart; false when there have been too many within the window.
  bool may_restart() {
    auto now = front_->clock().now();
    while (!restarts_.empty() && now - restarts_.front() > restart_window) restarts_.pop_front();
    if (static_cast<int>(restarts_.size()) >= restart_budget) return false;
    restarts_.push_back(now);
    return true;
  }

  Front front_;
  std::string name_;
  std::function<Worker(int)> spawn_;
  std::vector<seat> seats_;
  std::deque<job> queue_;
  std::deque<caf::actor_clock::time_point> restarts_;
};

}  // namespace ratchet
