// SPDX-License-Identifier: MIT
#include "runtime/net/basp_filter.hpp"

#include <algorithm>

namespace ratchet::net {

namespace {

enum operation : unsigned char {
  server_handshake,
  client_handshake,
  direct_message,
  routed_message,
  monitor_message,
  down_message,
  heartbeat,
};

constexpr std::uint64_t version = 3;
constexpr unsigned char named_receiver = 1;
constexpr unsigned char select_connection = 2;

std::uint64_t number(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < size; ++i) n = n << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return n;
}

struct header {
  explicit header(std::string_view bytes)
      : what(static_cast<unsigned char>(bytes[0])),
        padding(number(bytes, 1, 2)),
        flags(static_cast<unsigned char>(bytes[3])),
        payload(static_cast<std::size_t>(number(bytes, 4, 4))),
        data(number(bytes, 8, 8)),
        source(number(bytes, 16, 8)),
        destination(number(bytes, 24, 8)) {}
  unsigned char what;
  std::uint64_t padding;
  unsigned char flags;
  std::size_t payload;
  std::uint64_t data, source, destination;
};

unsigned char flags_of(unsigned char what) {
  if (what == client_handshake) return select_connection;
  return what == direct_message || what == routed_message ? named_receiver : 0;
}

/// The fields that a message of this kind leaves zero, or does not.
bool fields_fit(const header& h) {
  switch (h.what) {
    case server_handshake:
    case client_handshake:
      return h.source == 0 && h.destination == 0;
    case direct_message:
    case routed_message:
      return h.destination != 0;
    case monitor_message:
      return h.data == 0 && h.source == 0 && h.destination != 0;
    case down_message:
      return h.data == 0 && h.source != 0 && h.destination == 0;
    default:
      return h.data == 0 && h.source == 0 && h.destination == 0 && h.payload == 0;
  }
}

bool is_handshake(std::string_view bytes) {
  return static_cast<unsigned char>(bytes[0]) <= client_handshake;
}

}  // namespace

expected<> basp_filter::refuse(const std::string& why) {
  refused_ = why;
  return fail(errc::invalid_argument, refused_);
}

expected<> basp_filter::check(std::string_view bytes) {
  const header h(bytes);
  if (h.what > heartbeat) return refuse("unknown operation " + std::to_string(h.what));
  if (h.padding != 0 || (h.flags & ~flags_of(h.what)) != 0)
    return refuse("a header with bits that the protocol does not have");
  if (is_handshake(bytes)) {
    const auto expected = who_ == sender::server ? server_handshake : client_handshake;
    if (h.what != expected) return refuse("the other side's handshake");
    // CAF's client says the same twice: who it is, and that this is the connection to use.
    if (greeted_ && (repeated_ || h.flags != select_connection || h.payload != handshake_.size()))
      return refuse("a second handshake");
    if (h.payload == 0) return refuse("an empty handshake");
    if (h.payload > max_handshake)
      return refuse("a handshake of " + std::to_string(h.payload) + " bytes");
    if (h.data != (h.what == server_handshake ? version : 0))
      return refuse("another version of the protocol: " + std::to_string(h.data));
  } else {
    if (!greeted_) return refuse("a message before the handshake");
    if (h.payload == 0 && h.what != heartbeat) return refuse("a message without content");
    if (h.payload > max_payload_)
      return refuse("a message of " + std::to_string(h.payload) + " bytes, more than the " +
                    std::to_string(max_payload_) + " allowed");
  }
  if (!fields_fit(h)) return refuse("a header whose fields contradict its operation");
  ++messages_;
  return {};
}

expected<std::size_t> basp_filter::passable(std::string_view bytes) {
  if (!refused_.empty()) return fail(errc::invalid_argument, refused_);
  std::size_t pass = 0;
  while (true) {
    const auto more = std::min(payload_left_, bytes.size() - pass);
    pass += more;
    payload_left_ -= more;
    const auto rest = bytes.substr(pass);
    if (payload_left_ > 0 || rest.size() < header_size) return pass;
    if (auto ok = check(rest); !ok) return ok.error();
    const auto payload = header(rest).payload;
    if (!is_handshake(rest)) {
      pass += header_size;
      payload_left_ = payload;
    } else {
      if (rest.size() < header_size + payload) return pass;  // a handshake passes whole
      const auto content = rest.substr(header_size, payload);
      if (greeted_ && content != handshake_) return refuse("a second handshake").error();
      repeated_ = greeted_;
      greeted_ = true;
      handshake_ = content;
      pass += header_size + payload;
    }
  }
}

}  // namespace ratchet::net
