// SPDX-License-Identifier: MIT
//
// The worker's object cache: its limits, who is evicted, what a kill leaves.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <random>

#include "runtime/git/change_format.hpp"
#include "runtime/objects/pack_stream.hpp"
#include "tests/runtime/objects/transfer_laboratory.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

using ids = std::vector<std::string>;

/// A pack of these objects.
std::string packed(const std::vector<std::pair<git_object_t, std::string>>& objects) {
  std::string pack;
  chunk_sink sink = [&](std::string_view chunk) -> expected<> {
    pack += chunk;
    return {};
  };
  git::pack_writer writer(sink, static_cast<std::uint32_t>(objects.size()));
  for (const auto& [type, bytes] : objects) writer.add(type, bytes);
  writer.finish();
  return pack;
}

git_oid id_of(git_object_t type, const std::string& bytes) {
  git_oid id;
  REQUIRE(git_odb_hash(&id, bytes.data(), bytes.size(), type) == 0);
  return id;
}

std::string entry(const char* mode_and_name, const git_oid& id) {
  return std::string(mode_and_name) + '\0' +
         std::string(reinterpret_cast<const char*>(id.id), sizeof id.id);
}

/// A tree with one file of that many random bytes.
std::string plant_bytes(transfer_laboratory& lab, std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (auto& c : bytes) c = static_cast<char>(random());
  return git::hex(plant(lab.objects.get(), {{"data", {0100644, bytes}}}));
}

object_cache_limits with(const transfer_limits& limits) {
  object_cache_limits all;
  all.transfer = limits;
  return all;
}

}  // namespace

