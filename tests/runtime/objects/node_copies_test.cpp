// SPDX-License-Identifier: MIT
//
// A worker's work trees of sessions, cut from its real object cache: fetched once, and gone even
// where the node never says that a session is over.
#include "actors/work/node_copies.hpp"

#include <fstream>
#include <set>

#include "tests/runtime/objects/transfer_laboratory.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

constexpr const char* copied_key = "0123456789012345678901234567890123456789";

/// A worker that asks the node of the laboratory for sessions' objects; all are copies of "s".
struct copying_worker {
  transfer_laboratory lab;
  std::unique_ptr<node_copies> copies;
  int bases_fetched = 0;
  std::set<std::string> over;  ///< sessions that the node does not know any more

  copying_worker() { start(); }
  /// The process ends, without a word, and begins anew.
  void start(const object_cache_limits& limits = {}) {
    copies = nullptr;
    lab.restart_worker(limits);
    world w;
    w.workspaces = lab.worker;
    copies = std::make_unique<node_copies>(w, lab.cache, settling(lab.worker),
                                           std::map<std::string, std::string>{});
  }
  object_requests requests() {
    return {[this](const identify_repository& m) -> expected<repository_identified> {
              if (over.contains(m.session_id))
                return fail(errc::unknown_session, "no such session");
              return repository_identified{copied_key};
            },
            [this](const fetch_base& m) -> expected<objects_part> {
              bases_fetched += m.offset == 0 ? 1 : 0;
              const auto pack = lab.base_pack(m.commit);
              return objects_part{pack.substr(static_cast<std::size_t>(m.offset), 1000),
                                  static_cast<std::int64_t>(pack.size())};
            },
            [this](const fetch_change& m) -> expected<objects_part> {
              auto change = lab.source->export_change("s", m.base, m.tree);
              if (!change) return change.error();
              return objects_part{*change, static_cast<std::int64_t>(change->size())};
            }};
  }
  std::unique_ptr<node_copies::lane> take(const std::string& session_id,
                                          std::vector<std::string> wanted = {}) {
    if (wanted.empty()) wanted = {lab.base.base_tree};
    auto lane = copies->take(session_id, lab.repo.settings(), lab.base.base_commit, wanted,
                             requests(), "stop");
    if (!lane) FAIL(lane.error().text);
    return std::move(*lane);
  }
  /// As after a power loss: of every object that it has, some bytes are others.
  void damage_objects() {
    for (const auto& entry : fs::recursive_directory_iterator(
             lab.worker_state / "object_cache" / "repositories" / copied_key / "objects")) {
      if (!entry.is_regular_file() || entry.path().extension() == ".idx") continue;
      fs::permissions(entry.path(), fs::perms::owner_all);
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      const auto size = static_cast<std::streamoff>(fs::file_size(entry.path()));
      for (std::streamoff at = 12; at + 20 < size; at += 7) file.seekp(at).put('?');
    }
  }
  /// Each has its work trees in one folder.
  std::size_t sessions() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(lab.worker_state / "sessions"))
      count += entry.is_directory() ? 1 : 0;
    return count;
  }
};

}  // namespace

TEST_CASE("work trees of sessions that no node ever ended go at the worker's next start") {
  copying_worker w;
  {
    auto one = w.take("one"), beside = w.take("one"), other = w.take("two");
    CHECK(one->number() == 0);
    CHECK(beside->number() == 1);
    write_text(fs::path(one->directory()) / "left-by-a-run", "x");
  }
  CHECK(w.sessions() == 2);
  CHECK(w.bases_fetched == 1);

  w.start();
  CHECK(w.sessions() == 0);
  CHECK(must(w.lab.cache->open_sessions()).empty());
  // The objects stay, and a session that is not over after all goes on with a fresh work tree.
  auto again = w.take("one");
  CHECK(w.bases_fetched == 1);
  CHECK_FALSE(fs::exists(fs::path(again->directory()) / "left-by-a-run"));
  CHECK(read_text(fs::path(again->directory()) / "train.py") ==
        read_text(fs::path(w.lab.base.directory) / "train.py"));
}

