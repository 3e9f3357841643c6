// SPDX-License-Identifier: MIT
//
// The streams are what CAF 0.17.6 said through two of its socket pairs.
#include "runtime/net/basp_filter.hpp"

#include <doctest/doctest.h>

#include <caf/binary_deserializer.hpp>
#include <caf/io/basp/header.hpp>
#include <random>
#include <vector>

#include "tests/runtime/net/captured_basp.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::net;
using sender = basp_filter::sender;

namespace {

/// What a relay does: hands over what has come, keeps what may not pass yet.
struct fed {
  explicit fed(sender who, std::size_t max_payload = default_max_payload)
      : filter(who, max_payload) {}
  bool give(std::string_view bytes) {
    held += bytes;
    auto n = filter.passable(held);
    if (!n) {
      why = n.error().text;
      return false;
    }
    passed.append(held, 0, *n);
    held.erase(0, *n);
    most_held = std::max(most_held, held.size());
    return true;
  }
  basp_filter filter;
  std::string held, passed, why;
  std::size_t most_held = 0;
};

std::string header(unsigned char what, std::uint32_t payload, std::uint64_t data = 0,
                   std::uint64_t source = 0, std::uint64_t destination = 0,
                   unsigned char flags = 0) {
  std::string bytes{static_cast<char>(what), 0, 0, static_cast<char>(flags)};
  auto put = [&](std::uint64_t n, int size) {
    for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(n >> (8 * i));
  };
  put(payload, 4);
  put(data, 8);
  put(source, 8);
  put(destination, 8);
  return bytes;
}

std::string why_refused(sender who, const std::string& bytes,
                        std::size_t max_payload = default_max_payload) {
  fed f(who, max_payload);
  return f.give(bytes) ? "passed" : f.why;
}

const std::string client_greeting = captured_client().substr(0, 64);

}  // namespace

TEST_CASE("what CAF itself says passes, byte for byte") {
  for (auto who : {sender::server, sender::client}) {
    const auto stream = who == sender::server ? captured_server() : captured_client();
    fed whole(who);
    REQUIRE(whole.give(stream));
    CHECK(whole.passed == stream);
    CHECK(whole.held.empty());
    fed by_byte(who);
    for (char c : stream) REQUIRE(by_byte.give({&c, 1}));
    CHECK(by_byte.passed == stream);
    CHECK(by_byte.most_held <= basp_filter::max_held);
  }
}

TEST_CASE("a stream cut at any byte passes only whole headers, and whole handshakes") {
  const auto stream = captured_client();
  for (std::size_t cut = 0; cut < stream.size(); ++cut) {
    fed f(sender::client);
    REQUIRE(f.give(stream.substr(0, cut)));
    CHECK(f.passed + f.held == stream.substr(0, cut));
    CHECK(f.filter.greeted() == (cut >= 64));
    if (cut < 64) CHECK(f.passed.empty());
  }
}

TEST_CASE("the header that crashes CAF, a handshake without payload, does not pass") {
  CHECK(why_refused(sender::client, header(1, 0)) == "an empty handshake");
  CHECK(why_refused(sender::server, header(0, 0, 3)) == "an empty handshake");
}

