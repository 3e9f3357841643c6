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
  REQUIRE(members->add({"laptop", key.node_id(), "2026-01-01T00:00:00.000Z"}));
  REQUIRE(members->add({"desk-2", other.node_id(), "2026-01-02T00:00:00.000Z"}));
  CHECK(members->find(key.node_id(), 0));
  CHECK_FALSE(members->find(node_key::generate().node_id(), 0));
  REQUIRE(members->all()->size() == 2);
  CHECK(members->all()->front().name == "desk-2");
  // Another process sees the same.
  CHECK(member_list::open(state.path())->find(other.node_id(), 0));
  REQUIRE(members->revoke("laptop", 1));
  CHECK_FALSE(members->find(key.node_id(), 0));
  CHECK(members->all()->size() == 1);
  CHECK(members->add({"laptop", node_key::generate().node_id(), ""}));
}

TEST_CASE("a membership with an end is none from then on, and one whose end is damaged neither") {
  scratch_directory state;
  auto members = member_list::open(state.path());
  const auto key = node_key::generate(), other = node_key::generate();
  REQUIRE(members->add({"pool", key.node_id(), "", 5'000}));
  CHECK(members->find(key.node_id(), 4'999));
  CHECK_FALSE(members->find(key.node_id(), 5'000));
  CHECK(members->all()->front().expires_ms == 5'000);
  REQUIRE(create_private_file(
      state.path() / "node/members/odd",
      R"({"ratchet_member":1,"node":")" + other.node_id() + R"(","expires":"never"})"));
  CHECK_FALSE(members->find(other.node_id(), 5'000));
}

TEST_CASE("a membership that so many may use counts processes, not connections") {
  scratch_directory state;
  auto members = member_list::open(state.path());
  const auto key = node_key::generate();
  REQUIRE(members->add({"pool", key.node_id(), "", 0, 2}));
  const auto m = *members->find(key.node_id(), 0);
  CHECK(m.uses == 2);
  CHECK(*members->use(m, "aa"));
  CHECK(*members->use(m, "bb"));
  CHECK_FALSE(*members->use(m, "cc"));
  // Another process of the node knows it as well, and who is back is let in.
  CHECK(*member_list::open(state.path())->use(m, "aa"));
  CHECK(members->all()->front().used == 2);
  // Invited anew, it begins anew.
  REQUIRE(members->revoke("pool", 1));
  REQUIRE(members->add({"pool", node_key::generate().node_id(), "", 0, 2}));
  CHECK(members->all()->front().used == 0);
}

TEST_CASE("whom another process adds or revokes is known at once, also right after a look") {
  scratch_directory state;
  auto here = member_list::open(state.path()), there = member_list::open(state.path());
  for (int i = 0; i < 50; ++i) {
    const auto key = node_key::generate();
    CHECK_FALSE(here->find(key.node_id(), 0));
    REQUIRE(there->add({"m" + std::to_string(i), key.node_id(), ""}));
    CHECK(here->find(key.node_id(), 0));
    REQUIRE(there->revoke("m" + std::to_string(i), i));
    CHECK_FALSE(here->find(key.node_id(), 0));
  }
}

TEST_CASE("names that are taken, unknown or no names are refused with what to do") {
  scratch_directory state;
  auto members = member_list::open(state.path());
  const auto key = node_key::generate();
  REQUIRE(members->add({"laptop", key.node_id(), ""}));
  CHECK(members->add({"laptop", key.node_id(), ""}).error().text.find("already") !=
        std::string::npos);
  CHECK(members->revoke("laptob", 1).error().text.find("did you mean laptop") != std::string::npos);
  for (const auto* bad : {"", "../x", "a b", "a.b", "ä"})
    CHECK_FALSE(members->add({bad, key.node_id(), ""}));
}

TEST_CASE("a damaged member's file lets nobody in and hides nobody else") {
  scratch_directory state;
  auto members = member_list::open(state.path());
  const auto key = node_key::generate();
  REQUIRE(members->add({"laptop", key.node_id(), ""}));
  for (const auto* bad : {"", "{", "[]", "{\"ratchet_member\":2}", "{\"ratchet_member\":1}",
                          "{\"ratchet_member\":1,\"node\":\"x\"}"}) {
    const auto file = state.path() / "node/members/broken";
    std::filesystem::remove(file);
    REQUIRE(create_private_file(file, bad));
    CHECK(members->all()->size() == 1);
    CHECK(members->find(key.node_id(), 0));
  }
}

TEST_CASE("an invitation is read as it was written, and only by its owner") {
  scratch_directory dir;
  const auto file = dir.path() / "laptop.invite";
  const auto node = node_key::generate();
  const invitation made{
      "laptop", node.node_id(), {{"192.0.2.7", 7717}, {"::1", 1}}, node_key::generate()};
  REQUIRE(create_private_file(file, made.text()));
  auto read = invitation::read(file.string());
  REQUIRE(read);
  CHECK(read->name == "laptop");
  CHECK(read->node == node.node_id());
  CHECK(read->key.node_id() == made.key.node_id());
  REQUIRE(read->addresses.size() == 2);
  CHECK(read->addresses[1].text() == "[::1]:1");
  std::filesystem::permissions(file, std::filesystem::perms{0644});
  CHECK(invitation::read(file.string()).error().text.find("chmod 600") != std::string::npos);
}

TEST_CASE("an invitation comes through links, as secrets are mounted, and from the environment") {
  scratch_directory dir;
  const auto node = node_key::generate();
  const invitation made{"laptop", node.node_id(), {{"192.0.2.7", 7717}}, node_key::generate()};
  std::filesystem::create_directory(dir.path() / "..2026");
  REQUIRE(create_private_file(dir.path() / "..2026/invite", made.text()));
  std::filesystem::create_directory_symlink("..2026", dir.path() / "..data");
  std::filesystem::create_symlink("..data/invite", dir.path() / "invite");
  auto read = invitation::read((dir.path() / "invite").string());
  REQUIRE(read);
  CHECK(read->key.node_id() == made.key.node_id());

  setenv("RATCHET_TEST_INVITATION", made.text().c_str(), 1);
  for (int again = 0; again < 2; ++again) {
    auto from_there = invitation::read("env:RATCHET_TEST_INVITATION");
    REQUIRE(from_there);
    CHECK(from_there->node == node.node_id());
    // Experiments inherit the environment's names that are asked for: this is not among them.
    CHECK(getenv("RATCHET_TEST_INVITATION") == nullptr);
  }
  CHECK(invitation::read("env:RATCHET_TEST_ABSENT").error().text.find("RATCHET_TEST_ABSENT") !=
        std::string::npos);
}

TEST_CASE("what is no invitation says so") {
  scratch_directory dir;
  int n = 0;
  for (const auto* bad :
       {"", "nonsense", "{}", R"({"ratchet_invitation":2})", R"({"ratchet_invitation":1})",
        R"({"ratchet_invitation":1,"node":5,"key":[],"addresses":7})"}) {
    const auto file = dir.path() / std::to_string(++n);
    REQUIRE(create_private_file(file, bad));
    auto read = invitation::read(file.string());
    REQUIRE_FALSE(read);
    CHECK(read.error().text.find("ratchet node invite") != std::string::npos);
  }
  CHECK_FALSE(invitation::read((dir.path() / "absent").string()));
}