TEST_CASE("what a session that was never ended kept in the cache can be evicted after a restart") {
  copying_worker w;
  w.take("one");
  object_cache_limits limits;
  limits.max_bytes = must(w.lab.cache->usage()).bytes + 1000;
  w.start(limits);
  CHECK(must(w.lab.cache->usage()).keys == std::vector<std::string>{copied_key});
  w.lab.send_base("another", w.lab.base.base_commit);
  CHECK(must(w.lab.cache->usage()).keys == std::vector<std::string>{"another"});
}

TEST_CASE("a session that is over while candidates run loses its work trees after the last one") {
  copying_worker w;
  auto one = w.take("one"), beside = w.take("one");
  w.copies->release("one");
  one = nullptr;
  CHECK(w.sessions() == 1);
  beside = nullptr;
  CHECK(w.sessions() == 0);
  CHECK(must(w.lab.cache->open_sessions()).empty());
  w.copies->release("never heard of");
}

TEST_CASE("git in a worker's run answers as at the node's best, with all that was kept before") {
  copying_worker w;
  auto& lab = w.lab;
  std::vector<std::string> kept{lab.base.base_commit}, trees;
  for (int i = 1; i <= 3; ++i) {
    auto edit = must(lab.node->apply("s", kept.back(), {{"train.py", std::to_string(i) + "\n"}}));
    trees.push_back(edit.tree);
    kept.push_back(must(lab.node->commit("s", edit.tree, kept.back(), "kept", i)));
  }
  auto says = [&](const node_copies::lane& lane, const std::string& tree) {
    must(lab.worker->restore({"one", lane.number()}, tree));
    return shell(lane.directory(),
                 "git rev-parse HEAD; git rev-list --count HEAD; git status --porcelain");
  };
  auto first = w.take("one", {trees[0], kept[0]});
  CHECK(says(*first, trees[0]) == kept[0] + "\n1\n M train.py\n");
  // It saw none of the keeps in between.
  auto second = w.take("one", {trees[1], kept[3]});
  CHECK(says(*second, trees[2]) == kept[3] + "\n4\n");
  CHECK(says(*first, trees[1]) == kept[3] + "\n4\n M train.py\n");
}

TEST_CASE("sessions that ended while the node could not be heard go when it is asked") {
  copying_worker w;
  w.take("one");
  auto at_work = w.take("two");
  w.take("three");
  w.over = {"one", "two"};
  w.copies->drop_ended(w.requests());
  CHECK(w.sessions() == 2);  // what runs may end first
  at_work = nullptr;
  CHECK(w.sessions() == 1);
  CHECK(must(w.lab.cache->open_sessions()) == std::vector<std::string>{"three"});
}

TEST_CASE("a worker whose objects are damaged fetches them again by itself") {
  copying_worker w;
  w.take("one");
  w.copies->release("one");
  SUBCASE("found as a work tree is cut") {
    w.damage_objects();
    w.start();
    auto lane = w.take("two");
    CHECK(read_text(fs::path(lane->directory()) / "train.py") ==
          read_text(fs::path(w.lab.base.directory) / "train.py"));
  }
  SUBCASE("found by a run") {
    auto lane = w.take("two");
    write_text(fs::path(lane->directory()) / "train.py", "an edit\n");
    w.damage_objects();
    w.copies->distrust("two");  // as the failure of a restore makes its slot do
    SUBCASE("once no other run is at work there") {
      auto refused = w.copies->take("two", w.lab.repo.settings(), w.lab.base.base_commit,
                                    {w.lab.base.base_tree}, w.requests(), "stop");
      REQUIRE(refused.has_error());
      CHECK(refused.error().text.find("fetched again once its other runs") != std::string::npos);
    }
    lane = nullptr;
    lane = w.take("two");
    CHECK(read_text(fs::path(lane->directory()) / "train.py") ==
          read_text(fs::path(w.lab.base.directory) / "train.py"));
  }
  CHECK(w.bases_fetched == 2);
}
