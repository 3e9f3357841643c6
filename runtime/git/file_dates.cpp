// SPDX-License-Identifier: MIT
#include "runtime/git/file_dates.hpp"

#include <time.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "runtime/git/build_traces.hpp"
#include "runtime/git/stat_cache.hpp"

namespace ratchet::git {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
/// A content this many changes ago may share a second before anybody waits for the next one: a
/// cache of byte code holds the last content that was run.
constexpr std::size_t lately = 8;
/// So far back an unused second is looked for.
constexpr std::int64_t most_seconds_back = 512;

std::int64_t second_of(std::int64_t ns) {
  return ns >= 0 ? ns / second_ns : -((-ns + second_ns - 1) / second_ns);
}

bool same(const git_oid& a, const git_oid& b) { return git_oid_equal(&a, &b) != 0; }

}  // namespace

std::int64_t fine_now_ns() {
  struct timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * second_ns + now.tv_nsec;
}

void file_dates::snapshot(snapshot_dates dates, std::optional<std::int64_t> latest_ns) {
  snapshot_ = std::move(dates);
  latest_ns_ = latest_ns;
}

std::int64_t file_dates::earliest_second() const {
  return latest_ns_ ? second_of(*latest_ns_) + 1 : std::numeric_limits<std::int64_t>::min();
}

std::optional<std::int64_t> file_dates::known(const std::string& path, const git_oid& blob) const {
  auto recorded = snapshot_.find(path);
  const bool as_snapshot = recorded != snapshot_.end() && same(recorded->second.blob, blob);
  auto given = given_.find(path);
  if (given == given_.end())
    return as_snapshot ? std::optional(recorded->second.mtime_ns) : std::nullopt;
  if (!same(given->second.now.blob, blob)) return std::nullopt;
  const std::int64_t time = given->second.now.mtime_ns;
  if (as_snapshot && time == recorded->second.mtime_ns) return time;
  return second_of(time) >= earliest_second() ? std::optional(time) : std::nullopt;
}

bool file_dates::has(const std::string& path) const {
  return given_.contains(path) || snapshot_.contains(path);
}

std::optional<std::int64_t> file_dates::time_of(const undated_file& file, std::int64_t now_ns,
                                                std::int64_t& wait_until_ns) const {
  auto recorded = snapshot_.find(file.path);
  if (builds_here_ && recorded != snapshot_.end() && same(recorded->second.blob, file.blob))
    return recorded->second.mtime_ns;
  std::vector<past_content> past;
  if (auto given = given_.find(file.path); given != given_.end()) past = given->second.past;
  if (file.before)
    past.push_back({file.before->blob, second_of(file.before->mtime_ns), file.size_before});
  auto free = [&](std::int64_t second, std::size_t depth) {
    const std::size_t first = past.size() - std::min(depth, past.size());
    return std::none_of(
        past.begin() + static_cast<std::ptrdiff_t>(first), past.end(), [&](const auto& p) {
          return p.second == second && p.size == file.size && !same(p.blob, file.blob);
        });
  };
  const std::int64_t now = second_of(now_ns);
  const std::int64_t earliest = earliest_second();
  if (earliest > now) {
    if (earliest * second_ns - now_ns <= second_ns) {
      wait_until_ns = earliest * second_ns;
      return std::nullopt;
    }
    std::int64_t second = earliest;  // products of the future: nothing else is later
    while (!free(second, remembered)) ++second;
    return second * second_ns;
  }
  if (is_compiled_source(file.path)) return now_ns;  // compared by order alone
  if (builds_here_)
    for (auto p = past.rbegin(); p != past.rend(); ++p)
      if (same(p->blob, file.blob) && p->second >= earliest && p->second < now &&
          free(p->second, remembered))
        return p->second * second_ns;
  if (free(now, remembered)) return now_ns;
  if (!builds_here_) {
    std::int64_t second = now + 1;
    while (!free(second, remembered)) ++second;
    return second * second_ns;
  }
  for (std::size_t depth : {remembered, lately})
    for (std::int64_t second = now; second >= earliest && now - second < most_seconds_back;
         --second)
      if (free(second, depth)) return second == now ? now_ns : second * second_ns;
  wait_until_ns = (now + 1) * second_ns;
  return std::nullopt;
}

file_dates::choice file_dates::choose(const std::vector<undated_file>& files, std::int64_t now_ns) {
  choice all;
  for (const auto& file : files) {
    std::int64_t wait = 0;
    auto time = time_of(file, now_ns, wait);
    if (!time) return {{}, wait};
    all.times.push_back(*time);
  }
  for (std::size_t i = 0; i < files.size(); ++i) remember(files[i], all.times[i]);
  return all;
}

void file_dates::remember(const undated_file& file, std::int64_t time_ns) {
  changed_ = true;
  // The least that can go wrong without them is a compilation.
  if (given_.size() >= most_paths && !given_.contains(file.path)) given_.erase(given_.begin());
  auto& given = given_[file.path];
  auto add = [&](const git_oid& blob, std::int64_t ns, std::int64_t size) {
    past_content content{blob, second_of(ns), size};
    std::erase_if(given.past, [&](const auto& p) {
      return p.second == content.second && p.size == size && same(p.blob, blob);
    });
    given.past.push_back(content);
  };
  if (file.before) add(file.before->blob, file.before->mtime_ns, file.size_before);
  add(file.blob, time_ns, file.size);
  if (given.past.size() > remembered)
    given.past.erase(given.past.begin(),
                     given.past.end() - static_cast<std::ptrdiff_t>(remembered));
  given.now = {file.blob, time_ns};
}

// -- as a file: "RFD1", then a sum of all before it at the end; raw numbers of this machine ------

namespace {

template <class T>
void put(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
bool take(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

}  // namespace

std::string file_dates::save() {
  std::string bytes = "RFD1";
  put(bytes, builds_here_);
  put(bytes, tree_.value_or(git_oid{}));
  for (const auto& [path, given] : given_) {
    put(bytes, static_cast<std::uint32_t>(path.size()));
    bytes += path;
    put(bytes, given.now);
    put(bytes, static_cast<std::uint32_t>(given.past.size()));
    for (const auto& p : given.past) put(bytes, p);
  }
  put(bytes, checksum(bytes));
  changed_ = moved_ = false;
  return bytes;
}

void file_dates::load(std::string_view bytes) {
  std::uint64_t sum = 0;
  if (bytes.size() < 4 + sizeof sum || !bytes.starts_with("RFD1")) return;
  std::string_view tail = bytes.substr(bytes.size() - sizeof sum);
  bytes.remove_suffix(sizeof sum);
  if (!take(tail, sum) || sum != checksum(bytes)) return;
  bytes.remove_prefix(4);
  git_oid tree{};
  if (!take(bytes, builds_here_) || !take(bytes, tree)) return;
  if (!git_oid_is_zero(&tree)) tree_ = tree;
  std::uint32_t length = 0, count = 0;
  while (take(bytes, length) && length <= bytes.size()) {
    std::string path(bytes.substr(0, length));
    bytes.remove_prefix(length);
    path_dates given;
    if (!take(bytes, given.now) || !take(bytes, count) || count > remembered) return;
    given.past.resize(count);
    for (auto& p : given.past)
      if (!take(bytes, p)) return;
    given_[path] = std::move(given);
  }
}

}  // namespace ratchet::git
