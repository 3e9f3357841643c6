// SPDX-License-Identifier: MIT
#include "runtime/tls/node_key.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "actors/logic/hex.hpp"
#include "tests/runtime/tls/scratch.hpp"
#include "tests/support/expected_printing.hpp"

using namespace ratchet;
using namespace ratchet::net;

TEST_CASE("a state directory has one key, made at the first use and read by its owner alone") {
  scratch_directory state;
  auto first = node_key::open(state.path());
  REQUIRE(first);
  CHECK(is_node_id(first->node_id()));
  struct stat found {};
  REQUIRE(::stat((state.path() / "node/key").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  auto again = node_key::open(state.path());
  REQUIRE(again);
  CHECK(again->node_id() == first->node_id());
  CHECK(again->seed_hex() == first->seed_hex());
}

TEST_CASE("of many that make the key at once, all have the same") {
  scratch_directory state;
  std::vector<std::string> ids(8);
  std::vector<std::thread> threads;
  for (auto& id : ids)
    threads.emplace_back([&] {
      if (auto key = node_key::open(state.path())) id = key->node_id();
    });
  for (auto& t : threads) t.join();
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 1);
  CHECK(is_node_id(ids.front()));
}

TEST_CASE("a key that others can read, or that is none, is refused with what to do") {
  scratch_directory state;
  REQUIRE(node_key::open(state.path()));
  const auto file = state.path() / "node/key";
  ::chmod(file.c_str(), 0644);
  auto open_to_all = node_key::open(state.path());
  REQUIRE_FALSE(open_to_all);
  CHECK(open_to_all.error().text.find("chmod 600") != std::string::npos);
  ::chmod(file.c_str(), 0600);
  std::ofstream(file) << "ratchet-key/2 something\n";
  auto other = node_key::open(state.path());
  REQUIRE_FALSE(other);
  CHECK(other.error().text.find("backup") != std::string::npos);
}

TEST_CASE("a signature holds for its message, its key and nothing else") {
  const auto key = node_key::generate();
  const auto signature = key.sign("a delta");
  CHECK(signature.size() == 64);
  CHECK(signed_by(key.node_id(), "a delta", signature));
  CHECK_FALSE(signed_by(key.node_id(), "a Delta", signature));
  CHECK_FALSE(signed_by(node_key::generate().node_id(), "a delta", signature));
  CHECK_FALSE(signed_by(key.node_id(), "a delta", signature.substr(1)));
  CHECK_FALSE(signed_by("", "a delta", signature));
  auto bent = signature;
  bent[10] = static_cast<char>(bent[10] ^ 1);
  CHECK_FALSE(signed_by(key.node_id(), "a delta", bent));
}

TEST_CASE("keys agree with RFC 8032") {
  auto key =
      node_key::from_seed_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  REQUIRE(key);
  CHECK(key->node_id() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(to_hex(key->sign("")) ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b");
  CHECK_FALSE(node_key::from_seed_hex("9d61"));
}
