// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/filled.hpp"

namespace ratchet {
namespace {

using testing::filled;
using block = caf::id_block::ratchet;

template <class T>
std::vector<char> bytes_of(caf::actor_system& system, const T& x) {
  std::vector<char> bytes;
  caf::binary_serializer sink{system, bytes};
  REQUIRE(!sink(x));
  return bytes;
}

template <class T>
void round_trips(caf::actor_system& system) {
  CAPTURE(caf::type_name<T>::value);
  const T x = filled<T>();
  const json text = x;

  const json defaults = T{};
  for (const auto& [key, value] : text.items()) {
    CAPTURE(key);
    CHECK((!defaults.contains(key) || defaults[key] != value));
  }
  CHECK(text.size() == decltype(T::fields())::size);
  CHECK(json(json::parse(text.dump()).template get<T>()) == text);

  caf::message received;
  auto bytes = bytes_of(system, caf::make_message(x));
  caf::binary_deserializer source{system, bytes};
  REQUIRE(!source(received));
  REQUIRE(received.match_elements<T>());
  CHECK(json(received.get_as<T>(0)) == text);
}

template <caf::type_id_t... Offset>
int all_round_trip(caf::actor_system& system, std::integer_sequence<caf::type_id_t, Offset...>) {
  int messages = 0;
  auto one = [&](auto type) {
    using message = typename decltype(type)::type;
    if constexpr (has_fields<message>) {
      round_trips<message>(system);
      ++messages;
    }
  };
  (one(caf::type_by_id<static_cast<caf::type_id_t>(block::begin + Offset)>{}), ...);
  return messages;
}

TEST_CASE("every message survives the wire and JSON with every member set") {
  testing::actor_fixture fixture;
  constexpr auto count = static_cast<caf::type_id_t>(block::end - block::begin);
  int messages =
      all_round_trip(fixture.system(), std::make_integer_sequence<caf::type_id_t, count>{});
  CHECK(messages == count - 8);  // all but the typed handles
}

TEST_CASE("a default message survives the wire") {
  testing::actor_fixture fixture;
  auto bytes = bytes_of(fixture.system(), progress{});
  progress back = filled<progress>();
  back.branch.clear();
  caf::binary_deserializer source{fixture.system(), bytes};
  REQUIRE(!source(back));
  CHECK(back.status == session_status::pending);
  CHECK(!back.best_metric);
}

TEST_CASE("a newer node's unknown keys are ignored and missing ones take their defaults") {
  auto sent = json{{"topic", "autoresearch.started"}, {"colour", "green"}};
  auto binary = json::to_cbor(sent);
  testing::actor_fixture fixture;
  auto bytes = bytes_of(fixture.system(), std::string(binary.begin(), binary.end()));
  event back;
  caf::binary_deserializer source{fixture.system(), bytes};
  REQUIRE(!source(back));
  CHECK(back.topic == "autoresearch.started");
  CHECK(back.seq == 0);
}

TEST_CASE("bytes that are no message are refused, wherever they are cut") {
  testing::actor_fixture fixture;
  auto bytes = bytes_of(fixture.system(), filled<event>());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    event back;
    caf::binary_deserializer source{fixture.system(), bytes.data(), n};
    CHECK(source(back));
  }
}

TEST_CASE("a value of the wrong kind is refused") {
  auto binary = json::to_cbor(json{{"seq", "seven"}});
  testing::actor_fixture fixture;
  auto bytes = bytes_of(fixture.system(), std::string(binary.begin(), binary.end()));
  event back;
  caf::binary_deserializer source{fixture.system(), bytes};
  CHECK(source(back));
}

TEST_CASE("what a worker says is not read beyond 256 KiB, whatever it is") {
  run_result answer;
  answer.output_tail.assign(300'000, 'x');
  run_result read;
  CHECK_FALSE(unpack(pack(answer), read));
  answer.output_tail.resize(5'000);
  CHECK(unpack(pack(answer), read));
  worker_heartbeat beat;
  beat.at_work.resize(100'000);
  worker_heartbeat heard;
  CHECK_FALSE(unpack(pack(beat), heard));
  // An edit may be longer than that.
  edit_candidate edit{"0123456789ab", {}};
  edit.edit.content = std::string(4 << 20, 'x');
  edit_candidate taken;
  CHECK(unpack(pack(edit), taken));
}

}  // namespace
}  // namespace ratchet
