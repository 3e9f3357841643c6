// SPDX-License-Identifier: MIT
#include "runtime/federation/peer_link.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "runtime/federation/peer_messages.hpp"

namespace ratchet::federation {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr std::size_t chunk_bytes = 64 << 10;
}

peer_link::peer_link(net::secure_connection connection)
    : connection_(std::move(connection)),
      reading_(connection_.stream->get_executor()),
      writing_(connection_.stream->get_executor()) {}

void peer_link::watch(clock which, milliseconds patience) {
  (this->*which).expires_after(patience);
  (this->*which).async_wait([weak = weak_from_this(), which](const error_code& cancelled) {
    auto self = weak.lock();
    // One that had expired when it was cancelled comes without an error all the same.
    if (cancelled || !self || ((*self).*which).expiry() > std::chrono::steady_clock::now()) return;
    self->timed_out_ = true;
    self->close();
  });
}

void peer_link::unwatch(clock which) {
  (this->*which).expires_at(std::chrono::steady_clock::time_point::max());
}

failure peer_link::lost(const error_code& why) const {
  if (timed_out_)
    return fail(errc::timed_out, "the peer at " + connection_.address + " said nothing in time");
  return fail(errc::worker_lost, "the connection with the peer at " + connection_.address +
                                     " has ended: " + why.message());
}

void peer_link::read(milliseconds patience, std::function<void(expected<std::string>)> got) {
  watch(&peer_link::reading_, patience);
  asio::async_read(
      *connection_.stream, asio::buffer(header_),
      [self = shared_from_this(), got = std::move(got)](const error_code& error, std::size_t) {
        self->unwatch(&peer_link::reading_);
        if (error) {
          self->close();
          return got(self->lost(error));
        }
        const auto length = announced_length(self->header_.data());
        if (length == 0 || length > max_frame_bytes) {
          self->close();
          return got(fail(errc::invalid_argument,
                          "a frame announces " + std::to_string(length) + " bytes; 1 to " +
                              std::to_string(max_frame_bytes) + " are read",
                          json{{"reason", "too_large"}}));
        }
        self->missing_ = length;
        self->body_.clear();
        self->watch(&peer_link::reading_, body_patience);
        self->read_body(got);
      });
}

void peer_link::read_body(std::function<void(expected<std::string>)> got) {
  const auto have = body_.size();
  const auto more = std::min(missing_, chunk_bytes);
  body_.resize(have + more);
  asio::async_read(*connection_.stream, asio::buffer(body_.data() + have, more),
                   [self = shared_from_this(), got = std::move(got), more](const error_code& error,
                                                                           std::size_t) {
                     if (error) {
                       self->close();
                       return got(self->lost(error));
                     }
                     self->missing_ -= more;
                     if (self->missing_ > 0) return self->read_body(got);
                     self->unwatch(&peer_link::reading_);
                     got(std::exchange(self->body_, {}));
                   });
}

void peer_link::write(const json& message, milliseconds patience,
                      std::function<void(expected<>)> done) {
  auto frame = frame_of(message);
  if (!frame) return done(frame.error());
  frame_ = std::move(*frame);
  watch(&peer_link::writing_, patience);
  asio::async_write(
      *connection_.stream, asio::buffer(frame_),
      [self = shared_from_this(), done = std::move(done)](const error_code& error, std::size_t) {
        self->unwatch(&peer_link::writing_);
        if (error) self->close();
        done(error ? expected<>(self->lost(error)) : expected<>());
      });
}

void peer_link::close() {
  error_code ignored;
  unwatch(&peer_link::reading_);
  unwatch(&peer_link::writing_);
  connection_.stream->lowest_layer().close(ignored);
}

}  // namespace ratchet::federation
