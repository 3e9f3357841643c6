// SPDX-License-Identifier: MIT
//
// What a candidate costs on its way to a worker: the base once, then a change each, and the work
// tree made of it there. Prints bytes and medians in milliseconds; the floor is what the same bytes
// cost zlib alone, and the work tree of a node for the same step.
//
//   transfer_bench [FILES=50000] [FOLDER=/tmp]
#include <stdlib.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "runtime/git/workspaces.hpp"
#include "runtime/objects/object_cache.hpp"
#include "runtime/objects/object_source.hpp"

namespace fs = std::filesystem;
using namespace ratchet;

namespace {

constexpr int changes = 200;

template <class T>
T must(expected<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().text.c_str());
  std::exit(1);
}
void must(const expected<>& result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().text.c_str());
  std::exit(1);
}

struct timing {
  std::string name;
  std::vector<double> ms;

  template <class Work>
  auto time(Work&& work) {
    auto start = std::chrono::steady_clock::now();
    auto result = work();
    std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    ms.push_back(spent.count());
    return must(std::move(result));
  }
  void print() {
    std::sort(ms.begin(), ms.end());
    std::printf("%-44s median %9.3f ms  best %9.3f  worst %9.3f  n=%zu\n", name.c_str(),
                ms[ms.size() / 2], ms.front(), ms.back(), ms.size());
  }
};

void run(const std::string& command) {
  if (std::system(command.c_str()) == 0) return;
  std::fprintf(stderr, "failed: %s\n", command.c_str());
  std::exit(1);
}

/// 100 files a folder; the target has 20 KB of text.
fs::path make_repository(const fs::path& root, int files) {
  for (int i = 0; i < files; ++i) {
    fs::path folder = root / ("d" + std::to_string(i / 1000)) / ("e" + std::to_string(i / 100));
    if (i % 100 == 0) fs::create_directories(folder);
    std::ofstream file(folder / ("f" + std::to_string(i) + ".txt"));
    for (int line = 0; line < 20; ++line) file << "file " << i << " line " << line * i << "\n";
  }
  fs::create_directories(root / "src" / "model");
  std::ofstream target(root / "src" / "model" / "train.py");
  for (int line = 0; line < 700; ++line)
    target << "parameter_" << line << " = " << line * 37 << "\n";
  target.close();
  run("cd '" + root.string() +
      "' && git init -q -b main . && git config gc.auto 0 && git config user.name B && "
      "git config user.email b@example.org && git add -A && git commit -qm base && git gc -q");
  return root;
}

/// The target with about 1 KB of it made anew.
std::string edited(std::string text, std::mt19937& random) {
  std::size_t at = random() % (text.size() - 1024);
  for (std::size_t i = at; i < at + 1024; ++i)
    if (text[i] != '\n') text[i] = static_cast<char>('a' + random() % 26);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  int files = argc > 1 ? std::atoi(argv[1]) : 50'000;
  std::string name = std::string(argc > 2 ? argv[2] : "/tmp") + "/ratchet_bench_XXXXXX";
  if (!::mkdtemp(name.data())) return 1;
  fs::path folder = name;
  session_settings settings;
  settings.repo_path = make_repository(folder / "repository", files);
  settings.target_files = {"src/model/train.py"};
  settings.run_command.shell = "true";

  auto node = must(open_workspaces(folder / "node"));
  auto base = must(node->create("s", settings));
  auto source = open_object_source(folder / "node");
  auto cache = must(open_object_cache(folder / "worker"));
  auto worker = must(open_workspaces(folder / "worker"));
  std::printf("%d files\n", files);

  timing out{"base: export", {}}, in{"base: import, hash, check", {}},
      deflate{"floor: the pack's bytes deflated", {}}, open{"worker: open the first work tree", {}};
  std::string pack;
  for (int i = 0; i < 3; ++i) {
    pack.clear();
    out.time([&] {
      return source->export_base("s", base.base_commit, [&](std::string_view chunk) -> expected<> {
        pack += chunk;
        return {};
      });
    });
    deflate.time([&]() -> expected<int> {
      std::string to(compressBound(pack.size()), '\0');
      uLongf size = to.size();
      return compress2(reinterpret_cast<Bytef*>(to.data()), &size,
                       reinterpret_cast<const Bytef*>(pack.data()), pack.size(), 1);
    });
    must(cache->forget("k"));
    in.time([&]() -> expected<std::string> {
      auto import = must(cache->import_base("k", base.base_commit));
      for (std::string_view rest = pack; !rest.empty();
           rest.remove_prefix(std::min(rest.size(), max_chunk_bytes)))
        must(import->append(rest.substr(0, max_chunk_bytes)));
      return import->finish();
    });
  }
  open.time([&] { return cache->open_work_tree("s", "k", base.base_commit, settings, {}); });
  must(worker->restore("s", base.base_commit));
  std::printf("base: %.1f MB on the wire\n", static_cast<double>(pack.size()) / 1e6);
  for (auto* t : {&out, &deflate, &in, &open}) t->print();

  auto ahead = settling(worker);
  timing write{"node: the candidate's tree, as a floor", {}}, send{"change: export", {}},
      take{"change: import", {}}, restore{"worker: restore", {}}, own{"node: restore", {}},
      ready{"worker: restore of a settled work tree", {}};
  std::mt19937 random(1);
  std::string text = must(node->targets("s")).at("src/model/train.py");
  std::size_t most = 0, sum = 0;
  for (int i = 0; i < changes; ++i) {
    std::vector<file_change> edit{{"src/model/train.py", edited(text, random)}};
    auto tree = write.time([&] { return node->draft("s", base.base_commit, edit); }).tree;
    auto change = send.time([&] { return source->export_change("s", base.base_commit, tree); });
    take.time([&] { return cache->import_change("k", base.base_commit, change); });
    most = std::max(most, change.size());
    sum += change.size();
    if (i % 10) continue;
    restore.time([&]() -> expected<int> {
      must(worker->restore("s", tree));
      return 0;
    });
    must(ahead->settle("s", base.base_commit));
    ready.time([&]() -> expected<int> {
      must(worker->restore("s", tree));
      return 0;
    });
    own.time([&]() -> expected<int> {
      must(node->restore("s", tree));
      return 0;
    });
  }
  std::printf("change of 1 KB: %.0f bytes on the wire, at most %zu\n",
              static_cast<double>(sum) / changes, most);
  for (auto* t : {&write, &send, &take, &restore, &ready, &own}) t->print();
  fs::remove_all(folder);
}
