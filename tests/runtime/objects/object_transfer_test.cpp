// SPDX-License-Identifier: MIT
//
// Bases and changes on their way from a node to a worker, whole, odd, damaged and hostile.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tests/runtime/objects/transfer_laboratory.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

TEST_CASE("random trees and changes arrive with the same ids and the same content") {
  unsigned seed = transfer_seed();
  CAPTURE(seed);
  random_trees random(seed);
  transfer_laboratory lab;
  for (int round = 0; round < 15; ++round) {
    std::string key = "k" + std::to_string(round % 7);
    auto files = random.tree();
    std::string before = git::hex(plant(lab.objects.get(), files));
    CHECK(must(lab.take_base(key, before, lab.base_pack(before), 1 + 777 * (round % 5))) == before);
    auto worker = lab.cached(key);
    CHECK(harvest(worker.get(), before) == files);
    for (int step = 0; step < 6; ++step) {
      files = random.changed(files);
      std::string after = git::hex(plant(lab.objects.get(), files));
      auto change = must(lab.source->export_change("s", before, after));
      CHECK(must(lab.cache->import_change(key, before, change)) == after);
      CHECK(must(lab.cache->has(key, after)));
      CHECK(harvest(worker.get(), after) == files);
      before = after;
    }
  }
}

TEST_CASE("a commit travels with its change, and an empty change is one") {
  transfer_laboratory lab;
  lab.send_base("k", lab.base.base_commit);
  CHECK(must(lab.cache->has("k", lab.base.base_commit)));
  CHECK(must(lab.cache->has("k", lab.base.base_tree)));
  auto edit = must(lab.node->apply("s", lab.base.base_commit, {{"train.py", "better\n"}}));
  auto commit = must(lab.node->commit("s", edit.tree, lab.base.base_commit, "m", 1));
  CHECK_FALSE(must(lab.cache->has("k", commit)));
  auto change = must(lab.source->export_change("s", lab.base.base_commit, commit));
  CHECK(must(lab.cache->import_change("k", lab.base.base_commit, change)) == commit);
  CHECK(must(lab.cache->has("k", commit)));
  CHECK(must(lab.cache->has("k", edit.tree)));
  // From a commit or a tree, to a commit or a tree, forwards and back.
  for (const auto& from : {commit, edit.tree})
    for (const auto& to : {commit, edit.tree, lab.base.base_tree}) {
      auto again = must(lab.source->export_change("s", from, to));
      CHECK(again.size() < 1000);
      CHECK(must(lab.cache->import_change("k", from, again)) == to);
    }
}

TEST_CASE("a small edit of a large file travels as a small change") {
  transfer_laboratory lab;
  std::mt19937 random(7);
  std::string bytes(4 << 20, '\0');
  for (auto& c : bytes) c = static_cast<char>(random());
  std::string before = git::hex(plant(lab.objects.get(), {{"model", {0100644, bytes}}}));
  bytes.replace(2'000'000, 10, "twelve bytes");
  std::string after = git::hex(plant(lab.objects.get(), {{"model", {0100755, bytes}}}));
  lab.send_base("k", before);
  auto change = must(lab.source->export_change("s", before, after));
  CHECK(change.size() < 200);
  must(lab.cache->import_change("k", before, change));
  CHECK(harvest(lab.cached("k").get(), after).at("model").bytes == bytes);
}

TEST_CASE("a damaged or cut off base is refused and leaves nothing") {
  unsigned seed = transfer_seed();
  CAPTURE(seed);
  std::mt19937 random(seed);
  transfer_laboratory lab;
  const std::string pack = lab.base_pack(lab.base.base_commit);
  auto refused = [&](const std::string& damaged) {
    failed_with(errc::workspace_failed, lab.take_base("k", lab.base.base_commit, damaged, 512));
    CHECK(lab.leftovers() == 0);
    CHECK(must(lab.cache->usage()).keys.empty());
    CHECK(must(lab.cache->usage()).bytes == 0);
  };
  for (int i = 0; i < 300; ++i) {
    std::string damaged = pack;
    damaged[12 + random() % (pack.size() - 12)] ^= static_cast<char>(1U << (random() % 8));
    // A size in the header of an object can also say more than may travel.
    auto result = lab.take_base("k", lab.base.base_commit, damaged, 512);
    REQUIRE(!result);
    CHECK(lab.leftovers() == 0);
  }
  for (int i = 0; i < 40; ++i) refused(pack.substr(0, random() % pack.size()));
  refused(pack + "x");
  refused("");
  refused("PACK");
  CHECK(must(lab.take_base("k", lab.base.base_commit, pack)) == lab.base.base_tree);
  // A whole pack that lacks what was promised.
  std::string other = git::hex(plant(lab.objects.get(), {{"x", {}}}));
  failed_with(errc::workspace_failed,
              lab.take_base("l", lab.base.base_commit, lab.base_pack(other)));
  CHECK_FALSE(must(lab.cache->has("l", other)));
}

TEST_CASE("a damaged change is refused and leaves nothing") {
  unsigned seed = transfer_seed();
  CAPTURE(seed);
  std::mt19937 random(seed);
  transfer_laboratory lab;
  lab.send_base("k", lab.base.base_commit);
  auto edit = must(lab.node->apply("s", lab.base.base_commit, {{"train.py", "better\n"}}));
  const auto change = must(lab.source->export_change("s", lab.base.base_commit, edit.tree));
  auto look = [&] {
    return picture_of(lab.worker_state / "object_cache", {"repositories/k/used"});
  };
  auto before = look();
  // A whole change of another base, and one whose base is not here.
  auto other = must(lab.source->export_change("s", edit.tree, lab.base.base_tree));
  failed_with(errc::workspace_failed, lab.cache->import_change("k", lab.base.base_commit, other));
  auto missing =
      failed_with(errc::workspace_failed, lab.cache->import_change("k", edit.tree, other));
  CHECK(missing.details.at("missing") == edit.tree);
  failed_with(errc::workspace_failed, lab.cache->import_change("l", lab.base.base_commit, change));
  CHECK(differences(before, look()) == "");
  for (int i = 0; i < 500; ++i) {
    std::string damaged = change;
    if (i % 3 == 0)
      damaged.resize(random() % change.size());
    else
      damaged[random() % change.size()] ^= static_cast<char>(1U << (random() % 8));
    auto taken = lab.cache->import_change("k", lab.base.base_commit, damaged);
    // The last byte of a deflate stream may have bits that mean nothing.
    if (taken) {
      CHECK(*taken == edit.tree);
      before = look();
    } else {
      CHECK(differences(before, look()) == "");
    }
  }
  REQUIRE(!lab.cache->import_change("k", lab.base.base_commit, change + "x"));
  CHECK(differences(before, look()) == "");
  CHECK(must(lab.cache->import_change("k", lab.base.base_commit, change)) == edit.tree);
}

TEST_CASE("paths that no work tree can hold do not travel") {
  transfer_laboratory lab;
  git_oid inner = plant(lab.objects.get(), {{"config", {}}});
  std::string raw = std::string("40000 .git") + '\0' +
                    std::string(reinterpret_cast<const char*>(inner.id), sizeof inner.id);
  git::odb_ptr odb;
  REQUIRE(git_repository_odb(git::out(odb), lab.objects.get()) == 0);
  git_oid hostile;
  REQUIRE(git_odb_write(&hostile, odb.get(), raw.data(), raw.size(), GIT_OBJECT_TREE) == 0);
  failed_with(errc::repository_refused,
              lab.source->export_change("s", lab.base.base_tree, git::hex(hostile)));
}
