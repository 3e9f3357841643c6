// SPDX-License-Identifier: MIT
#include "runtime/net/members.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "runtime/net/invitation.hpp"
#include "runtime/tls/private_file.hpp"
#include "tests/runtime/tls/scratch.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::net;

TEST_CASE("who is added is a member until revoked, by name and by key") {
  scratch_directory state;
  auto members = member_list::open(state.path());
  REQUIRE(members);
  const auto key = node_key::generate(), other = node_key::generate();
  REQUIRE(members->add("laptop", key.node_id(), "2026-01-01T00:00:00.000Z"));
  REQUIRE(members->add("desk-2", other.node_id(), "2026-01-02T00:00:00.000Z"));
  CHECK(members->has(key.node_id()));
  CHECK_FALSE(members->has(node_key::generate().node_id()));
  REQUIRE(members->all()->size() == 2);
  CHECK(members->all()->front().name == "desk-2");
  // Another process sees the same.
  CHECK(member_list::open(state.path())->has(other.node_id()));
  REQUIRE(members->revoke("laptop", 1));
  CHECK_FALSE(members->has(key.node_id()));
  CHECK(members->all()->size() == 1);
  CHECK(members->add("laptop", node_key::generate().node_id(), ""));
}

TEST_CASE("names that are taken, unknown or no names are refused with what to do") {
  scratch_directory state;
  auto members = member_list::open(state.path());
  const auto key = node_key::generate();
  REQUIRE(members->add("laptop", key.node_id(), ""));
  CHECK(members->add("laptop", key.node_id(), "").error().text.find("already") !=
        std::string::npos);
  CHECK(members->revoke("laptob", 1).error().text.find("did you mean laptop") != std::string::npos);
  for (const auto* bad : {"", "../x", "a b", "a.b", "ä"})
    CHECK_FALSE(members->add(bad, key.node_id(), ""));
}

TEST_CASE("a damaged member's file lets nobody in and hides nobody else") {
  scratch_directory state;
  auto members = member_list::open(state.path());
  const auto key = node_key::generate();
  REQUIRE(members->add("laptop", key.node_id(), ""));
  for (const auto* bad : {"", "{", "[]", "{\"ratchet_member\":2}", "{\"ratchet_member\":1}",
                          "{\"ratchet_member\":1,\"node\":\"x\"}"}) {
    const auto file = state.path() / "node/members/broken";
    std::filesystem::remove(file);
    REQUIRE(create_private_file(file, bad));
    CHECK(members->all()->size() == 1);
    CHECK(members->has(key.node_id()));
  }
}

TEST_CASE("an invitation is read as it was written, and only by its owner") {
  scratch_directory dir;
  const auto file = dir.path() / "laptop.invite";
  const auto node = node_key::generate();
  const invitation made{
      "laptop", node.node_id(), {{"192.0.2.7", 7717}, {"::1", 1}}, node_key::generate()};
  REQUIRE(create_private_file(file, made.text()));
  auto read = invitation::read(file);
  REQUIRE(read);
  CHECK(read->name == "laptop");
  CHECK(read->node == node.node_id());
  CHECK(read->key.node_id() == made.key.node_id());
  REQUIRE(read->addresses.size() == 2);
  CHECK(read->addresses[1].text() == "[::1]:1");
  std::filesystem::permissions(file, std::filesystem::perms{0644});
  CHECK(invitation::read(file).error().text.find("chmod 600") != std::string::npos);
}

TEST_CASE("what is no invitation says so") {
  scratch_directory dir;
  int n = 0;
  for (const auto* bad :
       {"", "nonsense", "{}", R"({"ratchet_invitation":2})", R"({"ratchet_invitation":1})",
        R"({"ratchet_invitation":1,"node":5,"key":[],"addresses":7})"}) {
    const auto file = dir.path() / std::to_string(++n);
    REQUIRE(create_private_file(file, bad));
    auto read = invitation::read(file);
    REQUIRE_FALSE(read);
    CHECK(read.error().text.find("ratchet node invite") != std::string::npos);
  }
  CHECK_FALSE(invitation::read(dir.path() / "absent"));
}
