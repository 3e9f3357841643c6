// SPDX-License-Identifier: MIT
//
// Bases and changes on their way from a node to a worker, whole, odd, damaged and hostile.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tests/runtime/git/transfer_laboratory.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

/// Trees of a few dozen entries with every mode, odd names and deep folders, and changes of them.
class random_trees {
 public:
  explicit random_trees(unsigned seed) : random_(seed) {}

  planted_files tree() {
    planted_files files;
    int count = below(30);
    for (int i = 0; i < count; ++i) put(files, path(), entry());
    return files;
  }
  /// At least one step, of which some may undo others.
  planted_files changed(planted_files files) {
    for (int steps = 1 + below(8); steps > 0; --steps) {
      auto at = files.begin();
      if (!files.empty()) std::advance(at, below(static_cast<int>(files.size())));
      switch (files.empty() ? 0 : below(8)) {
        case 0:
        case 1:
          put(files, path(), entry());
          break;
        case 2:
          files.erase(at);
          break;
        case 3:
          at->second = entry();  // other mode and kind, too
          break;
        case 4:
          if (at->second.mode == 0100644 || at->second.mode == 0100755) at->second.mode ^= 0111;
          break;
        case 5: {  // one byte in the middle, or more, or less
          auto& bytes = at->second.bytes;
          if (at->second.mode == 0160000 || at->second.mode == 040000) break;
          if (!bytes.empty())
            bytes[static_cast<std::size_t>(below(static_cast<int>(bytes.size())))] ^= 1;
          if (below(2)) bytes += text();
          if (below(3) == 0) bytes.erase(0, bytes.size() / 2);
          break;
        }
        case 6:  // a file becomes a folder
          put(files, at->first + "/" + name(), entry());
          break;
        case 7: {  // a folder becomes a file
          auto slash = at->first.find('/');
          if (slash != std::string::npos) put(files, at->first.substr(0, slash), entry());
          break;
        }
      }
    }
    return files;
  }

 private:
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  std::string name() {
    static const std::vector<std::string> names{"a",
                                                "a.txt",
                                                "a-b",
                                                "a0",
                                                "b",
                                                "B",
                                                "\xc3\xa4\xc3\xb6",
                                                "not utf-8 \xff\xfe",
                                                "new\nline",
                                                " ",
                                                "\"q\"",
                                                "-x",
                                                "\xe2\x80\x8b",
                                                "gitmodules",
                                                ".gitattributes",
                                                "long" + std::string(200, 'n')};
    return names[static_cast<std::size_t>(below(static_cast<int>(names.size())))];
  }
  std::string path() {
    std::string made = name();
    for (int depth = below(4); depth > 0; --depth) made += "/" + name();
    return made;
  }
  std::string text() {
    std::string bytes(static_cast<std::size_t>(below(3) ? below(60) : below(20'000)), '\0');
    for (auto& c : bytes) c = static_cast<char>(below(below(2) ? 4 : 256));
    return bytes;
  }
  planted entry() {
    static constexpr unsigned modes[] = {0100644, 0100644, 0100644, 0100755,
                                         0120000, 0160000, 040000};
    unsigned mode = modes[below(7)];
    bool has_bytes = mode != 0160000 && mode != 040000;
    return {mode, has_bytes ? text() : ""};
  }
  /// In the way of nothing: what is at a folder of the path, or below it, goes.
  static void put(planted_files& files, const std::string& path, const planted& file) {
    std::erase_if(files, [&](const auto& f) {
      return f.first.starts_with(path + "/") || path.starts_with(f.first + "/");
    });
    files[path] = file;
  }

  std::mt19937 random_;
};

unsigned given_seed() {
  const char* given = std::getenv("RATCHET_TRANSFER_SEED");
  unsigned seed = given ? static_cast<unsigned>(std::atol(given)) : std::random_device()();
  std::printf("RATCHET_TRANSFER_SEED=%u\n", seed);
  return seed;
}

}  // namespace

TEST_CASE("random trees and changes arrive with the same ids and the same content") {
  unsigned seed = given_seed();
  CAPTURE(seed);
  random_trees random(seed);
  transfer_laboratory lab;
  for (int round = 0; round < 40; ++round) {
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
  unsigned seed = given_seed();
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
  unsigned seed = given_seed();
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
