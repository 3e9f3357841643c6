// SPDX-License-Identifier: MIT
#include "runtime/http/server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/http/guard.hpp"

namespace ratchet::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

request read_request(const bhttp::request<bhttp::string_body>& raw) {
  request r;
  r.method = std::string(raw.method_string());
  std::string target(raw.target());
  const auto mark = target.find('?');
  r.path = target.substr(0, mark);
  if (mark != std::string::npos) r.query = read_query(target.substr(mark + 1));
  for (const auto& field : raw) {
    r.headers.emplace(lower(std::string(field.name_string())),
                      std::string(trimmed({field.value().data(), field.value().size()})));
  }
  r.body = raw.body();
  return r;
}

struct shared_parts {
  server_options options;
  handler handle;
  std::uint16_t port = 0;
  std::size_t connections = 0;
  bool closed = false;
};

/// One connection: reads a request, has it answered, reads the next.
class client final : public std::enable_shared_from_this<client> {
 public:
  client(tcp::socket socket, std::shared_ptr<shared_parts> parts)
      : stream_(std::move(socket)), parts_(std::move(parts)) {
    ++parts_->connections;
  }
  ~client() { --parts_->connections; }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void read();
  void close();
  void send(int status, std::string_view type, std::string body, const headers& more);
  void begin_stream(const headers& more);
  void write(std::string_view bytes);
  void end_stream();

  std::size_t waiting = 0;  ///< bytes of pending_ and writing_
  std::function<void()> drained;
  std::function<void()> gone;

 private:
  void handle();
  void refuse(int status, const std::string& why);
  void watch_for_the_end();
  void lost();
  void flush();

  beast::tcp_stream stream_;
  std::shared_ptr<shared_parts> parts_;
  beast::flat_buffer buffer_{max_header_bytes + max_body_bytes};
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  std::optional<bhttp::response<bhttp::string_body>> response_;
  bool answering_ = false;  ///< a request has been read, its answer is not complete
  bool streaming_ = false;
  bool ending_ = false;
  bool busy_ = false;  ///< a write is under way
  std::string pending_;
  std::string writing_;
};

/// What a handler holds; the connection may be gone before it.
class client_reply final : public reply {
 public:
  explicit client_reply(const std::shared_ptr<client>& c) : client_(c) {}
  void send(int status, std::string_view type, std::string body, const headers& more) override {
    if (auto c = take_over()) c->send(status, type, std::move(body), more);
    done_ = true;
  }
  void begin_stream(const headers& more) override {
    if (auto c = take_over()) c->begin_stream(more);
  }
  void write(std::string_view bytes) override {
    if (auto c = take_over()) c->write(bytes);
  }
  void end() override {
    if (auto c = take_over()) c->end_stream();
    done_ = true;
  }
  bool open() const override { return !done_ && !client_.expired(); }
  std::size_t waiting_bytes() const override {
    auto c = take_over();
    return c ? c->waiting : 0;
  }
  void when_drained(std::function<void()> drained) override {
    if (auto c = take_over()) c->drained = std::move(drained);
  }
  void when_gone(std::function<void()> gone) override {
    if (auto c = take_over()) c->gone = std::move(gone);
  }

 private:
  std::shared_ptr<client> take_over() const { return done_ ? nullptr : client_.lock(); }
  std::weak_ptr<client> client_;
  bool done_ = false;
};

void client::read() {
  answering_ = streaming_ = ending_ = false;
  drained = nullptr;
  gone = nullptr;
  parser_.emplace();
  parser_->header_limit(max_header_bytes);
  parser_->body_limit(max_body_bytes);
  stream_.expires_after(patience);
  bhttp::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, std::size_t) {
        if (!error) return self->handle();
        if (error == bhttp::error::body_limit)
          return self->refuse(413, "the body is larger than 32 MiB");
        if (error == bhttp::error::header_limit)
          return self->refuse(431, "the headers are larger than 64 KiB");
        if (error != bhttp::error::end_of_stream &&
            error.category() == bhttp::make_error_code(bhttp::error::bad_method).category())
          return self->refuse(400, "this is no HTTP/1.1 request: " + error.message());
        self->close();
      });
}

void client::refuse(int status, const std::string& why) {
  answering_ = true;
  send(status, "text/plain; charset=utf-8", why + "\n", {{"Connection", "close"}});
}

void client::handle() {
  answering_ = true;
  stream_.expires_never();
  auto r = read_request(parser_->get());
  if (auto refused = refusal(r, parts_->options, parts_->port))
    return send(refused->status, "text/plain; charset=utf-8", refused->why + "\n", refused->more);
  watch_for_the_end();
  parts_->handle(r, std::make_shared<client_reply>(shared_from_this()));
}

