// SPDX-License-Identifier: MIT
#include "tests/end_to_end/bad_link.hpp"

#include <fcntl.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <thread>

namespace ratchet::e2e {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t segment_bytes = 16 << 10;
constexpr std::size_t max_waiting = 64;  // segments of one direction: then the sender waits too
constexpr milliseconds retransmission{300};

/// The programs that the test starts must not hold a connection open that is closed here.
template <class Socket>
void keep_to_ourselves(Socket& socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

}  // namespace

struct bad_link::parts {
  struct direction {
    struct segment {
      clock_type::time_point due;
      std::string bytes;
    };
    std::deque<segment> waiting;
    std::array<char, segment_bytes> buffer;
    bool reading = false, writing = false, ended = false;
    clock_type::time_point last_due;
    std::unique_ptr<asio::steady_timer> timer;
  };
  struct connection : std::enable_shared_from_this<connection> {
    connection(parts& all, tcp::socket from) : owner(all), near(std::move(from)), far(all.context) {
      for (auto& d : ways) d.timer = std::make_unique<asio::steady_timer>(all.context);
    }
    parts& owner;
    tcp::socket near, far;
    std::array<direction, 2> ways;  // 0: near to far

    void start() {
      auto me = shared_from_this();
      far.open(tcp::v4());
      for (auto* s : {&near, &far}) {
        keep_to_ourselves(*s);
        s->set_option(tcp::no_delay(true));
      }
      far.async_connect({asio::ip::address_v4::loopback(), owner.target},
                        [me](const boost::system::error_code& e) {
                          if (e) return me->close();
                          me->read(0);
                          me->read(1);
                        });
    }
    tcp::socket& source(int way) { return way == 0 ? near : far; }
    tcp::socket& sink(int way) { return way == 0 ? far : near; }

    void read(int way) {
      auto& d = ways[way];
      if (d.reading || d.ended || owner.frozen || d.waiting.size() >= max_waiting) return;
      d.reading = true;
      auto me = shared_from_this();
      source(way).async_read_some(
          asio::buffer(d.buffer), [me, way](const boost::system::error_code& e, std::size_t n) {
            auto& at = me->ways[way];
            at.reading = false;
            if (e) {
              at.ended = true;
              return me->write(way);
            }
            auto due = clock_type::now() + me->owner.pause();
            at.last_due = std::max(at.last_due, due);
            at.waiting.push_back({at.last_due, std::string(at.buffer.data(), n)});
            me->write(way);
            me->read(way);
          });
    }

    void write(int way) {
      auto& d = ways[way];
      if (d.writing || owner.frozen) return;
      if (d.waiting.empty()) {
        if (d.ended) close();
        return;
      }
      auto me = shared_from_this();
      d.writing = true;
      d.timer->expires_at(d.waiting.front().due);
      d.timer->async_wait([me, way](const boost::system::error_code&) {
        auto& at = me->ways[way];
        if (me->owner.frozen || at.waiting.empty()) {
          at.writing = false;
          return;
        }
        asio::async_write(me->sink(way), asio::buffer(at.waiting.front().bytes),
                          [me, way](const boost::system::error_code& e, std::size_t) {
                            auto& now = me->ways[way];
                            now.writing = false;
                            if (e) return me->close();
                            if (!now.waiting.empty()) now.waiting.pop_front();
                            me->read(way);
                            me->write(way);
                          });
      });
    }

    void go_on() {
      for (int way : {0, 1}) {
        write(way);
        read(way);
      }
    }

    void reset() {
      boost::system::error_code ignored;
      for (auto* s : {&near, &far}) s->set_option(asio::socket_base::linger(true, 0), ignored);
      close();
    }

    void close() {
      boost::system::error_code ignored;
      near.close(ignored);
      far.close(ignored);
      for (auto& d : ways) d.timer->cancel();
      owner.connections.erase(shared_from_this());
    }
  };

  explicit parts(std::uint16_t port)
      : target(port), acceptor(context, {asio::ip::address_v4::loopback(), 0}) {
    keep_to_ourselves(acceptor);
  }

  milliseconds pause() {
    const bool lost = static_cast<int>(random() % 100) < loss_percent;
    return milliseconds(delay_ms) + (lost ? retransmission : milliseconds(0));
  }

  void accept() {
    acceptor.async_accept([this](const boost::system::error_code& e, tcp::socket socket) {
      if (e == asio::error::operation_aborted) return;
      if (!e) {
        auto c = std::make_shared<connection>(*this, std::move(socket));
        connections.insert(c);
        c->start();
      }
      accept();
    });
  }

  std::uint16_t target;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> forever{context.get_executor()};
  tcp::acceptor acceptor;
  std::set<std::shared_ptr<connection>> connections;
  std::mt19937 random{20'260'101};
  int delay_ms = 0, loss_percent = 0;
  bool frozen = false;
  std::thread thread;
};

bad_link::bad_link(std::uint16_t port) : parts_(std::make_unique<parts>(port)) {
  parts_->accept();
  parts_->thread = std::thread([p = parts_.get()] { p->context.run(); });
}

bad_link::~bad_link() {
  parts_->context.stop();
  parts_->thread.join();
  parts_->connections.clear();
}

std::uint16_t bad_link::port() const { return parts_->acceptor.local_endpoint().port(); }

void bad_link::set(int delay_ms, int loss_percent) {
  asio::post(parts_->context, [p = parts_.get(), delay_ms, loss_percent] {
    p->delay_ms = delay_ms;
    p->loss_percent = loss_percent;
  });
}

void bad_link::freeze(bool frozen) {
  asio::post(parts_->context, [p = parts_.get(), frozen] {
    p->frozen = frozen;
    if (frozen) return;
    for (const auto& c : std::set(p->connections)) c->go_on();
  });
}

void bad_link::cut() {
  asio::post(parts_->context, [p = parts_.get()] {
    for (const auto& c : std::set(p->connections)) c->reset();
  });
}

}  // namespace ratchet::e2e