TEST_CASE("a message that claims 4 GiB does not pass, nor anything above the bound") {
  const auto claim = [](std::uint32_t n) { return client_greeting + header(2, n, 0, 1, 1); };
  CHECK(why_refused(sender::client, claim(0xffffffff)).find("4294967295 bytes") !=
        std::string::npos);
  CHECK(why_refused(sender::client, claim(101), 100) != "passed");
  CHECK(why_refused(sender::client, claim(100), 100) == "passed");
  CHECK(why_refused(sender::client, header(1, 100'000)) == "a handshake of 100000 bytes");
}

TEST_CASE("nothing comes before the handshake, and no other handshake after it") {
  CHECK(why_refused(sender::client, header(6, 0)) == "a message before the handshake");
  CHECK(why_refused(sender::client, captured_server()) == "the other side's handshake");
  CHECK(why_refused(sender::server, captured_client()) == "the other side's handshake");
  const auto again = captured_client().substr(64, 64);
  CHECK(why_refused(sender::client, client_greeting + again) == "passed");
  CHECK(why_refused(sender::client, client_greeting + client_greeting) == "a second handshake");
  CHECK(why_refused(sender::client, client_greeting + again + again) == "a second handshake");
  auto other = again;
  other[60] = static_cast<char>(other[60] ^ 1);
  CHECK(why_refused(sender::client, client_greeting + other) == "a second handshake");
}

TEST_CASE("fields that an operation does not have are refused") {
  const auto after = [](const std::string& h) {
    return why_refused(sender::client, client_greeting + h);
  };
  CHECK(after(header(7, 1)) == "unknown operation 7");
  CHECK(after(header(255, 1)) == "unknown operation 255");
  CHECK(after(header(2, 0, 0, 1, 1)) == "a message without content");
  CHECK(after(header(4, 0, 0, 0, 1)) == "a message without content");
  CHECK(after(header(2, 8, 0, 1, 1, 4)).find("bits") != std::string::npos);
  CHECK(after(header(6, 0, 0, 0, 0, 1)).find("bits") != std::string::npos);
  CHECK(after(header(2, 8, 0, 1, 0)).find("contradict") != std::string::npos);
  CHECK(after(header(4, 8, 1, 0, 1)).find("contradict") != std::string::npos);
  CHECK(after(header(5, 8, 0, 0, 0)).find("contradict") != std::string::npos);
  CHECK(after(header(6, 8)).find("contradict") != std::string::npos);
  CHECK(why_refused(sender::server, header(0, 50, 4)).find("version") != std::string::npos);
  auto padded = header(2, 8, 0, 1, 1);
  padded[1] = 1;
  CHECK(after(padded).find("bits") != std::string::npos);
}

TEST_CASE("after a refusal nothing passes any more") {
  fed f(sender::client);
  CHECK_FALSE(f.give(header(6, 0)));
  f.held.clear();
  CHECK_FALSE(f.give(captured_client()));
  CHECK(f.passed.empty());
}

TEST_CASE("10,000 mutated streams: what passes is whole, in order, and valid to CAF itself") {
  std::mt19937 random(20'260'101);
  const auto original = captured_client();
  int refused = 0;
  for (int round = 0; round < 10'000; ++round) {
    auto stream = original;
    const auto changes = 1 + random() % 4;
    for (std::size_t i = 0; i < changes; ++i) {
      const auto at = random() % stream.size();
      switch (random() % 4) {
        case 0:
          stream[at] = static_cast<char>(random());
          break;
        case 1:
          stream.erase(at, random() % 40);
          break;
        case 2:
          stream.insert(at, std::string(random() % 40, static_cast<char>(random())));
          break;
        default:
          stream[at] = static_cast<char>(stream[at] ^ (1u << (random() % 8)));
      }
    }
    fed f(sender::client);
    bool alive = true;
    for (std::size_t at = 0; alive && at < stream.size();) {
      const auto n = std::min<std::size_t>(1 + random() % 100, stream.size() - at);
      alive = f.give(std::string_view(stream).substr(at, n));
      at += n;
    }
    refused += alive ? 0 : 1;
    CHECK(stream.compare(0, f.passed.size(), f.passed) == 0);
    CHECK(f.most_held <= basp_filter::max_held);
    // Read again as CAF reads it.
    for (std::size_t at = 0; at + 32 <= f.passed.size();) {
      caf::io::basp::header h{};
      caf::binary_deserializer source(nullptr, f.passed.data() + at, 32);
      REQUIRE_FALSE(source(h));
      REQUIRE(caf::io::basp::valid(h));
      REQUIRE(h.payload_len <= default_max_payload);
      REQUIRE((h.payload_len > 0 || caf::io::basp::is_heartbeat(h)));
      REQUIRE((at == 0) <= caf::io::basp::is_handshake(h));
      at += 32 + h.payload_len;
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("random bytes never pass") {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string noise(32 + random() % 300, '\0');
    for (auto& c : noise) c = static_cast<char>(random());
    fed f(sender::client);
    f.give(noise);
    CHECK(f.passed.empty());
  }
}
