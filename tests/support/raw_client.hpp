// SPDX-License-Identifier: MIT
//
// A TCP client that says and hears bytes, for servers on this machine.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

namespace ratchet::testing {

/// A client's socket; reads block until bytes are there or the server has closed.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0);
  }
  ~raw_client() { hang_up(); }
  void hang_up() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  void say(const std::string& text) {
    REQUIRE(send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  /// Everything up to and with `mark`, or to the end.
  std::string hear(const std::string& mark) {
    while (heard_.find(mark) == std::string::npos) {
      char buffer[4096];
      auto n = recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0) return std::exchange(heard_, {});
      heard_.append(buffer, static_cast<std::size_t>(n));
    }
    const auto end = heard_.find(mark) + mark.size();
    auto result = heard_.substr(0, end);
    heard_.erase(0, end);
    return result;
  }

 private:
  int fd_;
  std::string heard_;
};

}  // namespace ratchet::testing
