// SPDX-License-Identifier: MIT
//
// A small HTTP server for tests that answers as it is told, badly too: cut, silent, malformed.
// Plain sockets, one request a connection, one connection at a time.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace ratchet::testing {

class http_server {
 public:
  struct request {
    std::string line;                            ///< "POST /v1/… HTTP/1.1"
    std::map<std::string, std::string> headers;  ///< by lower-case name
    std::string body;
  };

  /// The answering end.
  class peer {
   public:
    explicit peer(int socket) : socket_(socket) {}
    void send(std::string_view bytes) {
      while (!bytes.empty()) {
        auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(n));
      }
    }
    /// Says nothing more until the client has gone, or the server ends.
    void wait_until_gone() {
      char byte;
      while (::recv(socket_, &byte, 1, 0) > 0) {
      }
    }
    /// The connection ends with a reset instead of in order.
    void reset() {
      linger hard{1, 0};
      ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }

   private:
    int socket_;
  };

  using handler = std::function<void(const request&, peer&)>;

  /// The n-th request gets the n-th handler; the last one answers all that follow.
  explicit http_server(std::vector<handler> script) : script_(std::move(script)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listening_, 16) == 0);
    REQUIRE(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  ~http_server() {
    ending_ = true;
    ::shutdown(listening_, SHUT_RDWR);
    {
      std::lock_guard lock(mutex_);
      if (open_ >= 0) ::shutdown(open_, SHUT_RDWR);
    }
    thread_.join();
    ::close(listening_);
  }

  std::string url(const std::string& path = "/v1") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<request> requests() const {
    std::lock_guard lock(mutex_);
    return seen_;
  }
  /// Waits until so many requests have come, at most half a minute.
  bool wait_for_requests(std::size_t count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(30), [&] { return seen_.size() >= count; });
  }

  // -- usual answers -----------------------------------------------------------------------------

  static handler reply(int status, const std::string& body, const std::string& more_headers = "",
                       const std::string& type = "application/json") {
    return [=](const request&, peer& p) {
      p.send("HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Type: " + type +
             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" +
             more_headers + "\r\n" + body);
    };
  }
  static handler stream(const std::string& events) {
    return reply(200, events, "", "text/event-stream; charset=utf-8");
  }
  /// Promises more than it sends, then breaks the connection.
  static handler cut(const std::string& events) {
    return [=](const request&, peer& p) {
      p.send(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100000\r\n\r\n" +
          events);
    };
  }
  static handler disconnect() {
    return [](const request&, peer& p) { p.reset(); };
  }
  static handler silent(const std::string& first = "") {
    return [=](const request&, peer& p) {
      if (!first.empty())
        p.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + first);
      p.wait_until_gone();
    };
  }

 private:
  void serve() {
    for (std::size_t n = 0; !ending_;) {
      int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      {
        std::lock_guard lock(mutex_);
        open_ = socket;
        if (ending_) ::shutdown(socket, SHUT_RDWR);
      }
      request r;
      if (read(socket, r)) {
        {
          std::lock_guard lock(mutex_);
          seen_.push_back(r);
        }
        came_.notify_all();
        peer p(socket);
        script_[std::min(n++, script_.size() - 1)](r, p);
      }
      std::lock_guard lock(mutex_);
      open_ = -1;
      ::close(socket);
    }
  }

  static bool read(int socket, request& r) {
    std::string bytes;
    std::size_t head = std::string::npos, wanted = 0;
    char buffer[65536];
    while (head == std::string::npos || bytes.size() < head + wanted) {
      auto n = ::recv(socket, buffer, sizeof buffer, 0);
      if (n <= 0) return false;
      bytes.append(buffer, static_cast<std::size_t>(n));
      if (head != std::string::npos || bytes.find("\r\n\r\n") == std::string::npos) continue;
      head = bytes.find("\r\n\r\n") + 4;
      read_head(bytes.substr(0, head - 2), r);
      auto length = r.headers.find("content-length");
      wanted = length == r.headers.end() ? 0 : std::stoul(length->second);
    }
    r.body = bytes.substr(head);
    return true;
  }

  static void read_head(const std::string& head, request& r) {
    for (std::size_t at = 0; at < head.size();) {
      auto end = head.find("\r\n", at);
      auto line = head.substr(at, end - at);
      at = end + 2;
      auto colon = line.find(": ");
      if (r.line.empty()) {
        r.line = line;
      } else if (colon != std::string::npos) {
        std::string name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(), ::tolower);
        r.headers[name] = line.substr(colon + 2);
      }
    }
  }

  std::vector<handler> script_;
  int listening_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_{false};
  mutable std::mutex mutex_;
  std::condition_variable came_;
  int open_ = -1;
  std::vector<request> seen_;
  std::thread thread_;
};

}  // namespace ratchet::testing
