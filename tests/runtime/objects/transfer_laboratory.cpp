// SPDX-License-Identifier: MIT
#include "tests/runtime/objects/transfer_laboratory.hpp"

#include <cstdio>
#include <cstdlib>

namespace ratchet::test {

namespace fs = std::filesystem;
using git::out;

namespace {

using builder_ptr = std::unique_ptr<git_treebuilder, git::freed_by<git_treebuilder_free>>;

git_oid blob(git_repository* repository, const std::string& bytes) {
  git_oid id;
  REQUIRE(git_blob_create_from_buffer(&id, repository, bytes.data(), bytes.size()) == 0);
  return id;
}

}  // namespace

git_oid plant(git_repository* repository, const planted_files& files) {
  builder_ptr builder;
  REQUIRE(git_treebuilder_new(out(builder), repository, nullptr) == 0);
  std::map<std::string, planted_files> folders;
  for (const auto& [path, file] : files) {
    auto slash = path.find('/');
    if (slash != path.npos) {
      folders[path.substr(0, slash)][path.substr(slash + 1)] = file;
      continue;
    }
    git_oid id;
    if (file.mode == 0160000)
      REQUIRE(git_oid_fromstr(&id, "1234567890123456789012345678901234567890") == 0);
    else
      id = file.mode == 040000 ? plant(repository, {}) : blob(repository, file.bytes);
    REQUIRE(git_treebuilder_insert(nullptr, builder.get(), path.c_str(), &id,
                                   static_cast<git_filemode_t>(file.mode)) == 0);
  }
  for (const auto& [name, below] : folders) {
    git_oid id = plant(repository, below);
    REQUIRE(git_treebuilder_insert(nullptr, builder.get(), name.c_str(), &id, GIT_FILEMODE_TREE) ==
            0);
  }
  git_oid id;
  REQUIRE(git_treebuilder_write(&id, builder.get()) == 0);
  return id;
}

planted_files harvest(git_repository* repository, const std::string& tree_id) {
  git_oid id;
  REQUIRE(git_oid_fromstr(&id, tree_id.c_str()) == 0);
  planted_files files;
  git::tree_ptr tree = git::tree_of(repository, id);
  for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(tree.get(), i);
    std::string name = git_tree_entry_name(entry);
    unsigned mode = git_tree_entry_filemode_raw(entry);
    if (mode == 040000) {
      auto below = harvest(repository, git::hex(*git_tree_entry_id(entry)));
      if (below.empty()) files[name] = {mode, ""};
      for (auto& [path, file] : below) files[name + "/" + path] = file;
    } else if (mode == 0160000) {
      files[name] = {mode, ""};
    } else {
      git::blob_ptr content;
      REQUIRE(git_blob_lookup(out(content), repository, git_tree_entry_id(entry)) == 0);
      files[name] = {mode, std::string(static_cast<const char*>(git_blob_rawcontent(content.get())),
                                       git_blob_rawsize(content.get()))};
    }
  }
  return files;
}

unsigned transfer_seed() {
  const char* given = std::getenv("RATCHET_TRANSFER_SEED");
  unsigned seed = given ? static_cast<unsigned>(std::atol(given)) : std::random_device()();
  std::printf("RATCHET_TRANSFER_SEED=%u\n", seed);
  return seed;
}

transfer_laboratory::transfer_laboratory(const object_cache_limits& limits,
                                         const transfer_limits& sender)
    : node(must(open_workspaces(repo.state))),
      base(must(node->create("s", repo.settings()))),
      source(open_object_source(repo.state, sender)),
      worker_state(repo.folder.path / "worker") {
  fs::path private_git = repo.state / "sessions/s/git";
  REQUIRE(git_repository_open_bare(out(objects), private_git.c_str()) == 0);
  restart_worker(limits);
}

void transfer_laboratory::restart_worker(const object_cache_limits& limits) {
  worker.reset();
  cache.reset();
  cache = must(open_object_cache(worker_state, limits));
  worker = must(open_workspaces(worker_state));
}

std::string transfer_laboratory::base_pack(const std::string& id) {
  std::string pack;
  auto bytes = must(source->export_base("s", id, [&](std::string_view chunk) -> expected<> {
    CHECK(chunk.size() <= max_chunk_bytes);
    pack += chunk;
    return {};
  }));
  CHECK(bytes == pack.size());
  return pack;
}

expected<std::string> transfer_laboratory::take_base(const std::string& key, const std::string& id,
                                                     std::string_view pack, std::size_t step) {
  auto import = cache->import_base(key, id);
  if (!import) return import.error();
  for (; !pack.empty(); pack.remove_prefix(std::min(step, pack.size())))
    if (auto taken = (*import)->append(pack.substr(0, step)); !taken) return taken.error();
  return (*import)->finish();
}

void transfer_laboratory::send_base(const std::string& key, const std::string& id) {
  must(take_base(key, id, base_pack(id)));
}

std::size_t transfer_laboratory::leftovers() const {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(worker_state / "object_cache" / "incoming"))
    count += !entry.path().empty();
  return count;
}

git::repository_ptr transfer_laboratory::cached(const std::string& key) const {
  fs::path path = worker_state / "object_cache" / "repositories" / key;
  git::repository_ptr repository;
  REQUIRE(git_repository_open_bare(out(repository), path.c_str()) == 0);
  return repository;
}

}  // namespace ratchet::test
