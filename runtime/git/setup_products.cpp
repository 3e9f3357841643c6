// SPDX-License-Identifier: MIT
#include "runtime/git/setup_products.hpp"

#include <fcntl.h>

#include <algorithm>
#include <charconv>

#include "runtime/git/in_place.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

namespace {

constexpr std::int64_t long_ago_ns =
    946'684'800'000'000'000;  // 2000: archives know nothing earlier

char letter(const kept_entry& entry) {
  char c = entry.kind == entry_kind::file         ? 'f'
           : entry.kind == entry_kind::executable ? 'x'
           : entry.kind == entry_kind::link       ? 'l'
                                                  : 'd';
  return entry.over_tracked ? static_cast<char>(c - 'a' + 'A') : c;
}

void put_digits(std::string& bytes, std::uint64_t value, int digits, int bits) {
  for (int i = digits - 1; i >= 0; --i)
    bytes += "0123456789abcdef"[(value >> (i * bits)) & ((1U << bits) - 1)];
}

std::optional<std::uint64_t> take_digits(std::string_view& entry, std::size_t digits, int base) {
  std::uint64_t value = 0;
  if (entry.size() < digits) return std::nullopt;
  auto [end, error] = std::from_chars(entry.data(), entry.data() + digits, value, base);
  if (error != std::errc{} || end != entry.data() + digits) return std::nullopt;
  entry.remove_prefix(digits);
  return value;
}

std::optional<kept_entry> product_of(std::string_view entry, bool dated) {
  kept_entry kept;
  const char c = static_cast<char>(entry[0] | 0x20);
  kept.over_tracked = !dated || c != entry[0];  // the old list did not tell
  kept.kind = c == 'f'   ? entry_kind::file
              : c == 'x' ? entry_kind::executable
              : c == 'l' ? entry_kind::link
                         : entry_kind::empty_folder;
  entry.remove_prefix(1);
  if (dated) {
    auto mode = take_digits(entry, 3, 8);
    auto time = mode ? take_digits(entry, 16, 16) : std::nullopt;
    if (!time) return std::nullopt;
    kept.mode = static_cast<mode_t>(*mode);
    kept.mtime_ns = static_cast<std::int64_t>(*time);
  } else if (c == 'f' || c == 'x') {
    kept.mtime_ns = long_ago_ns;
  }
  if (entry.size() < 41) return std::nullopt;
  kept.id = parse_id(entry.substr(0, 40), "blob");
  kept.path = entry.substr(40);
  return kept;
}

bool add_entry(snapshot_record& snapshot, std::string_view entry, bool dated) {
  if (entry.empty()) return false;
  if (!dated || entry[0] != 't') {
    auto kept = product_of(entry, dated);
    if (kept) snapshot.products.push_back(std::move(*kept));
    return kept.has_value();
  }
  entry.remove_prefix(1);
  auto time = take_digits(entry, 16, 16);
  if (!time || entry.size() < 41) return false;
  snapshot.tracked[std::string(entry.substr(40))] = {parse_id(entry.substr(0, 40), "blob"),
                                                     static_cast<std::int64_t>(*time)};
  return true;
}

bool is_gitfile_of_submodule(const git_tree* tree, const difference& d) {
  auto [folder, name] = split_path(d.path);
  if (name != ".git" || d.folder) return false;
  auto entry = entry_at(tree, folder);
  return entry && git_tree_entry_filemode(entry.get()) == GIT_FILEMODE_COMMIT;
}

}  // namespace

std::string encode_setup(const snapshot_record& snapshot) {
  std::string bytes("2\0", 2);
  for (const auto& entry : snapshot.products) {
    bytes += letter(entry);
    put_digits(bytes, entry.mode & 0777, 3, 3);
    put_digits(bytes, static_cast<std::uint64_t>(entry.mtime_ns), 16, 4);
    bytes += hex(entry.id) + entry.path + '\0';
  }
  for (const auto& [path, dated] : snapshot.tracked) {
    bytes += 't';
    put_digits(bytes, static_cast<std::uint64_t>(dated.mtime_ns), 16, 4);
    bytes += hex(dated.blob) + path + '\0';
  }
  return bytes + 'E' + '\0';
}

snapshot_record decode_setup(const std::string& bytes) {
  snapshot_record snapshot;
  const bool dated = bytes.starts_with(std::string_view("2\0", 2));
  for (std::size_t at = dated ? 2 : 0; at < bytes.size();) {
    std::size_t end = bytes.find('\0', at);
    if (end == bytes.npos) break;
    std::string_view entry(bytes.data() + at, end - at);
    if (entry == "E") return snapshot;
    if (!add_entry(snapshot, entry, dated)) break;
    at = end + 1;
  }
  refuse(errc::workspace_failed,
         "the list of what the setup command and builds made is damaged; start a new session");
}

product_list::product_list(const std::vector<kept_entry>& products) {
  for (const auto& p : products) put(p);
}

std::vector<kept_entry> product_list::take() {
  std::vector<kept_entry> products;
  products.reserve(by_path_.size());
  for (auto& [path, product] : by_path_) products.push_back(std::move(product));
  by_path_.clear();
  return products;
}

std::optional<std::int64_t> latest_of(const std::vector<kept_entry>& products) {
  std::optional<std::int64_t> latest;
  for (const auto& p : products)
    if (p.kind == entry_kind::file || p.kind == entry_kind::executable)
      latest = std::max(latest.value_or(p.mtime_ns), p.mtime_ns);
  return latest;
}

void session_workspace::keep_setup() {
  descriptor work = work_or_refuse();
  overlay_.drop();
  forget_content();
  forget_built();
  sync_options look = options(false);
  look.enter_extra = true;
  look.loose_modes = true;
  look.times_stand = look.tell_retimed = true;
  look.enter_repositories = !record_.in_place();
  cache_unsaved_ = true;
  auto found = tree_sync(*reader_, *cache_, look).run(work.get(), record_.base_tree);
  auto ours = [&](const difference& d) {  // the commit's version counts, whatever setup did
    return bounds_.targets.names(d.path) ||
           (d.what != found_as::extra &&
            (bounds_.allow(d.path) || is_within_any(d.path, record_.protected_paths)));
  };
  if (record_.in_place()) {
    for (const auto& d : found) {
      if (ours(d)) continue;
      if (d.what == found_as::extra && d.folder && !d.repository)
        preserved_.folders.insert(d.path);
      else
        preserved_.left_alone.insert(d.path);
    }
    replace_file(folder_.get(), "preserved", encode_preserved(preserved_), true);
    return;
  }
  product_list products(kept_);
  tree_ptr base = tree_of(private_.get(), record_.base_tree);
  for (const auto& d : found) {
    // The run's view of git is ours: what setup did to that does not last, nor does the `.git` of a
    // submodule that it filled, which names a folder there.
    if (ours(d) || d.what == found_as::missing || is_within(d.path, ".git")) continue;
    if (is_gitfile_of_submodule(base.get(), d)) continue;
    if (auto kept = stored_product(work.get(), d)) products.put(std::move(*kept));
  }
  kept_ = products.take();
  make_reader();
  record_snapshot(record_.base_tree);
}

}  // namespace ratchet::git
