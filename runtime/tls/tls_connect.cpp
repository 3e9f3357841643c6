// SPDX-License-Identifier: MIT
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>

#include "runtime/tls/pinned_tls.hpp"
#include "runtime/tls/tcp_options.hpp"
#include "runtime/tls/tls_identity.hpp"

namespace ratchet::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

bool is_alert_about_us(const error_code& error) {
  if (error.category() != asio::error::get_ssl_category()) return false;
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  return reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE ||
         reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED ||
         reason == SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE ||
         reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA;
}

/// One attempt. Everything of it runs on the loop's thread.
class attempt : public std::enable_shared_from_this<attempt> {
 public:
  attempt(asio::io_context& loop, const node_key& own, endpoint_name where,
          const std::string& expected_peer, std::string_view protocol,
          std::function<void(expected<secure_connection>)> connected)
      : resolver_(loop),
        clock_(loop),
        where_(std::move(where)),
        connected_(std::move(connected)),
        identity_(tls_identity::ask(
            own, protocol,
            [this, expected_peer, wanted = std::string(protocol)](
                std::string_view chosen, const std::string& peer, const std::string& /*process*/) {
              other_key_ = peer != expected_peer;
              return !other_key_ && chosen == wanted;
            })),
        stream_(std::make_unique<tls_stream>(loop, identity_->context())) {}

  void begin(std::chrono::milliseconds deadline) {
    clock_.expires_after(deadline);
    clock_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (cancelled) return;
      self->finish(fail(errc::timed_out, "no answer from " + self->where_.text() +
                                             " within the time limit; is `ratchet node` running "
                                             "there, and can this machine reach it?"));
    });
    resolver_.async_resolve(where_.host, std::to_string(where_.port),
                            [self = shared_from_this()](const error_code& error,
                                                        const tcp::resolver::results_type& all) {
                              if (error) return self->finish(self->unreachable(error));
                              self->connect(all);
                            });
  }

 private:
  failure unreachable(const error_code& why) const {
    return fail(errc::worker_lost,
                "nothing can be reached at " + where_.text() + ": " + why.message() +
                    "; is `ratchet node` running there, and is the address right?");
  }

  failure refused(const error_code& why) const {
    const std::string node = "the node at " + where_.text();
    const json reached{{"reached", true}};
    if (other_key_)
      return fail(errc::invalid_argument,
                  node +
                      " has another key than expected: it is another node, or somebody between; "
                      "ask its owner for a new invitation",
                  reached);
    if (is_alert_about_us(why))
      return fail(errc::invalid_argument,
                  node +
                      " does not accept our key: it was revoked, has expired, has been used as "
                      "often as it may, or belongs to another node",
                  reached);
    if (why == asio::ssl::error::stream_truncated || why == asio::error::eof ||
        why == asio::error::connection_reset)
      return fail(errc::worker_lost,
                  node +
                      " closed the connection before it was made: it has too many "
                      "(--max-per-address, --max-connections), or is ending",
                  reached);
    return fail(errc::worker_lost,
                "no secure connection with " + where_.text() + " could be made: " + why.message() +
                    "; is it a Ratchet node?",
                reached);
  }

  void connect(const tcp::resolver::results_type& all) {
    if (!connected_) return;
    asio::async_connect(stream_->lowest_layer(), all,
                        [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                          if (error) return self->finish(self->unreachable(error));
                          self->shake_hands();
                        });
  }

  void shake_hands() {
    if (!connected_) return;
    set_tcp_options(stream_->next_layer());
    stream_->async_handshake(asio::ssl::stream_base::client,
                             [self = shared_from_this()](const error_code& error) {
                               if (error) return self->finish(self->refused(error));
                               self->await_welcome();
                             });
  }

  void await_welcome() {
    if (!connected_) return;
    asio::async_read(*stream_, asio::buffer(&welcome_, 1),
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       if (error) return self->finish(self->refused(error));
                       self->succeed();
                     });
  }

  void succeed() {
    if (!connected_) return;
    secure_connection made;
    made.peer = tls_identity::peer_of(stream_->native_handle());
    made.protocol = tls_identity::protocol_of(stream_->native_handle());
    made.address = where_.text();
    made.stream = std::move(stream_);
    finish(std::move(made));
  }

  void finish(expected<secure_connection> result) {
    auto tell = std::exchange(connected_, nullptr);
    if (!tell) return;
    clock_.cancel();
    resolver_.cancel();
    error_code ignored;
    if (stream_) stream_->lowest_layer().close(ignored);
    tell(std::move(result));
  }

  tcp::resolver resolver_;
  asio::steady_timer clock_;
  const endpoint_name where_;
  std::function<void(expected<secure_connection>)> connected_;
  bool other_key_ = false;
  std::shared_ptr<tls_identity> identity_;
  std::unique_ptr<tls_stream> stream_;
  char welcome_ = 0;
};

}  // namespace

expected<endpoint_name> endpoint_name::parse(std::string_view text) {
  auto refuse = [&] {
    return fail(errc::invalid_argument,
                "\"" + std::string(text.substr(0, 100)) +
                    "\" is no address: write HOST:PORT, as in 192.0.2.7:7717 or [::1]:7717");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse();
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return refuse();
  endpoint_name name{std::string(host), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), name.port);
  if (host.empty() || error != std::errc{} || end != digits.data() + digits.size()) return refuse();
  return name;
}

std::string endpoint_name::text() const {
  const bool six = host.find(':') != std::string::npos;
  return (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void connect_tls(asio::io_context& loop, const node_key& own, const endpoint_name& where,
                 const std::string& expected_peer, std::string_view protocol,
                 std::chrono::milliseconds deadline,
                 std::function<void(expected<secure_connection>)> connected) {
  auto one =
      std::make_shared<attempt>(loop, own, where, expected_peer, protocol, std::move(connected));
  asio::post(loop, [one, deadline] { one->begin(deadline); });
}

}  // namespace ratchet::net
