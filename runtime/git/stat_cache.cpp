// SPDX-License-Identifier: MIT
#include "runtime/git/stat_cache.hpp"

#include <time.h>

#include <algorithm>
#include <fstream>

#include "runtime/git/paths.hpp"

namespace ratchet::git {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t ns(const struct timespec& t) { return t.tv_sec * second_ns + t.tv_nsec; }

auto place(auto& files, std::string_view name) {
  return std::lower_bound(files.begin(), files.end(), name,
                          [](const cached_file& f, std::string_view n) {
                            return std::string_view(f.name).compare(n) < 0;
                          });
}

const std::string& boot_id() {
  static const std::string id = [] {
    std::string line;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> line;
    return line;
  }();
  return id;
}

template <class T>
void put_raw(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_name(std::string& bytes, const std::string& name) {
  put_raw(bytes, static_cast<std::uint32_t>(name.size()));
  bytes += name;
}

void put_folder(std::string& bytes, const cached_folder& folder) {
  put_raw(bytes, static_cast<std::uint32_t>(folder.files.size()));
  for (const auto& file : folder.files) {
    put_name(bytes, file.name);
    put_raw(bytes, file.stamp);
    put_raw(bytes, file.recorded_ns);
    put_raw(bytes, file.id);
  }
  put_raw(bytes, static_cast<std::uint32_t>(folder.folders.size()));
  for (const auto& [name, below] : folder.folders) {
    put_name(bytes, name);
    put_folder(bytes, *below);
  }
}

class cache_source {
 public:
  explicit cache_source(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  T raw() {
    T value{};
    auto bytes = take(sizeof value);
    if (good_) std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
    return value;
  }
  std::string name() { return std::string(take(raw<std::uint32_t>())); }
  void folder(cached_folder& into, int depth) {
    if (depth > 4096) good_ = false;
    auto files = raw<std::uint32_t>();
    for (std::uint32_t i = 0; good_ && i < files; ++i) {
      cached_file file;
      file.name = name();
      file.stamp = raw<file_stamp>();
      file.recorded_ns = raw<std::int64_t>();
      file.id = raw<git_oid>();
      into.files.push_back(std::move(file));
    }
    auto folders = raw<std::uint32_t>();
    for (std::uint32_t i = 0; good_ && i < folders; ++i) {
      auto below = name();
      folder(into.folder(below), depth + 1);
    }
  }
  bool good() const { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t n) {
    if (n > rest_.size()) {
      good_ = false;
      return {};
    }
    auto bytes = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return bytes;
  }
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

file_stamp::file_stamp(const struct stat& s)
    : inode(s.st_ino),
      device(s.st_dev),
      size(s.st_size),
      mtime_ns(ns(s.st_mtim)),
      ctime_ns(ns(s.st_ctim)),
      mode(s.st_mode),
      links(static_cast<std::uint32_t>(s.st_nlink)) {}

bool cached_file::vouches_for(const file_stamp& now) const {
  if (!(now == stamp)) return false;
  // A whole second may mean that the file system knows no finer time.
  std::int64_t tick = now.ctime_ns % second_ns == 0 ? 2 * second_ns : 0;
  return now.ctime_ns + tick < recorded_ns;
}

cached_folder& cached_folder::folder(const std::string& name) {
  auto& below = folders[name];
  if (!below) below = std::make_unique<cached_folder>();
  return *below;
}

cached_folder& cached_folder::folder_beneath(std::string_view path) {
  cached_folder* at = this;
  while (!path.empty()) {
    auto slash = path.find('/');
    at = &at->folder(std::string(path.substr(0, slash)));
    path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
  }
  return *at;
}

const cached_folder* cached_folder::find_beneath(std::string_view path) const {
  const cached_folder* at = this;
  while (at && !path.empty()) {
    auto slash = path.find('/');
    auto below = at->folders.find(path.substr(0, slash));
    at = below == at->folders.end() ? nullptr : below->second.get();
    path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
  }
  return at;
}

cached_file* cached_folder::find_file_beneath(const std::string& path) {
  auto [folder, name] = split_path(path);
  auto* at = const_cast<cached_folder*>(find_beneath(folder));  // NOLINT: as we are not const
  return at ? at->find(name) : nullptr;
}

cached_file* cached_folder::find(std::string_view name) {
  auto it = place(files, name);
  return it != files.end() && it->name == name ? &*it : nullptr;
}

void cached_folder::put(cached_file file) {
  tree.reset();
  auto it = place(files, file.name);
  if (it != files.end() && it->name == file.name)
    *it = std::move(file);
  else
    files.insert(it, std::move(file));
}

void cached_folder::drop(std::string_view name) {
  tree.reset();
  auto it = place(files, name);
  if (it != files.end() && it->name == name) files.erase(it);
  if (auto below = folders.find(name); below != folders.end()) folders.erase(below);
}

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 14695981039346656037ull;
  for (unsigned char c : bytes) sum = (sum ^ c) * 1099511628211ull;
  return sum;
}

std::int64_t coarse_now_ns() {
  struct timespec now;
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return ns(now);
}

std::string save_cache(const cached_folder& root) {
  std::string bytes = "RSC1";
  put_name(bytes, boot_id());
  put_folder(bytes, root);
  put_raw(bytes, checksum(bytes));
  return bytes;
}

std::unique_ptr<cached_folder> load_cache(std::string_view bytes) {
  auto root = std::make_unique<cached_folder>();
  std::uint64_t sum;
  if (bytes.size() < 4 + sizeof sum || bytes.substr(0, 4) != "RSC1") return root;
  std::memcpy(&sum, bytes.data() + bytes.size() - sizeof sum, sizeof sum);
  bytes.remove_suffix(sizeof sum);
  if (sum != checksum(bytes)) return root;
  cache_source source(bytes.substr(4));
  if (source.name() != boot_id() || boot_id().empty()) return root;
  source.folder(*root, 0);
  if (!source.good()) root = std::make_unique<cached_folder>();
  return root;
}

}  // namespace ratchet::git
