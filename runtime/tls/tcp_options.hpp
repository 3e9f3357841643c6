// SPDX-License-Identifier: MIT
//
// What every connection between machines is given: small messages go at once, and one whose other
// side has vanished without a word ends within a minute.
#pragma once

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>

namespace ratchet::net {

inline void set_tcp_options(boost::asio::ip::tcp::socket& socket) {
  const int fd = socket.native_handle();
  auto set = [fd](int level, int name, int value) {
    ::setsockopt(fd, level, name, &value, sizeof(value));  // each is an improvement, not a need
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 20);   // seconds
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);  // seconds
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 40'000);  // milliseconds
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

}  // namespace ratchet::net
