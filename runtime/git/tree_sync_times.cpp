// SPDX-License-Identifier: MIT
//
// What a sync does about the times of files, and what it sees of builds.
#include <fcntl.h>

#include "runtime/git/build_traces.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_sync.hpp"

namespace ratchet::git {

cached_file tree_sync::in_time(const place& here, const wanted_entry& wanted,
                               const cached_file* cached, const struct stat& status,
                               std::int64_t moment) {
  cached_file entry{wanted.name, file_stamp(status), moment, wanted.id};
  const bool same_content = cached && git_oid_equal(&cached->id, &wanted.id) != 0;
  std::optional<std::int64_t> due;
  if (wanted.mtime_ns != 0) {
    due = wanted.mtime_ns;
  } else if (options_.dates && !options_.times_stand && S_ISREG(status.st_mode)) {
    const bool any = !options_.dates->empty();
    const std::string path = any || !same_content ? joined(here.path, wanted.name) : "";
    const bool has = any && options_.dates->has(path);
    if (has) due = options_.dates->known(path, wanted.id);
    if (!due && !has && same_content && cached->dated) due = cached->stamp.mtime_ns;
    if (!due && options_.repair && (has || (cached && !same_content))) {
      undated_file undated{path, wanted.id, entry.stamp.size, std::nullopt, 0};
      if (cached && !same_content) {
        undated.before = dated_blob{cached->id, cached->stamp.mtime_ns};
        undated.size_before = cached->stamp.size;
      }
      undated_.push_back(std::move(undated));
      entry.recorded_ns = 0;  // vouches for nothing until it has its time
      return entry;
    }
  }
  const bool late = due && *due != entry.stamp.mtime_ns;
  if (late && options_.repair) {
    auto path = joined(here.path, wanted.name);
    entry.stamp = file_stamp(set_mtime(here.dir, wanted.name.c_str(), *due, path));
    entry.recorded_ns = coarse_now_ns();
  } else if (late) {
    if (options_.tell_retimed)
      differences_.push_back(
          {joined(here.path, wanted.name), found_as::retimed, false, false, wanted.product});
    // Its time will be put back yet: do not take it for the one it is to have.
    if (same_content && !options_.times_stand) return *cached;
  }
  entry.dated = options_.repair || options_.times_stand;
  return entry;
}

void tree_sync::look_for_build(int dir, const char* name, const std::string& path) {
  if (build_seen_ || looks_left_-- <= 0 || !options_.dates || options_.dates->build_seen()) return;
  struct stat now;
  if (::fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) < 0) return;
  if (S_ISREG(now.st_mode)) {
    build_seen_ = shows_building(path, trace_of(path, read_head(dir, name, trace_head)));
  } else if (S_ISDIR(now.st_mode)) {
    descriptor below = open_folder(dir, name);
    if (!below) return;
    folder_names names(below.get());
    for (const auto& entry : names.entries())
      look_for_build(below.get(), entry.name.data(), joined(path, entry.name));
  }
}

}  // namespace ratchet::git
