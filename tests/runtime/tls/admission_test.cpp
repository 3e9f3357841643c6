// SPDX-License-Identifier: MIT
#include "runtime/tls/admission.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace ratchet::net;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {
const admission::time_point begun{seconds(1000)};
}

TEST_CASE("handshakes are limited in all and per address, and a place is given back") {
  auto all = admission::make({.handshakes = 3, .handshakes_per_address = 2});
  std::vector<std::unique_ptr<admission::place>> places;
  places.push_back(all->admit("a", begun));
  places.push_back(all->admit("a", begun));
  CHECK(places[1]);
  CHECK_FALSE(all->admit("a", begun));
  places.push_back(all->admit("b", begun));
  CHECK(places[2]);
  CHECK_FALSE(all->admit("c", begun));
  CHECK(all->handshakes() == 3);
  places.clear();
  CHECK(all->handshakes() == 0);
  CHECK(all->admit("a", begun));
}

TEST_CASE("authenticated connections are limited apart from handshakes") {
  auto all = admission::make({.connections = 2, .connections_per_address = 1});
  auto first = all->admit("a", begun);
  auto second = all->admit("a", begun);
  CHECK(first->establish());
  CHECK(first->establish());
  CHECK_FALSE(second->establish());
  auto other = all->admit("b", begun);
  CHECK(other->establish());
  auto too_many = all->admit("c", begun);
  CHECK_FALSE(too_many->establish());
  CHECK(all->connections() == 2);
  first.reset();
  CHECK(second->establish());
}

TEST_CASE("an address that comes too often waits until its share has grown again") {
  auto all = admission::make({.handshakes_per_second = 2, .burst = 3});
  for (int i = 0; i < 3; ++i) CHECK(all->admit("a", begun));
  CHECK_FALSE(all->admit("a", begun));
  CHECK(all->admit("b", begun));
  CHECK_FALSE(all->admit("a", begun + milliseconds(400)));
  CHECK(all->admit("a", begun + milliseconds(600)));
  CHECK_FALSE(all->admit("a", begun + milliseconds(600)));
}

TEST_CASE("a million addresses cost bounded memory, and come in again when others are idle") {
  auto all = admission::make({.handshakes_per_second = 1, .burst = 1});
  int admitted = 0;
  for (int i = 0; i < 100'000; ++i)
    if (all->admit(std::to_string(i), begun)) ++admitted;
  CHECK(admitted == 4096);
  CHECK(all->admit("a", begun + seconds(2)));
}
