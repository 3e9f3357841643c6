// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "actors/logic/text.hpp"
#include "runtime/process/output_excerpt.hpp"

namespace ratchet {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("an excerpt holds 5,000 characters of each end, however the bytes were cut") {
  const std::string text = "first" + repeated("\xE2\x82\xAC", 20'000) + "last";
  for (std::size_t step : {1UL, 7UL, 4096UL, 100'000UL}) {
    output_excerpt excerpt;
    for (std::size_t i = 0; i < text.size(); i += step)
      excerpt.add(std::string_view(text).substr(i, step));
    CHECK(excerpt.head() == "first" + repeated("\xE2\x82\xAC", 4995));
    CHECK(excerpt.tail() == repeated("\xE2\x82\xAC", 4996) + "last");
    CHECK(excerpt.total_bytes() == static_cast<long long>(text.size()));
  }
}

TEST_CASE("an excerpt of four-byte characters and of garbage is 5,000 valid characters too") {
  output_excerpt wide;
  wide.add(repeated("\xF0\x9F\x94\xA9", 7000));
  CHECK(wide.head() == repeated("\xF0\x9F\x94\xA9", 5000));
  CHECK(wide.tail() == wide.head());
  output_excerpt garbage;
  garbage.add(std::string(30'000, '\xFF'));
  CHECK(garbage.head() == repeated("\xEF\xBF\xBD", 5000));
  CHECK(garbage.tail() == garbage.head());
}

TEST_CASE("a short output is both head and tail, with invalid bytes replaced") {
  output_excerpt excerpt;
  excerpt.add("a\xC3");
  excerpt.add(std::string_view("\xA9\xFF\0z", 4));
  CHECK(excerpt.head() == "a\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBDz");
  CHECK(excerpt.tail() == excerpt.head());
  CHECK(output_excerpt().tail().empty());
}

}  // namespace
}  // namespace ratchet
