// SPDX-License-Identifier: MIT
#include "actors/logic/hex.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

TEST_CASE("bytes are written as digits and read back, zeros too") {
  const std::string bytes("\0\x01\xab\xff", 4);
  CHECK(to_hex(bytes) == "0001abff");
  CHECK(from_hex("0001abff") == bytes);
  CHECK(from_hex("0001ABFF") == bytes);
  CHECK(from_hex("") == "");
}

TEST_CASE("what is not made of pairs of digits alone is nothing") {
  for (const char* text : {"abc", "0g", "00 11", "00:11", "zz", " 00"}) {
    CAPTURE(text);
    CHECK(!from_hex(text));
  }
}

TEST_CASE("a node's id is 64 digits in lower case") {
  const std::string id(64, 'a');
  CHECK(is_node_id(id));
  CHECK_FALSE(is_node_id(id + "a"));
  CHECK_FALSE(is_node_id(id.substr(1)));
  CHECK_FALSE(is_node_id(std::string(64, 'A')));
}

TEST_CASE("random digits are as many as asked for and never twice the same") {
  const auto first = random_hex(32);
  CHECK(is_lower_hex(first, 32));
  CHECK(first != random_hex(32));
}