/// While an answer is awaited nothing is read, so that a client that goes must be looked for. This
/// is also what keeps the connection meanwhile.
void client::watch_for_the_end() {
  stream_.socket().async_wait(
      tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
        if (error || !self->answering_) return;
        char byte = 0;
        auto n = recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) self->lost();
      });
}

void client::lost() {
  auto tell = std::exchange(gone, nullptr);
  if (tell && answering_) tell();
  close();
}

void client::close() {
  answering_ = false;
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
  stream_.close();
}

void client::send(int status, std::string_view type, std::string body, const headers& more) {
  if (!answering_ || streaming_ || response_) return;
  const unsigned version = parser_ && parser_->is_header_done() ? parser_->get().version() : 11;
  response_.emplace(static_cast<bhttp::status>(status), version);
  if (!type.empty()) response_->set(bhttp::field::content_type, type);
  response_->set(bhttp::field::cache_control, "no-store");
  response_->set("X-Content-Type-Options", "nosniff");
  response_->body() = std::move(body);
  response_->keep_alive(parser_ && parser_->is_done() && parser_->get().keep_alive());
  for (const auto& [name, value] : more) response_->set(name, value);
  response_->prepare_payload();
  stream_.expires_after(patience);
  bhttp::async_write(stream_, *response_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       const bool again = !error && self->response_->keep_alive();
                       self->response_.reset();
                       self->answering_ = false;
                       again ? self->read() : self->close();
                     });
}

void client::begin_stream(const headers& more) {
  if (!answering_ || streaming_) return;
  streaming_ = true;
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
      "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nTransfer-Encoding: chunked\r\n";
  for (const auto& [name, value] : more) head += name + ": " + value + "\r\n";
  pending_ = head + "\r\n";
  waiting += pending_.size();
  flush();
}

void client::write(std::string_view bytes) {
  if (!streaming_ || ending_ || bytes.empty()) return;
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  const auto before = pending_.size();
  pending_ += size;
  pending_ += bytes;
  pending_ += "\r\n";
  waiting += pending_.size() - before;
  flush();
}

void client::end_stream() {
  if (!streaming_ || ending_) return;
  ending_ = true;
  pending_ += "0\r\n\r\n";
  waiting += 5;
  flush();
}

void client::flush() {
  if (busy_) return;
  if (pending_.empty()) {
    if (ending_) return read();
    if (drained) drained();
    return;
  }
  busy_ = true;
  writing_.clear();
  std::swap(writing_, pending_);
  stream_.expires_after(patience);
  asio::async_write(stream_, asio::buffer(writing_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      self->busy_ = false;
                      self->waiting -= self->writing_.size();
                      if (error) return self->lost();
                      self->stream_.expires_never();
                      self->flush();
                    });
}

class listening_server final : public server {
 public:
  listening_server(event_loop& loop, server_options options, handler handle)
      : acceptor_(loop.context()), parts_(std::make_shared<shared_parts>()) {
    parts_->options = std::move(options);
    parts_->handle = std::move(handle);
  }
  ~listening_server() override {
    parts_->closed = true;
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& weak : clients_)
      if (auto c = weak.lock()) c->close();
  }

  expected<> listen() {
    const auto& options = parts_->options;
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    const tcp::endpoint where(address, options.port);
    if (!error) acceptor_.open(where.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(where, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return fail(errc::invalid_argument,
                  "cannot listen on " + options.address + " port " + std::to_string(options.port) +
                      ": " + error.message() + "; choose another port, or 0 for any free one",
                  {{"field", "port"}});
    parts_->port = acceptor_.local_endpoint().port();
    accept();
    return {};
  }

  std::uint16_t port() const override { return parts_->port; }

 private:
  void accept() {
    acceptor_.async_accept([this, parts = parts_](const error_code& error, tcp::socket socket) {
      if (parts->closed) return;  // `this` is gone
      if (!error && parts->connections < max_connections) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto c = std::make_shared<client>(std::move(socket), parts);
        std::erase_if(clients_, [](const auto& weak) { return weak.expired(); });
        clients_.push_back(c);
        c->read();
      }
      accept();
    });
  }

  tcp::acceptor acceptor_;
  std::shared_ptr<shared_parts> parts_;
  std::vector<std::weak_ptr<client>> clients_;
};

}  // namespace

std::string request::header(const std::string& name) const {
  auto it = headers.find(name);
  return it == headers.end() ? "" : it->second;
}

expected<std::unique_ptr<server>> server::open(event_loop& loop, server_options options,
                                               handler handle) {
  auto opened = std::make_unique<listening_server>(loop, std::move(options), std::move(handle));
  if (auto ok = opened->listen(); !ok) return ok.error();
  return std::unique_ptr<server>(std::move(opened));
}

}  // namespace ratchet::http
