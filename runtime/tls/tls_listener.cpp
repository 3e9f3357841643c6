// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "runtime/tls/pinned_tls.hpp"
#include "runtime/tls/tcp_options.hpp"
#include "runtime/tls/tls_identity.hpp"

namespace ratchet::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds accept_pause{100};  ///< when descriptors have run out
constexpr char accepted_byte = 0x06;

/// Whom a limit counts: an IPv4 address, or the half of an IPv6 one that a host cannot choose.
std::string counted_as(const asio::ip::address& address) {
  if (!address.is_v6()) return address.to_string();
  auto six = address.to_v6();
  if (six.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, six).to_string();
  auto bytes = six.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace

class tls_listener::acceptor : public std::enable_shared_from_this<acceptor> {
 public:
  acceptor(asio::io_context& loop, const node_key& own, const listener_options& options, judge may,
           taker take)
      : socket(loop),
        loop_(loop),
        pause_(loop),
        identity_(tls_identity::serve(own, options.protocols, std::move(may))),
        take_(std::move(take)),
        deadline_(options.handshake_deadline),
        admission_(admission::make(options.limits)) {}

  void accept_next() {
    socket.async_accept([self = shared_from_this()](const error_code& error, tcp::socket peer) {
      if (self->closed_) return;
      if (!error) self->greet(std::move(peer));
      if (error && error != asio::error::connection_aborted) return self->accept_later();
      self->accept_next();
    });
  }

  void close() {
    closed_ = true;
    error_code ignored;
    socket.close(ignored);
    pause_.cancel();
    for (auto& [id, weak] : in_handshake_)
      if (auto h = weak.lock()) h->end();
    in_handshake_.clear();
  }

  const admission& places() const { return *admission_; }

  tcp::acceptor socket;

 private:
  struct handshake {
    handshake(tcp::socket peer, tls_identity& identity, std::unique_ptr<admission::place> where)
        : stream(std::make_unique<tls_stream>(std::move(peer), identity.context())),
          clock(stream->get_executor()),
          place(std::move(where)) {}
    void end() {
      error_code ignored;
      clock.cancel();
      if (stream) stream->lowest_layer().close(ignored);
    }
    std::unique_ptr<tls_stream> stream;
    asio::steady_timer clock;
    std::shared_ptr<admission::place> place;
    std::string address;
    std::uint64_t id = 0;
  };

  void accept_later() {
    pause_.expires_after(accept_pause);
    pause_.async_wait([self = shared_from_this()](const error_code&) {
      if (!self->closed_) self->accept_next();
    });
  }

  /// Who means it has shaken hands within milliseconds. Without this, a few addresses that say
  /// nothing could hold every place, and renew them.
  bool end_oldest_handshake() {
    for (auto& [id, weak] : in_handshake_) {
      auto h = weak.lock();
      if (!h || !h->place) continue;
      spdlog::debug("a connection from {} that said nothing makes room for another", h->address);
      h->place.reset();
      h->end();
      return true;
    }
    return false;
  }

  void greet(tcp::socket peer) {
    error_code error;
    const auto from = peer.remote_endpoint(error);
    if (error) return;
    const auto whom = counted_as(from.address());
    const auto now = std::chrono::steady_clock::now();
    auto place = admission_->admit(whom, now);
    if (!place && admission_->full() && end_oldest_handshake())
      place = admission_->admit(whom, now);
    if (!place) return;  // the socket closes
    set_tcp_options(peer);
    auto h = std::make_shared<handshake>(std::move(peer), *identity_, std::move(place));
    h->address = from.address().to_string() + ":" + std::to_string(from.port());
    h->id = ++last_id_;
    in_handshake_[h->id] = h;
    h->clock.expires_after(deadline_);
    h->clock.async_wait([h](const error_code& cancelled) {
      if (!cancelled) h->end();
    });
    h->stream->async_handshake(
        asio::ssl::stream_base::server,
        [self = shared_from_this(), h](const error_code& failed) { self->welcome(h, failed); });
  }

  void welcome(const std::shared_ptr<handshake>& h, const error_code& failed) {
    if (failed || closed_ || !h->place || !h->place->establish()) return refuse(h, failed);
    asio::async_write(*h->stream, asio::buffer(&accepted_byte, 1),
                      [self = shared_from_this(), h](const error_code& error, std::size_t) {
                        if (error || self->closed_) return self->refuse(h, error);
                        self->hand_over(*h);
                      });
  }

  void refuse(const std::shared_ptr<handshake>& h, const error_code& why) {
    if (why) spdlog::debug("a connection from {} was refused: {}", h->address, why.message());
    in_handshake_.erase(h->id);
    h->end();
  }

  void hand_over(handshake& h) {
    in_handshake_.erase(h.id);
    h.clock.cancel();
    secure_connection made;
    made.peer = tls_identity::peer_of(h.stream->native_handle());
    made.protocol = tls_identity::protocol_of(h.stream->native_handle());
    made.address = h.address;
    made.stream = std::move(h.stream);
    made.place = std::move(h.place);
    take_(std::move(made));
  }

  asio::io_context& loop_;
  asio::steady_timer pause_;
  std::shared_ptr<tls_identity> identity_;
  taker take_;
  std::chrono::milliseconds deadline_;
  std::shared_ptr<admission> admission_;
  std::map<std::uint64_t, std::weak_ptr<handshake>> in_handshake_;
  std::uint64_t last_id_ = 0;
  bool closed_ = false;
};

expected<std::unique_ptr<tls_listener>> tls_listener::open(asio::io_context& loop,
                                                           const node_key& own,
                                                           const listener_options& options,
                                                           judge may, taker take) {
  auto refuse = [&](const error_code& why) {
    return fail(errc::invalid_argument, "cannot listen on " + options.at.text() + ": " +
                                            why.message() +
                                            "; give another address or port with --listen");
  };
  error_code error;
  tcp::resolver resolver(loop);
  const auto found = resolver.resolve(options.at.host, std::to_string(options.at.port),
                                      tcp::resolver::passive, error);
  if (error || found.empty()) return refuse(error ? error : asio::error::host_not_found);
  const tcp::endpoint at = found.begin()->endpoint();
  auto impl = std::make_shared<acceptor>(loop, own, options, std::move(may), std::move(take));
  auto& socket = impl->socket;
  socket.open(at.protocol(), error);
  if (!error) socket.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) socket.bind(at, error);
  if (!error) socket.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return refuse(error);
  asio::post(loop, [impl] { impl->accept_next(); });
  return std::unique_ptr<tls_listener>(new tls_listener(std::move(impl)));
}

tls_listener::tls_listener(std::shared_ptr<acceptor> impl) : impl_(std::move(impl)) {}
tls_listener::~tls_listener() { impl_->close(); }

std::uint16_t tls_listener::port() const {
  error_code ignored;
  return impl_->socket.local_endpoint(ignored).port();
}

std::size_t tls_listener::connections() const { return impl_->places().connections(); }
std::size_t tls_listener::handshakes() const { return impl_->places().handshakes(); }

}  // namespace ratchet::net
