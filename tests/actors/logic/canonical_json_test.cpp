// SPDX-License-Identifier: MIT
#include "actors/logic/canonical_json.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <limits>

#include "tests/support/expected_printing.hpp"

namespace ratchet {
namespace {

std::string canonical(const char* text) {
  auto bytes = canonical_json(json::parse(text));
  return bytes ? *bytes : bytes.error().text;
}

TEST_CASE("the RFC's own examples come out byte for byte") {
  CHECK(canonical(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })") == R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
          R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
  // By UTF-16 units a character beyond the first plane comes before the private-use area.
  CHECK(canonical(R"({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6,
                      "\u00f6": 7})") ==
        "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\xef\xac\xb3\":3}");
}

TEST_CASE("numbers are printed as ECMAScript prints them, by the RFC's table") {
  const std::pair<std::uint64_t, const char*> table[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : table)
    CHECK(ecmascript_number(std::bit_cast<double>(bits)) == text);
  CHECK(canonical("[56, -7, 1e2, 100.0, 18446744073709551615]") ==
        "[56,-7,100,100,18446744073709552000]");
}

TEST_CASE("the order of keys and blanks in the text change nothing, at any depth") {
  CHECK(canonical(R"({"b": {"d": 1, "c": [ ]}, "a": { }})") == R"({"a":{},"b":{"c":[],"d":1}})");
  CHECK(canonical(R"({"aa": 1, "a": 2, "": 3})") == R"({"":3,"a":2,"aa":1})");
  CHECK(canonical("\"\\u0000\\b\\t\\f\\u001f\\u007f\"") == "\"\\u0000\\b\\t\\f\\u001f\x7f\"");
}

TEST_CASE("what has no canonical form is refused") {
  CHECK(!canonical_json(json(std::numeric_limits<double>::infinity())));
  CHECK(!canonical_json(json{{"x", std::numeric_limits<double>::quiet_NaN()}}));
  CHECK(!canonical_json(json("\xff")));
  CHECK(!canonical_json(json(std::string("\xc3\0\xa9", 3))));
  CHECK(!canonical_json(json{{"\xc3", 1}}));
  CHECK(!canonical_json(json::array({json::binary({1, 2})})));
}

}  // namespace
}  // namespace ratchet
