// SPDX-License-Identifier: MIT
#include "messages/shared.hpp"

#include <doctest/doctest.h>

#include "messages/jobs.hpp"
#include "messages/workspaces.hpp"
#include "tests/support/filled.hpp"

namespace ratchet {
namespace {

using testing::filled;

TEST_CASE("a shared value is the default of its type until there is another") {
  const shared_settings none;
  CHECK(json(none) == json(session_settings{}));
  CHECK(none->num_variants == session_settings{}.num_variants);
  const shared_settings also_none;
  CHECK(&*none == &*also_none);  // messages are made empty and then filled: that costs nothing
}

TEST_CASE("copies of a shared value are one value, in whatever message they are") {
  const shared_settings settings = filled<session_settings>();
  propose_edit ask;
  ask.settings = settings;
  const auto sent = ask;
  CHECK(&*sent.settings == &*settings);
}

TEST_CASE("what a shared value was moved from has its value still") {
  shared_settings settings = filled<session_settings>();
  const shared_settings taken = std::move(settings);  // NOLINT(performance-move-const-arg)
  CHECK(&*taken == &*settings);                       // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a shared value that is replaced is another one; its copies stay") {
  shared<int> one = 1;
  const shared<int> copy = one;
  one = 2;
  CHECK(*one == 2);
  CHECK(*copy == 1);
  CHECK(!(one == copy));
  one = 1;
  CHECK(one == copy);
}

TEST_CASE("in JSON a shared value is the value, to the byte") {
  for (const auto& settings : {session_settings{}, filled<session_settings>()}) {
    const json text = settings;
    CHECK(json(shared_settings{settings}).dump() == text.dump());
    CHECK(json(inspect_repository{settings}).dump() == json{{"settings", text}}.dump());
    CHECK(json(text.get<shared_settings>()).dump() == text.dump());
  }
}

TEST_CASE("reading a shared value leaves what is not there as it is, in this copy alone") {
  shared_settings settings = filled<session_settings>();
  const auto before = settings;
  json{{"plateau", 7777}}.get_to(settings);
  CHECK(settings->plateau == 7777);
  CHECK(settings->metric_name == before->metric_name);
  CHECK(before->plateau != 7777);
}

TEST_CASE("a value of the wrong kind is refused, and the shared value stays") {
  shared_settings settings = filled<session_settings>();
  const auto before = settings;
  CHECK_THROWS(json{{"plateau", "seven"}}.get_to(settings));
  CHECK(&*settings == &*before);
}

}  // namespace
}  // namespace ratchet
