// SPDX-License-Identifier: MIT
#include "runtime/net/relay.hpp"

#include <algorithm>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <utility>

namespace ratchet::net {

namespace asio = boost::asio;
using boost::system::error_code;
using local_socket = asio::local::stream_protocol::socket;

namespace {

/// How long CAF may take to close its end after ours is closed.
constexpr std::chrono::seconds drain_deadline{10};

std::string reason(const error_code& error) {
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
    return "the other side closed the connection";
  return error.message();
}

}  // namespace

relay::relay(secure_connection peer, file_descriptor caf, basp_filter::sender peer_is,
             const relay_limits& limits, hooks told)
    : peer_(std::move(peer)),
      caf_(peer_.stream->get_executor(), asio::local::stream_protocol(), caf.release()),
      inbound_(peer_is, limits.max_inbound),
      outbound_(peer_is == basp_filter::sender::client ? basp_filter::sender::server
                                                       : basp_filter::sender::client,
                limits.max_payload),
      limits_(limits),
      mutual_pace_(peer_is == basp_filter::sender::client),
      told_(std::move(told)),
      watch_(peer_.stream->get_executor()),
      pace_(peer_.stream->get_executor()),
      credit_(limits.message_burst) {}

std::shared_ptr<relay> relay::start(secure_connection peer, file_descriptor caf,
                                    basp_filter::sender peer_is, const relay_limits& limits,
                                    hooks told) {
  std::shared_ptr<relay> made(
      new relay(std::move(peer), std::move(caf), peer_is, limits, std::move(told)));
  made->read(made->inbound_, *made->peer_.stream, made->caf_);
  made->read(made->outbound_, made->caf_, *made->peer_.stream);
  made->watch();
  return made;
}

bool relay::must_wait_for_outbound(const direction& d) const {
  return &d == &inbound_ && mutual_pace_ && outbound_.writing;
}

std::chrono::nanoseconds relay::over_pace() {
  const auto now = clock::now();
  const std::chrono::duration<double> passed = now - std::exchange(credited_, now);
  credit_ = std::min(limits_.message_burst, credit_ + passed.count() * limits_.messages_per_second);
  const auto messages = inbound_.filter.messages();
  credit_ -= static_cast<double>(messages - std::exchange(counted_, messages));
  if (credit_ >= 0) return {};
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(-credit_ / limits_.messages_per_second));
}

template <class From, class To>
void relay::read(direction& d, From& from, To& to) {
  if (ended_) return;
  if (&d == &inbound_ && mutual_pace_) {
    if (const auto wait = over_pace(); wait.count() > 0) {
      pace_.expires_after(wait);
      pace_.async_wait([self = shared_from_this(), &d, &from, &to](const error_code& cancelled) {
        if (!cancelled) self->read(d, from, to);
      });
      return;
    }
  }
  if (must_wait_for_outbound(d)) {
    inbound_waits_ = true;  // the outbound write's end reads on
    return;
  }
  d.reading = true;
  d.since = clock::now();
  from.async_read_some(
      asio::buffer(d.buffer.data() + d.filled, d.buffer.size() - d.filled),
      [self = shared_from_this(), &d, &from, &to](const error_code& error, std::size_t n) {
        d.reading = false;
        if (self->ended_) return;
        if (error) return self->end(reason(error));
        d.filled += n;
        self->pass_on(d, from, to);
      });
}

template <class From, class To>
void relay::pass_on(direction& d, From& from, To& to) {
  const bool was_greeted = d.filter.greeted();
  const auto n = d.filter.passable({d.buffer.data(), d.filled});
  if (!n) {
    const bool theirs = &d == &inbound_;
    return end((theirs ? "the other side sent what may not pass: "
                       : "this side was about to send what may not pass: ") +
               n.error().text);
  }
  d.passing = *n;
  if (&d == &inbound_ && !was_greeted && d.filter.greeted() && told_.greeted) {
    greeting_ = true;
    return told_.greeted(d.filter.handshake(), [weak = weak_from_this(), &d, &from, &to] {
      auto self = weak.lock();
      if (!self || self->ended_ || !std::exchange(self->greeting_, false)) return;
      self->write(d, from, to);
    });
  }
  write(d, from, to);
}

template <class From, class To>
void relay::write(direction& d, From& from, To& to) {
  if (d.passing == 0) return read(d, from, to);
  d.writing = true;
  d.since = clock::now();
  asio::async_write(
      to, asio::buffer(d.buffer.data(), d.passing),
      [self = shared_from_this(), &d, &from, &to](const error_code& error, std::size_t) {
        d.writing = false;
        if (self->ended_) return;
        if (error) return self->end(reason(error));
        d.filled -= d.passing;
        std::memmove(d.buffer.data(), d.buffer.data() + d.passing, d.filled);
        d.passing = 0;
        if (&d == &self->outbound_ && std::exchange(self->inbound_waits_, false))
          self->read(self->inbound_, *self->peer_.stream, self->caf_);
        self->read(d, from, to);
      });
}

void relay::watch() {
  watch_.expires_after(std::min(limits_.silence, limits_.stall) / 4);
  watch_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled || self->ended_) return;
    const auto now = clock::now();
    const auto& in = self->inbound_;
    const auto& out = self->outbound_;
    if (in.reading && now - in.since > self->limits_.silence)
      return self->end("the other side has said nothing for too long");
    if (out.writing && now - out.since > self->limits_.stall)
      return self->end("the other side takes nothing any more");
    self->watch();
  });
}

void relay::end(const std::string& why) {
  if (std::exchange(ended_, true)) return;
  why_ = why;
  pace_.cancel();
  error_code ignored;
  peer_.stream->lowest_layer().close(ignored);
  caf_.cancel(ignored);
  caf_.shutdown(local_socket::shutdown_send, ignored);
  watch_.expires_after(drain_deadline);
  watch_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->finish();
  });
  // Not from here: whoever ends it may not be ready to hear so.
  asio::post(caf_.get_executor(), [self = shared_from_this()] { self->drain(); });
}

/// CAF closes its end when it has read ours: then it has forgotten the connection.
void relay::drain() {
  caf_.async_read_some(asio::buffer(outbound_.buffer),
                       [self = shared_from_this()](const error_code& error, std::size_t) {
                         if (error) return self->finish();
                         self->drain();
                       });
}

void relay::finish() {
  auto told = std::exchange(told_, {});
  watch_.cancel();
  error_code ignored;
  caf_.close(ignored);
  peer_.place.reset();
  if (told.ended) told.ended(why_);
}

}  // namespace ratchet::net
