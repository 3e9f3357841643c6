// SPDX-License-Identifier: MIT
#include "runtime/os/event_loop.hpp"

#include <signal.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ratchet {

namespace {

struct timer {
  timer(boost::asio::io_context& context, std::function<void()> todo)
      : clock(context), work(std::move(todo)) {}
  boost::asio::steady_timer clock;
  std::function<void()> work;
};

void wait(const std::weak_ptr<timer>& weak, std::chrono::milliseconds delay, bool again) {
  auto t = weak.lock();
  if (!t) return;
  t->clock.expires_after(delay);
  t->clock.async_wait([weak, delay, again](const boost::system::error_code& ended) {
    auto due = weak.lock();
    if (ended || !due) return;
    due->work();
    if (again) wait(weak, delay, true);
  });
}

}  // namespace

event_loop::event_loop() : context_(std::make_unique<boost::asio::io_context>(1)) {}
event_loop::~event_loop() { signals_.reset(); }

void event_loop::run() {
  auto forever = boost::asio::make_work_guard(*context_);
  context_->run();
}

void event_loop::stop() { context_->stop(); }

void event_loop::post(std::function<void()> work) { boost::asio::post(*context_, std::move(work)); }

std::shared_ptr<void> event_loop::after(std::chrono::milliseconds delay,
                                        std::function<void()> work) {
  auto t = std::make_shared<timer>(*context_, std::move(work));
  wait(t, delay, false);
  return t;
}

std::shared_ptr<void> event_loop::every(std::chrono::milliseconds interval,
                                        std::function<void()> work) {
  auto t = std::make_shared<timer>(*context_, std::move(work));
  wait(t, interval, true);
  return t;
}

void event_loop::stop_at_signals() {
  auto signals = std::make_shared<boost::asio::signal_set>(*context_, SIGINT, SIGTERM);
  signals->async_wait([this, waiting = signals.get()](const boost::system::error_code& ended, int) {
    if (ended) return;
    waiting->clear();  // the next one has its usual effect
    stop();
  });
  signals_ = std::move(signals);
}

boost::asio::io_context& event_loop::context() { return *context_; }

}  // namespace ratchet
