// SPDX-License-Identifier: MIT
//
// Work trees that a worker cuts from its object cache: what workspace_port promises on a node.
#include <thread>

#include "tests/runtime/objects/transfer_laboratory.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

TEST_CASE("a worker's work tree takes on candidates that arrive after it was opened") {
  transfer_laboratory lab;
  auto settings = lab.repo.settings();
  settings.repo_path = "/on/the/node/only";
  settings.protected_paths = {"eval.py"};
  settings.workspace = workspace_kind::in_place;  // on the node; never here
  lab.send_base("k", lab.base.base_commit);
  auto info = must(lab.cache->open_work_tree("s", "k", lab.base.base_commit, settings, {}));
  CHECK(info.base_commit == lab.base.base_commit);
  CHECK(info.base_tree == lab.base.base_tree);
  fs::path work = info.directory;
  CHECK(differences(picture_of(lab.base.directory, {".git"}), picture_of(work, {".git"})) == "");
  CHECK(shell(work, "git rev-parse HEAD && git status --porcelain") == info.base_commit + "\n");

  write_text(work / "made-by-setup", "kept\n");
  must(lab.worker->keep_setup("s"));
  std::string parent = lab.base.base_commit;
  for (int i = 0; i < 5; ++i) {
    auto edit =
        must(lab.node->apply("s", parent, {{"train.py", "try " + std::to_string(i) + "\n"}}));
    auto commit = must(lab.node->commit("s", edit.tree, parent, "m", i));
    must(lab.cache->import_change("k", parent,
                                  must(lab.source->export_change("s", parent, commit))));
    must(lab.worker->restore("s", i % 2 ? commit : edit.tree));
    CHECK(read_text(work / "train.py") == "try " + std::to_string(i) + "\n");
    CHECK(read_text(work / "made-by-setup") == "kept\n");
    write_text(work / "eval.py", "cheat()\n");
    write_text(work / "metrics.json", "{\"score\": 1}");
    CHECK(must(lab.worker->changed_protected("s")) == std::vector<std::string>{"eval.py"});
    must(lab.worker->restore_protected("s"));
    CHECK(must(lab.worker->changed_protected("s")).empty());
    CHECK(must(lab.worker->read_file("s", "metrics.json", 100)) == "{\"score\": 1}");
    parent = commit;
  }
  // The incumbent again, between candidates; then another process of the worker.
  must(lab.worker->restore("s", lab.base.base_commit));
  CHECK_FALSE(fs::exists(work / "metrics.json"));
  lab.restart_worker();
  must(lab.worker->restore("s", parent));
  CHECK(must(lab.worker->targets("s")).at("train.py") == "try 4\n");
  must(lab.worker->remove("s"));
  CHECK(must(lab.worker->unfinished()).empty());
  CHECK(fs::is_empty(lab.worker_state / "sessions"));
  CHECK(must(lab.cache->open_sessions()).empty());
  CHECK(must(lab.cache->has("k", parent)));  // for the next session
}

TEST_CASE("lanes of a worker and two sessions of one repository work side by side") {
  transfer_laboratory lab;
  lab.send_base("k", lab.base.base_commit);
  must(lab.cache->open_work_tree("one", "k", lab.base.base_commit, lab.repo.settings(), {}));
  must(lab.cache->open_work_tree("two", "k", lab.base.base_commit, lab.repo.settings(), {}));
  must(lab.worker->create(work_tree_id{"two", 2}, lab.repo.settings()));
  const std::vector<work_tree_id> ids{"one", "two", {"two", 2}};
  std::vector<std::string> trees, changes;
  for (int i = 0; i < 30; ++i) {
    trees.push_back(
        must(lab.node->draft("s", lab.base.base_commit, {{"train.py", std::to_string(i) + "\n"}}))
            .tree);
    changes.push_back(must(lab.source->export_change("s", lab.base.base_commit, trees.back())));
  }
  std::vector<int> done(3);
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < trees.size(); i += 3) {
        auto taken = lab.cache->import_change("k", lab.base.base_commit, changes[i]);
        if (!taken || *taken != trees[i] || !lab.worker->restore(ids[t], trees[i])) return;
        auto text = lab.worker->targets(ids[t]);
        if (!text || text->at("train.py") != std::to_string(i) + "\n") return;
        ++done[t];
      }
    });
  threads.clear();
  CHECK(done == std::vector<int>{10, 10, 10});
  must(lab.worker->remove("two"));
  CHECK(must(lab.cache->open_sessions()) == std::vector<std::string>{"one"});
  must(lab.worker->restore("one", lab.base.base_tree));
}

TEST_CASE("shared paths are the worker's own, and a worker without them says so") {
  transfer_laboratory lab;
  lab.send_base("k", lab.base.base_commit);
  auto settings = lab.repo.settings();
  settings.shared_paths = {"data/"};
  auto open = [&](const std::map<std::string, std::string>& shared) {
    return lab.cache->open_work_tree("w", "k", lab.base.base_commit, settings, shared);
  };
  CHECK(failed_with(errc::invalid_argument, open({})).details.at("field") == "shared_paths");
  failed_with(errc::invalid_argument, open({{"data", "relative"}}));
  failed_with(errc::invalid_argument, open({{"data", "/nobody/has/this"}}));
  fs::path work = must(open({{"data", lab.repo.outside}})).directory;
  CHECK(read_text(work / "data" / "secret.txt") == "outside\n");
  fs::path lane = must(lab.worker->create(work_tree_id{"w", 1}, settings)).directory;
  CHECK(read_text(lane / "data" / "secret.txt") == "outside\n");
  settings.shared_paths = {"train.py/below"};
  failed_with(errc::invalid_argument, open({{"train.py/below", lab.repo.outside}}));
  settings.shared_paths = {"src"};
  failed_with(errc::invalid_argument, open({{"src", lab.repo.outside}}));
}

TEST_CASE("what is not there yet is named, so that it can be sent") {
  transfer_laboratory lab;
  auto open = [&](const std::string& commit) {
    return lab.cache->open_work_tree("w", "k", commit, lab.repo.settings(), {});
  };
  auto why = failed_with(errc::workspace_failed, open(lab.base.base_commit));
  CHECK(why.details.at("missing") == lab.base.base_commit);
  lab.send_base("k", lab.base.base_tree);  // a tree cannot be worked from, but grow into a commit
  failed_with(errc::workspace_failed, open(lab.base.base_commit));
  must(lab.cache->import_change(
      "k", lab.base.base_tree,
      must(lab.source->export_change("s", lab.base.base_tree, lab.base.base_commit))));
  failed_with(errc::invalid_argument,
              lab.cache->open_work_tree("w@1", "k", lab.base.base_commit, lab.repo.settings(), {}));
  must(open(lab.base.base_commit));
  auto absent = std::string(40, '1');
  failed_with(errc::workspace_failed, lab.worker->restore("w", absent));
  failed_with(errc::unknown_session, lab.source->export_change("absent", absent, absent));
  failed_with(errc::workspace_failed, lab.source->export_change("s", absent, lab.base.base_tree));
  must(lab.source->repository_key("s"));
  failed_with(errc::invalid_argument, lab.source->repository_key("s@3"));
  // A sink that fails ends the export with its failure.
  failed_with(errc::cancelled,
              lab.source->export_base("s", lab.base.base_commit, [](auto) -> expected<> {
                return fail(errc::cancelled, "the worker went away");
              }));
}
