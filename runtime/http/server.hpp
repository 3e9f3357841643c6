// SPDX-License-Identifier: MIT
//
// A small HTTP/1.1 server on one event loop (Boost.Beast inside): whole answers, and streams of
// server-sent events that end when the client goes. For this machine's own programs: it listens on
// the loopback address and refuses what a web page could trick a browser into sending.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/failure.hpp"
#include "runtime/os/event_loop.hpp"

namespace ratchet::http {

struct request {
  std::string method;
  std::string path;                            ///< without the query
  std::map<std::string, std::string> headers;  ///< names in lower case; blanks around values cut
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded
  std::string body;

  /// Empty when there is none of that name (in lower case).
  std::string header(const std::string& name) const;
};

using headers = std::vector<std::pair<std::string, std::string>>;

/// The answer to one request; on the loop's thread only. Either `send` once, or `begin_stream`,
/// any number of `write` and `end`. After the client has gone all of them do nothing.
class reply {
 public:
  virtual ~reply() = default;
  virtual void send(int status, std::string_view type, std::string body,
                    const headers& more = {}) = 0;
  virtual void begin_stream(const headers& more = {}) = 0;
  virtual void write(std::string_view bytes) = 0;
  virtual void end() = 0;
  virtual bool open() const = 0;
  /// Bytes handed over and not yet taken by the system.
  virtual std::size_t waiting_bytes() const = 0;
  /// Called when a stream has nothing more to write; and once when the client goes before the end.
  virtual void when_drained(std::function<void()> drained) = 0;
  virtual void when_gone(std::function<void()> gone) = 0;
};

using handler = std::function<void(const request&, std::shared_ptr<reply>)>;

struct server_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  std::string token;       ///< asked of every client as `Authorization: Bearer`; empty: none
  /// Host names, beside the loopback's, that clients may call this server by.
  std::vector<std::string> host_names;
};

/// A stream that takes no byte for this long is closed, and so is an idle connection.
inline constexpr std::chrono::seconds patience{60};
inline constexpr std::size_t max_connections = 1000;
inline constexpr std::size_t max_body_bytes = 32 << 20;
inline constexpr std::size_t max_header_bytes = 64 << 10;

class server {
 public:
  /// Fails with `invalid_argument` when the address cannot be listened on.
  static expected<std::unique_ptr<server>> open(event_loop& loop, server_options options,
                                                handler handle);
  virtual ~server() = default;
  virtual std::uint16_t port() const = 0;
};

}  // namespace ratchet::http
