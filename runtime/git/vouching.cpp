// SPDX-License-Identifier: MIT
#include "runtime/git/vouching.hpp"

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "runtime/git/beneath.hpp"
#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace {

constexpr std::size_t few_files = 5'000;
constexpr unsigned most_threads = 4;

struct folder_to_see {
  cached_folder* cache;
  std::string path;
};

/// Parents before what they hold. Returns the number of files.
std::size_t list_folders(cached_folder& cache, const std::string& path,
                         std::vector<folder_to_see>& into) {
  cache.vouched = false;
  std::size_t files = cache.files.size();
  for (auto& [name, below] : cache.folders) {
    std::string inside = path.empty() ? name : path + "/" + name;
    into.push_back({below.get(), inside});
    files += list_folders(*below, inside, into);
  }
  return files;
}

bool looks_the_same(int root, const folder_to_see& seen) {
  const cached_folder& cache = *seen.cache;
  if (!cache.tree) return false;
  descriptor dir = open_folder_beneath(root, seen.path);
  struct stat now;
  if (!dir || ::fstat(dir.get(), &now) < 0 || (now.st_mode & 07777) != 0755) return false;
  folder_names names(dir.get());
  auto file = cache.files.begin();
  std::size_t folders = 0;
  for (const auto& entry : names.entries()) {
    if (file != cache.files.end() && file->name == entry.name) {
      if (::fstatat(dir.get(), file->name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0 ||
          !file->vouches_for(file_stamp(now)))
        return false;
      ++file;
    } else if (cache.folders.find(entry.name) != cache.folders.end()) {
      ++folders;  // whether it is one shows when it is opened itself
    } else {
      return false;
    }
  }
  return file == cache.files.end() && folders == cache.folders.size();
}

}  // namespace

std::size_t vouch_for_folders(int root, cached_folder& cache) {
  std::vector<folder_to_see> folders;
  const std::size_t files = list_folders(cache, "", folders);
  if (files < few_files) return files;
  std::atomic<std::size_t> next{0};
  auto look = [&] {
    for (std::size_t i; (i = next++) < folders.size();) try {
        folders[i].cache->vouched = looks_the_same(root, folders[i]);
      } catch (const refusal&) {  // the sync will say why it cannot be read
      }
  };
  {
    std::vector<std::jthread> others;
    unsigned threads = std::min(most_threads, std::max(1u, std::thread::hardware_concurrency()));
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(look);
    look();
  }
  // Children come after their parents: from the back, each tells its parent.
  for (std::size_t i = folders.size(); i-- > 0;) {
    auto& own = *folders[i].cache;
    own.vouched = own.vouched && std::all_of(own.folders.begin(), own.folders.end(),
                                             [](const auto& f) { return f.second->vouched; });
  }
  return files;
}

}  // namespace ratchet::git