TEST_CASE("what is beyond the limits is refused before it is kept") {
  transfer_limits small;
  small.objects = 5;
  transfer_laboratory lab(with(small));
  const std::string& commit = lab.base.base_commit;
  const std::string pack = lab.base_pack(commit);
  auto refused = [&](const transfer_limits& limits) {
    lab.restart_worker(with(limits));
    failed_with(errc::repository_refused, lab.take_base("k", commit, pack, 100));
    CHECK(lab.leftovers() == 0);
    CHECK(must(lab.cache->usage()).bytes == 0);
    // The sender says so too.
    failed_with(errc::repository_refused,
                open_object_source(lab.repo.state, limits)
                    ->export_base("s", commit, [](auto) -> expected<> { return {}; }));
  };
  refused(small);
  small = {};
  small.object_bytes = 20;
  refused(small);
  small = {};
  small.inflated_bytes = 300;
  refused(small);
  small = {};
  small.pack_bytes = pack.size() - 1;
  lab.restart_worker(with(small));
  failed_with(errc::repository_refused, lab.take_base("k", commit, pack, 100));

  small = {};
  small.change_bytes = 30'000;
  lab.restart_worker(with(small));
  lab.send_base("k", commit);
  std::string large = plant_bytes(lab, 40'000, 1);
  auto change = must(lab.source->export_change("s", commit, large));
  failed_with(errc::repository_refused, lab.cache->import_change("k", commit, change));
  failed_with(errc::repository_refused,
              open_object_source(lab.repo.state, small)->export_change("s", commit, large));
}

TEST_CASE("packs made to hurt are refused without the memory or the disk they ask for") {
  object_cache_limits limits;
  limits.transfer.objects = 100'000;
  transfer_laboratory lab(limits);
  auto refused = [&](errc code, const std::string& wanted, const std::string& pack) {
    failed_with(code, lab.take_base("k", wanted, pack));
    CHECK(lab.leftovers() == 0);
  };
  const std::string commit = lab.base.base_commit;
  refused(errc::repository_refused, commit, std::string("PACK\0\0\0\2\xff\xff\xff\xff", 12));
  // One object that says it has 2^60 bytes.
  refused(errc::repository_refused, commit,
          std::string("PACK\0\0\0\2\0\0\0\1\xb0\xff\xff\xff\xff\xff\xff\xff\x7f", 21));
  // One that says it has 10 and goes on.
  std::string bomb = packed({{GIT_OBJECT_BLOB, std::string(10'000'000, 'x')}});
  std::string lies = bomb.substr(0, 12) + '\x3a' + bomb.substr(16);
  refused(errc::workspace_failed, commit, lies);
  // A delta: what it makes cannot be known before it is made.
  refused(errc::workspace_failed, commit,
          std::string("PACK\0\0\0\2\0\0\0\1\x65", 13) + std::string(40, '\1'));
  // Few objects, 10^30 files.
  std::vector<std::pair<git_object_t, std::string>> objects{{GIT_OBJECT_BLOB, "x"}};
  std::string tree;
  git_oid below = id_of(GIT_OBJECT_BLOB, "x");
  for (int level = 0; level < 30; ++level) {
    tree.clear();
    for (char c = '0'; c <= '9'; ++c)
      tree += entry((std::string(level ? "40000 " : "100644 ") + c).c_str(), below);
    below = id_of(GIT_OBJECT_TREE, tree);
    objects.emplace_back(GIT_OBJECT_TREE, tree);
  }
  refused(errc::repository_refused, git::hex(below), packed(objects));
  // Folders deeper than can be restored.
  objects = {{GIT_OBJECT_BLOB, "x"}};
  below = id_of(GIT_OBJECT_BLOB, "x");
  for (int level = 0; level < 1000; ++level) {
    tree = entry(level ? "40000 d" : "100644 f", below);
    below = id_of(GIT_OBJECT_TREE, tree);
    objects.emplace_back(GIT_OBJECT_TREE, tree);
  }
  refused(errc::repository_refused, git::hex(below), packed(objects));
  // A tree that names a commit as its file, and one that names what is not there.
  std::string text = "tree " + git::hex(id_of(GIT_OBJECT_TREE, "")) + "\n\nm";
  tree = entry("100644 f", id_of(GIT_OBJECT_COMMIT, text));
  refused(errc::workspace_failed, git::hex(id_of(GIT_OBJECT_TREE, tree)),
          packed({{GIT_OBJECT_COMMIT, text}, {GIT_OBJECT_TREE, tree}}));
  refused(errc::workspace_failed, git::hex(id_of(GIT_OBJECT_TREE, tree)),
          packed({{GIT_OBJECT_TREE, tree}}));
  CHECK(must(lab.cache->usage()).keys.empty());
}

TEST_CASE("changes made to hurt are refused") {
  object_cache_limits limits;
  limits.transfer.change_bytes = 1 << 20;
  limits.transfer.objects = 1000;
  transfer_laboratory lab(limits);
  lab.send_base("k", lab.base.base_commit);
  git::change_limits wide{1ULL << 30, 1ULL << 30};
  git::tree_change change;
  change.base_tree = git::parse_id(lab.base.base_tree, "base");
  change.wanted = change.base_tree;
  auto refused = [&](errc code) {
    failed_with(code, lab.cache->import_change("k", lab.base.base_commit,
                                               git::encode_change(change, wide)));
  };
  using content = git::changed_path::content;
  // A few kilobytes that grow to 50 MB.
  change.paths = {{"f", 0100644, content::whole, {}, std::string(50U << 20, 'x'), 0, 0}};
  refused(errc::repository_refused);
  failed_with(errc::workspace_failed,
              lab.cache->import_change("k", lab.base.base_commit, "RCH1\xff\xff\x3f....."));
  // Short paths that each repeat a long one.
  change.paths.clear();
  std::string deep(4000, 'd');
  for (int i = 0; i < 900; ++i)
    change.paths.push_back(
        {deep + std::to_string(1000 + i), 0100644, content::whole, {}, "", 0, 0});
  refused(errc::repository_refused);
  // Many folders in few paths.
  change.paths = {{"", 0100644, content::whole, {}, "", 0, 0}};
  for (int i = 0; i < 300; ++i) change.paths[0].path += "d/";
  change.paths[0].path += "f";
  for (char c = 'a'; c < 'g'; ++c) {
    change.paths.push_back(change.paths[0]);
    change.paths.back().path[0] = c;
  }
  refused(errc::repository_refused);
  // Paths that lead out, in git's folder, below a file, twice; objects that are not the base's.
  git_oid absent = id_of(GIT_OBJECT_BLOB, "nobody has this");
  for (const char* path : {"../x", "/x", "a//b", ".git/config", "src/.GIT/x", ""}) {
    change.paths = {{path, 0100644, content::whole, {}, "x", 0, 0}};
    refused(errc::workspace_failed);
  }
  for (std::vector<git::changed_path> paths :
       {std::vector<git::changed_path>{{"a", 0100644, content::whole, {}, "x", 0, 0},
                                       {"a/b", 0100644, content::whole, {}, "x", 0, 0}},
        {{"a/b", 0100644, content::whole, {}, "x", 0, 0},
         {"a", 0100644, content::whole, {}, "x", 0, 0}},
        {{"a", 0100644, content::whole, {}, "x", 0, 0},
         {"a", 0100644, content::whole, {}, "x", 0, 0}},
        {{"absent", 0, content::none, {}, "", 0, 0}},
        {{"train.py", 0100755, content::id, absent, "", 0, 0}},
        {{"src", 040000, content::id, absent, "", 0, 0}},
        {{"train.py", 040000, content::whole, {}, "x", 0, 0}},
        {{"train.py", 0100644, content::spliced, {}, "x", 10'000, 0}},
        {{"train.py", 0100644, content::spliced, {}, "x", 5, ~0ULL >> 1}},
        {{"absent", 0100644, content::spliced, {}, "x", 0, 0}},
        {{"train.py", 0100644, content::whole, {}, "another tree than was wanted", 0, 0}}}) {
    change.paths = paths;
    refused(errc::workspace_failed);
  }
  change.paths.clear();
  change.commit = "tree " + git::hex(absent) + "\n\nm";
  refused(errc::workspace_failed);
  change.commit = "no commit";
  refused(errc::workspace_failed);
  CHECK(lab.leftovers() == 0);
}

TEST_CASE("least recently used repositories are evicted, those of open sessions never") {
  object_cache_limits limits;
  limits.max_bytes = 5 << 20;
  transfer_laboratory lab(limits);
  auto keys = [&] { return must(lab.cache->usage()).keys; };
  ids trees;
  for (unsigned i = 0; i < 4; ++i) trees.push_back(plant_bytes(lab, 1'300'000, i));
  lab.send_base("open", lab.base.base_commit);
  must(lab.cache->open_work_tree("w", "open", lab.base.base_commit, lab.repo.settings(), {}));
  lab.send_base("a", trees[0]);
  lab.send_base("b", trees[1]);
  lab.send_base("c", trees[2]);
  CHECK(keys() == ids{"open", "a", "b", "c"});
  CHECK(must(lab.cache->has("a", trees[0])));
  lab.restart_worker(limits);  // remembers who was used
  CHECK(keys() == ids{"open", "b", "c", "a"});
  lab.send_base("d", trees[3]);
  CHECK(keys() == ids{"open", "c", "a", "d"});
  CHECK_FALSE(must(lab.cache->has("b", trees[1])));
  CHECK(must(lab.cache->usage()).bytes <= limits.max_bytes);
  CHECK(lab.leftovers() == 0);

  // Larger than all that can be freed: what is open stays, and can go on.
  std::string huge = plant_bytes(lab, 6'000'000, 9);
  auto full = failed_with(errc::workspace_failed, lab.take_base("e", huge, lab.base_pack(huge)));
  CHECK(full.text.find("full") != std::string::npos);
  CHECK(keys() == ids{"open"});
  CHECK(must(lab.cache->open_sessions()) == ids{"w"});
  must(lab.worker->restore("w", lab.base.base_tree));
  // A change that does not fit is refused the same way, one that does is taken.
  limits.max_bytes = 1 << 20;
  lab.restart_worker(limits);
  auto change = must(lab.source->export_change("s", lab.base.base_commit, trees[0]));
  failed_with(errc::workspace_failed,
              lab.cache->import_change("open", lab.base.base_commit, change));
  auto edit = must(lab.node->apply("s", lab.base.base_commit, {{"train.py", "better\n"}}));
  change = must(lab.source->export_change("s", lab.base.base_commit, edit.tree));
  must(lab.cache->import_change("open", lab.base.base_commit, change));

  failed_with(errc::session_busy, lab.cache->forget("open"));
  must(lab.worker->remove("w"));
  CHECK(must(lab.cache->open_sessions()).empty());
  must(lab.cache->forget("open"));
  must(lab.cache->forget("open"));
  CHECK(must(lab.cache->usage()).bytes == 0);
}

TEST_CASE("a session whose folder is gone holds no repository any more") {
  transfer_laboratory lab;
  lab.send_base("k", lab.base.base_commit);
  must(lab.cache->open_work_tree("w", "k", lab.base.base_commit, lab.repo.settings(), {}));
  lab.restart_worker();
  CHECK(must(lab.cache->open_sessions()) == ids{"w"});
  fs::remove_all(lab.worker_state / "sessions" / "w");
  lab.restart_worker();
  CHECK(must(lab.cache->open_sessions()).empty());
  must(lab.cache->forget("k"));
}

TEST_CASE("two processes do not share a cache, and keys are names") {
  transfer_laboratory lab;
  failed_with(errc::workspace_failed, open_object_cache(lab.worker_state));
  for (const char* key : {"", ".", "..", "a/b", "../k", "a b", ".git", "x.lock"}) {
    failed_with(errc::invalid_argument, lab.cache->has(key, lab.base.base_commit));
    failed_with(errc::invalid_argument, lab.cache->import_change(key, lab.base.base_commit, ""));
    CHECK(!lab.cache->import_base(key, lab.base.base_commit));
  }
  CHECK(!lab.cache->has("k", "HEAD"));
  CHECK_FALSE(must(lab.cache->has("k", lab.base.base_commit)));
}

TEST_CASE("kill -9 in the middle of imports leaves whole repositories only") {
  unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  transfer_laboratory lab;
  // Enough files that an import takes a few milliseconds.
  planted_files files;
  for (int i = 0; i < 400; ++i)
    files["d" + std::to_string(i / 20) + "/f" + std::to_string(i)] = {0100644,
                                                                      std::to_string(i * 7919)};
  std::string first = git::hex(plant(lab.objects.get(), files));
  for (int i = 0; i < 400; i += 10)
    files["d" + std::to_string(i / 20) + "/f" + std::to_string(i)].bytes = "changed";
  std::string second = git::hex(plant(lab.objects.get(), files));
  std::string pack = lab.base_pack(first);
  std::string change = must(lab.source->export_change("s", first, second));
  lab.cache.reset();  // so that others can have the lock
  lab.worker.reset();
  int whole = 0, nothing = 0, cut_off = 0;
  for (int kills = 0; kills < 25; ++kills) {
    pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto cache = open_object_cache(lab.worker_state);
      auto bring_base = [&] {
        auto import = (*cache)->import_base("k", first);
        for (std::string_view rest = pack; !rest.empty() && import;
             rest.remove_prefix(std::min<std::size_t>(5000, rest.size())))
          (void)(*import)->append(rest.substr(0, 5000));
        return import && (*import)->finish();
      };
      while (cache && bring_base() && (*cache)->import_change("k", first, change) &&
             (*cache)->forget("k")) {
      }
      ::_exit(1);
    }
    ::usleep(std::uniform_int_distribution<unsigned>(0, 40'000)(random));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    std::error_code none;
    for (fs::directory_iterator at(lab.worker_state / "object_cache" / "incoming", none), end;
         at != end; ++at)
      ++cut_off;
    lab.restart_worker();
    CHECK(fs::is_empty(lab.worker_state / "object_cache" / "incoming"));
    if (must(lab.cache->has("k", first))) {
      ++whole;
      CHECK(harvest(lab.cached("k").get(), first).size() == files.size());
      if (must(lab.cache->has("k", second))) CHECK(harvest(lab.cached("k").get(), second) == files);
      CHECK(must(lab.cache->import_change("k", first, change)) == second);
      CHECK(harvest(lab.cached("k").get(), second) == files);
    } else {
      ++nothing;
      CHECK_FALSE(must(lab.cache->has("k", second)));
      must(lab.take_base("k", first, pack));
    }
    must(lab.cache->forget("k"));
    CHECK(must(lab.cache->usage()).bytes == 0);
    lab.cache.reset();
    lab.worker.reset();
  }
  CHECK(whole > 0);
  CHECK(nothing > 0);
  CHECK(cut_off > 0);
}
