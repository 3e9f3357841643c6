// SPDX-License-Identifier: MIT
//
// The times of files in the work tree (file_dates.hpp chooses them).
#include <fcntl.h>
#include <time.h>

#include <algorithm>

#include "runtime/git/paths.hpp"
#include "runtime/git/session_workspace.hpp"

namespace ratchet::git {

namespace {

/// In place, more untracked files than these are not looked at for the latest.
constexpr std::size_t most_user_products = 10'000;
void sleep_until_ns(std::int64_t ns) {
  struct timespec until {
    static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)
  };
  while (::clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

}  // namespace

void session_workspace::look_for_user_products() {
  std::optional<std::int64_t> latest;
  std::size_t seen = 0;
  descriptor root = work_or_refuse();
  for (const auto& path : preserved_.left_alone) {
    if (++seen > most_user_products) {
      latest = fine_now_ns();
      break;
    }
    auto [folder, name] = split_path(path);
    descriptor at = open_folder_beneath(root.get(), folder);
    struct stat now;
    if (!at || ::fstatat(at.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(now.st_mode))
      continue;
    latest = std::max(latest.value_or(0), file_stamp(now).mtime_ns);
  }
  dates_.latest_product(latest);
}

std::vector<std::int64_t> session_workspace::choose_dates(const std::vector<undated_file>& files) {
  if (files.empty()) return {};
  if (record_.in_place()) look_for_user_products();
  for (;;) {
    auto choice = dates_.choose(files, fine_now_ns());
    if (choice.wait_until_ns == 0) return std::move(choice.times);
    sleep_until_ns(choice.wait_until_ns);
  }
}

void session_workspace::date_files(int root, tree_sync& sync) {
  if (sync.build_seen() && !record_.in_place()) dates_.builds_here();
  const auto files = sync.take_undated();
  const auto times = choose_dates(files);
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto [folder, name] = split_path(files[i].path);
    descriptor at = open_folder_beneath(root, folder);
    if (!at) refuse_errno("set the time of " + files[i].path);
    const std::int64_t moment = coarse_now_ns();
    auto stamp = file_stamp(set_mtime(at.get(), name.c_str(), times[i], files[i].path));
    if (auto* cached = cached_at(files[i].path)) {
      cached->stamp = stamp;
      cached->recorded_ns = moment;
      cached->dated = true;
    }
  }
  save_dates();
}

cached_file* session_workspace::cached_at(const std::string& path) {
  return cache_->find_file_beneath(path);
}

void session_workspace::save_dates(bool at_once) {
  if (!dates_.changed() && !dates_.moved()) return;
  if (!at_once && !dates_.has_products()) return;
  replace_file(folder_.get(), "dates", dates_.save(), false);
}

}  // namespace ratchet::git
