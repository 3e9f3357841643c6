// SPDX-License-Identifier: MIT
//
// What a workspace costs: a small repository's steps beside one plain libgit2 commit (the floor),
// and a repository of 50,000 files. Prints medians in milliseconds; `cpu` is the
// median of processor time, which other work on the machine disturbs less.
//
//   git_bench [FILES=50000] [FOLDER=/tmp]
#include <git2.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "runtime/git/workspaces.hpp"

namespace fs = std::filesystem;
using namespace ratchet;

namespace {

struct samples {
  std::string name;
  std::vector<double> ms;
  std::vector<double> cpu_ms;

  template <class Work>
  auto time(Work&& work) {
    auto start = std::chrono::steady_clock::now();
    std::clock_t cpu = std::clock();
    auto result = work();
    cpu_ms.push_back(1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
    std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    ms.push_back(spent.count());
    if (!result) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), result.error().text.c_str());
      std::exit(1);
    }
    return result;
  }
  void print() {
    std::sort(ms.begin(), ms.end());
    std::sort(cpu_ms.begin(), cpu_ms.end());
    std::printf("%-44s median %9.3f  best %9.3f  worst %9.3f  cpu %9.3f  n=%zu\n", name.c_str(),
                ms[ms.size() / 2], ms.front(), ms.back(), cpu_ms[ms.size() / 2], ms.size());
  }
};

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "failed: %s\n", command.c_str());
    std::exit(1);
  }
}

fs::path make_repository(const fs::path& root, int files) {
  for (int i = 0; i < files; ++i) {
    fs::path folder = root / ("d" + std::to_string(i / 1000)) / ("e" + std::to_string(i / 100));
    if (i % 100 == 0) fs::create_directories(folder);
    std::ofstream(folder / ("f" + std::to_string(i) + ".txt")) << "file number " << i << "\n";
  }
  std::ofstream(root / "train.py") << "lr = 0.1\n";
  run("cd '" + root.string() +
      "' && git init -q -b main . && git config gc.auto 0 && git config user.name B && "
      "git config user.email b@example.org && git add -A && git commit -qm base && git gc -q");
  return root;
}

session_settings settings_for(const fs::path& root) {
  session_settings s;
  s.repo_path = root;
  s.target_files = {"train.py"};
  s.run_command.shell = "true";
  return s;
}

/// One blob, one tree, one commit and one reference, unsynced: what any keep must at least do.
void floor_commit(const fs::path& root) {
  git_repository* repository = nullptr;
  git_repository_open(&repository, root.c_str());
  samples plain{"floor: plain libgit2 commit, not synced", {}, {}};
  for (int i = 0; i < 200; ++i) {
    std::string text = "floor " + std::to_string(i) + "\n";
    plain.time([&]() -> expected<> {
      git_oid head, blob, tree_id, commit_id;
      git_reference_name_to_id(&head, repository, "HEAD");
      git_commit* parent = nullptr;
      git_commit_lookup(&parent, repository, &head);
      git_tree* base = nullptr;
      git_commit_tree(&base, parent);
      git_blob_create_from_buffer(&blob, repository, text.data(), text.size());
      git_treebuilder* builder = nullptr;
      git_treebuilder_new(&builder, repository, base);
      git_treebuilder_insert(nullptr, builder, "train.py", &blob, GIT_FILEMODE_BLOB);
      git_treebuilder_write(&tree_id, builder);
      git_tree* tree = nullptr;
      git_tree_lookup(&tree, repository, &tree_id);
      git_signature* author = nullptr;
      git_signature_now(&author, "B", "b@example.org");
      const git_commit* parents[] = {parent};
      int rc = git_commit_create(&commit_id, repository, "refs/heads/floor", author, author,
                                 nullptr, "m", tree, 1, parents);
      git_signature_free(author);
      git_tree_free(tree);
      git_treebuilder_free(builder);
      git_tree_free(base);
      git_commit_free(parent);
      git_reference* moved = nullptr;
      if (git_reference_lookup(&moved, repository, "refs/heads/floor") == 0)
        git_reference_delete(moved);
      git_reference_free(moved);
      if (rc < 0) return fail(errc::internal, "the plain commit failed");
      return {};
    });
  }
  plain.print();
  git_repository_free(repository);
}

void small(const fs::path& folder) {
  fs::path root = make_repository(folder / "small", 20);
  auto port = *open_workspaces(folder / "state");
  samples create{"small: create", {}, {}}, apply{"small: apply", {}, {}},
      restore{"small: restore", {}, {}}, same{"small: restore without a change", {}, {}},
      keep{"small: commit + publish (synced)", {}, {}},
      whole{"small: apply + commit + publish + restore", {}, {}};
  auto info = *create.time([&] { return port->create("s", settings_for(root)); });
  floor_commit(root);
  std::string parent = info.base_commit;
  for (int i = 0; i < 200; ++i) {
    std::vector<file_change> change{{"train.py", "lr = " + std::to_string(i) + "\n"}};
    apply.time([&] { return port->apply("s", parent, change); });
    restore.time([&] { return port->restore("s", parent); });
    same.time([&] { return port->restore("s", parent); });
    auto edit = *port->apply("s", parent, change);
    std::string commit;
    keep.time([&]() -> expected<> {
      commit = *port->commit("s", edit.tree, parent, "m", 1000 * i);
      return port->publish("s", commit, parent);
    });
    parent = commit;
    std::vector<file_change> next{{"train.py", "lr = -" + std::to_string(i) + "\n"}};
    whole.time([&]() -> expected<> {
      auto applied = *port->apply("s", parent, next);
      commit = *port->commit("s", applied.tree, parent, "m", 1000 * i);
      if (auto published = port->publish("s", commit, parent); !published) return published;
      return port->restore("s", commit);
    });
    parent = commit;
  }
  for (auto* s : {&create, &apply, &restore, &same, &keep, &whole}) s->print();
}

void large(const fs::path& folder, int files) {
  fs::path root = make_repository(folder / "large", files);
  std::string size = std::to_string(files) + " files: ";
  auto port = *open_workspaces(folder / "state");
  samples create{size + "create", {}, {}}, same{size + "restore without a change", {}, {}},
      one{size + "apply one file and restore", {}, {}},
      cold{size + "first restore, another process", {}, {}};
  auto info = *create.time([&] { return port->create("l", settings_for(root)); });
  port->restore("l", info.base_tree);
  for (int i = 0; i < 15; ++i) same.time([&] { return port->restore("l", info.base_tree); });
  for (int i = 0; i < 15; ++i)
    one.time([&]() -> expected<> {
      auto edit = port->apply("l", info.base_commit, {{"train.py", std::to_string(i) + "\n"}});
      if (!edit) return edit.error();
      return port->restore("l", info.base_tree);
    });
  port.reset();
  for (int i = 0; i < 3; ++i) {
    auto other = *open_workspaces(folder / "state");
    cold.time([&] { return other->restore("l", info.base_tree); });
  }
  for (auto* s : {&create, &same, &one, &cold}) s->print();
}

}  // namespace

int main(int argc, char** argv) {
  int files = argc > 1 ? std::atoi(argv[1]) : 50'000;
  std::string name = std::string(argc > 2 ? argv[2] : "/tmp") + "/ratchet_bench_XXXXXX";
  if (!::mkdtemp(name.data())) return 1;
  small(name);
  if (files > 0) large(name, files);
  fs::remove_all(name);
}
